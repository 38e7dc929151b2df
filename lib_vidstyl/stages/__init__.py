"""The stages, in their order. A new one is a file here and a line below."""

from lib_vidstyl.stages import decode, deflicker, encode, keyframes, paint, propagate, report, upscale

STAGES = (decode.STAGE, keyframes.STAGE, paint.STAGE, propagate.STAGE, deflicker.STAGE, upscale.STAGE, report.STAGE, encode.STAGE)
