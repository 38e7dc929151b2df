"""The embedded looks: functions of (picture (H, W, 3) float32 RGB 0-1, unit, rng) to a picture of the same kind."""

from lib_vidstyl.stylizers.looks.drawn import cartoon, ink, pencil
from lib_vidstyl.stylizers.looks.strokes import oil, pointillism, stippling
from lib_vidstyl.stylizers.looks.wet import screenprint, watercolour

LOOKS = {look.__name__: look for look in (oil, watercolour, pencil, ink, cartoon, stippling, pointillism, screenprint)}
