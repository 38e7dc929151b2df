"""What patches are compared by: styled picture, source, its edges and a mask, packed eight numbers to a pixel."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth.schedule import Weights

Image = NDArray[np.uint8]
Planes = NDArray[np.int16]
"""(H + 4, W + 4, 8) int16: red, green, blue of the styled picture; red, green, blue of the source; edges; mask."""

RADIUS = 2
UNIT = 4
"""One grey level of a guide of weight 1 counts as this much, so that small weights survive rounding."""


def scales(weights: Weights) -> NDArray[np.float32]:
    """(8,) float32: what each channel is multiplied by, so that plain squares give the weighted distance."""
    shares = [weights.style / 3] * 3 + [weights.image / 3] * 3 + [weights.edges, weights.mask]
    return (UNIT * np.sqrt(shares)).astype(np.float32)


def pack(styled: Image, source: Image, mask: Image | None, scale: NDArray[np.float32]) -> Planes:
    """The padded guides of one picture. styled, source: (H, W, 3 or more) uint8; mask: (H, W) uint8; scale: see `scales`."""
    height, width = source.shape[:2]
    parts = [cv2.multiply(part, np.full(4, factor, np.float64), dtype=cv2.CV_16S)
             for part, factor in ((styled, scale[0]), (source, scale[3]))]
    flat = np.zeros((height, width), np.int16) if mask is None else cv2.multiply(mask, float(scale[7]), dtype=cv2.CV_16S)
    planes = np.empty((height, width, 8), np.int16)
    cv2.mixChannels([*parts, _edges(source, float(scale[6])), flat], [planes], _places(parts[0]))
    return bordered(planes)


def _places(styled: Any) -> list[int]:
    """Which input channel goes where: the fourth of a styled picture is left out."""
    channels = styled.shape[2]
    wanted = [0, 1, 2, *range(channels, channels + 5)]
    return [number for pair in zip(wanted, range(8), strict=True) for number in pair]


def _edges(source: Image, scale: float) -> NDArray[np.int16]:
    """(H, W): brightness less its blur (sigma 3), times scale."""
    grey = cv2.cvtColor(source, cv2.COLOR_RGB2GRAY)
    return cv2.addWeighted(grey, scale, cv2.GaussianBlur(grey, (0, 0), 3), -scale, 0, dtype=cv2.CV_16S)


def bordered(picture: Any) -> Any:
    """(H, W, C) with the outermost pixels repeated RADIUS times on every side."""
    wide = np.empty((picture.shape[0] + 2 * RADIUS, picture.shape[1] + 2 * RADIUS, picture.shape[2]), picture.dtype)
    wide[RADIUS:-RADIUS, RADIUS:-RADIUS] = picture
    return repeated(wide)


def repeated(planes: Any) -> Any:
    """Fill the border of a bordered picture from its outermost inner pixels, in place; returns it."""
    planes[:RADIUS], planes[-RADIUS:] = planes[RADIUS], planes[-RADIUS - 1]
    planes[:, :RADIUS], planes[:, -RADIUS:] = planes[:, RADIUS:RADIUS + 1], planes[:, -RADIUS - 1:-RADIUS]
    return planes


def shrunk(picture: Any, factor: int) -> Any:
    """A picture (H, W[, C]) at a level of the pyramid; None stays None."""
    if factor == 1 or picture is None:
        return picture
    height, width = picture.shape[:2]
    return cv2.resize(picture, (max(1, round(width / factor)), max(1, round(height / factor))), interpolation=cv2.INTER_AREA)
