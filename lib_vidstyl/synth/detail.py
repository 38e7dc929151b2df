"""Fine detail as the key has it: what resampling and voting have softened is raised again."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth.guides import Image
from lib_vidstyl.synth.key import around

MOST = 1.5
"""Detail is raised to this much more than what is there, at most: beyond that it would be noise."""
SIGMA = 0.8
"""What is finer than this many pixels is what is raised."""
WEAKEST = 0.4
"""Least share of the detail that is finer than SIGMA: below, no amount would bring more."""
OPAQUE = 250
"""Alpha from which on colours are those of the picture alone."""
STRENGTH = 1.15
"""Makes up for what is lost where the amount is smoothed: edges lie beside flat areas that lack nothing."""


def restored(image: Image, wanted: NDArray[np.float32], where: NDArray[np.float32]) -> Image:
    """The picture with as much fine detail around each pixel as `wanted` says, where it has less.

    image: (H, W, 3 or 4) uint8; alpha is left alone. wanted: (H, W) float32, see `key.detail_of`. where: (H, W) float32, 0 to 1,
    how far each pixel may be sharpened. Brightness is sharpened, colours stay.
    """
    grey = cv2.cvtColor(np.ascontiguousarray(image[..., :3]), cv2.COLOR_RGB2GRAY).astype(np.float32)
    amount = cv2.blur(_lack(grey, wanted), (9, 9)) * where
    raised = amount * (grey - cv2.GaussianBlur(grey, (0, 0), SIGMA))
    channels = [cv2.add(channel, raised, dtype=cv2.CV_8U) for channel in cv2.split(image)[:3]]
    return cv2.merge([*channels, *cv2.split(image)[3:]])


def solid(picture: NDArray[Any]) -> NDArray[np.float32] | float:
    """(H, W): 1 well inside of what has alpha, 0 elsewhere, for the edge of a cut-out is no detail; 1 where there is no alpha."""
    if picture.shape[2] == 3:
        return 1.0
    return cv2.erode((picture[..., 3] > OPAQUE).astype(np.float32), np.ones((5, 5), np.uint8))


def _lack(grey: NDArray[np.float32], wanted: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W): how often what is finer than SIGMA must be added, for the detail to become what is wanted."""
    fine = cv2.Laplacian(grey, cv2.CV_32F)
    there = np.maximum(around(fine), 1)
    response = np.maximum(around(fine - cv2.GaussianBlur(fine, (0, 0), SIGMA)) / there, WEAKEST)
    return np.clip(wanted / there - 1, 0, MOST) * np.float32(STRENGTH) / response
