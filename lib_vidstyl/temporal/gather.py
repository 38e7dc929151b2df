"""The pictures around a frame added up along the motion: by compiled loops where numba is installed, else by OpenCV."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow, grid

Layers = NDArray[np.uint8]
Values = NDArray[np.float32]
Stored = NDArray[np.int16]
STEPS = 32
"""Fixed point of kept flow: steps a pixel."""
NOISE = 20.0
"""Levels of 255 by which a moved source pixel may differ and still count about a third."""


@dataclass
class Sum:
    """What has been added up so far. total: (H, W, 3), weights: (H, W), both float32; the frame itself counts fully."""

    total: Values
    weights: Values

    @classmethod
    def of(cls, layers: Layers) -> Sum:
        """Begin with the frame in question, (H, W, 4) uint8: its colours and its source's smoothed brightness."""
        return cls(layers[..., :3].astype(np.float32), np.ones(layers.shape[:2], np.float32))

    def mean(self) -> Values:
        """(H, W, 3) float32."""
        return self.total / self.weights[..., None]


@dataclass
class Path:
    """Where the frame's pixels are in another frame, (H, W, 2) float32, x then y; `place` moves on from frame to frame."""

    place: Flow = field(default_factory=lambda: np.zeros((0, 0, 2), np.float32))

    @classmethod
    def home(cls, height: int, width: int) -> Path:
        """Every pixel in its own place."""
        return cls(grid(height, width))


Step = Callable[[Path, Stored, Layers, NDArray[np.uint8], Sum], None]
"""(path, flow from the frame reached so far to the next, that one's layers, brightness of the frame in question, sum):
follows the path one frame on and adds what is there, weighed by how alike the sources are."""


def plain(path: Path, leg: Stored, layers: Layers, here: NDArray[np.uint8], into: Sum) -> None:
    """A Step by OpenCV and numpy."""
    moved_on = cv2.remap(leg.astype(np.float32), path.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    path.place = path.place + moved_on * np.float32(1 / STEPS)
    moved = cv2.remap(layers, path.place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    off = cv2.absdiff(here, np.ascontiguousarray(moved[..., 3])).astype(np.float32)
    height, width = here.shape
    share = cv2.exp(-np.square(off * np.float32(1 / NOISE)))
    x, y = path.place[..., 0], path.place[..., 1]
    share[(x < 0) | (y < 0) | (x > width - 1) | (y > height - 1) | (off >= 3 * NOISE)] = 0
    into.total += cv2.multiply(moved[..., :3], cv2.merge([share] * 3), dtype=cv2.CV_32F)
    into.weights += share


def compiled(path: Path, leg: Stored, layers: Layers, here: NDArray[np.uint8], into: Sum) -> None:
    """A Step by numba's loops."""
    from lib_vidstyl.temporal import kernels

    kernels.gather(path.place, leg, np.float32(1 / STEPS), layers, here, np.float32(1 / NOISE), into.total, into.weights,
                   kernels.TAPS, kernels.WIDE)


@lru_cache(maxsize=1)
def usual() -> Step:
    """The fastest Step of this machine."""
    return compiled if importlib.util.find_spec("numba") and importlib.util.find_spec("llvmlite") else plain
