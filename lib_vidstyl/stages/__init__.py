"""The stages, in their order. A new one is a file here and a line below."""

from lib_vidstyl.stages import decode, encode, paint, upscale

STAGES = (decode.STAGE, paint.STAGE, upscale.STAGE, encode.STAGE)
