"""Fine detail as the key has it: what resampling and voting have softened is raised again."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth.guides import Image
from lib_vidstyl.synth.key import detail_of

MOST = 1.0
"""Detail is raised to twice what is there, at most: beyond that it would be noise."""


def restored(image: Image, wanted: NDArray[np.float32], where: NDArray[np.float32]) -> Image:
    """The picture with as much fine detail around each pixel as `wanted` says, where it has less.

    image: (H, W, 3 or 4) uint8; alpha is left alone. wanted: (H, W) float32, see `key.detail_of`. where: (H, W) float32, 0 to 1,
    how far each pixel may be sharpened. Brightness is sharpened, colours stay.
    """
    lack = cv2.divide(wanted, cv2.max(detail_of(image), 1.0)) - 1
    amount = cv2.blur(np.clip(lack, 0, MOST), (9, 9)) * where
    grey = cv2.cvtColor(np.ascontiguousarray(image[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    raised = amount * (grey - cv2.GaussianBlur(grey, (0, 0), 0.8))
    channels = [cv2.add(channel, raised, dtype=cv2.CV_8U) for channel in cv2.split(image)[:3]]
    return cv2.merge([*channels, *cv2.split(image)[3:]])
