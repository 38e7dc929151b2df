"""Working size, and pictures brought to it."""

from __future__ import annotations

from typing import TypeVar

import cv2
import numpy as np
from numpy.typing import NDArray

Pixels = TypeVar("Pixels", bound=NDArray[np.uint8])


def working_size(width: int, height: int, *, longest_side: int, multiple: int = 8) -> tuple[int, int]:
    """(width, height) in multiples of `multiple`, closest to a clip's shape, `longest_side` pixels on the longer side.

    `longest_side` is itself rounded to a multiple; 0 keeps the clip's own size, rounded. Never 0 on a side.
    """
    longest = max(width, height)
    scale = (_rounded(longest_side, multiple) if longest_side else longest) / longest
    return _rounded(width * scale, multiple), _rounded(height * scale, multiple)


def _rounded(length: float, multiple: int) -> int:
    return max(multiple, int(length / multiple + 0.5) * multiple)


def resized(image: Pixels, size: tuple[int, int]) -> Pixels:
    """A picture (H, W, 3) or plane (H, W), uint8, at size (width, height): area mean down, Lanczos up."""
    height, width = image.shape[:2]
    if (width, height) == tuple(size):
        return image
    smaller = size[0] * size[1] < width * height
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LANCZOS4)
