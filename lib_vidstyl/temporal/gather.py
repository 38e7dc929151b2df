"""The pictures around a frame added up along the motion: by compiled loops where numba is installed, else by OpenCV."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.compiling import CPU, available, check_device
from lib_vidstyl.motion.warp import Flow, grid

Image = NDArray[np.uint8]
Values = NDArray[np.float32]
Stored = NDArray[np.int16]
STEPS = 32
"""Fixed point of kept flow: steps a pixel."""
NOISE = 20.0
"""Levels of 255 by which a moved source pixel's brightness may differ and still count about a third."""
HUE_NOISE = 10.0
"""The same for its two colour differences (Cr, Cb)."""
FAR = 9.0
"""Squared difference, in such units, from which on a pixel counts nothing."""


class Layers(NamedTuple):
    """What is moved along together. picture: (H, W, 4) uint8, the stylised colours and the source's brightness. hue: (H, W, 2)
    uint8, the source's colour differences. What is of the source is smoothed.
    """

    picture: Image
    hue: Image


@dataclass
class Sum:
    """What has been added up so far. total: (H, W, 3), weights: (H, W), both float32; the frame itself counts fully. A Step may
    keep them on its own device.
    """

    total: Values
    weights: Values

    @classmethod
    def of(cls, layers: Layers) -> Sum:
        """Begin with the frame in question."""
        return cls(layers.picture[..., :3].astype(np.float32), np.ones(layers.hue.shape[:2], np.float32))

    def mean(self) -> Values:
        """(H, W, 3) float32."""
        mean: Any = self.total / self.weights[..., None]
        return np.asarray(mean.cpu() if hasattr(mean, "cpu") else mean)


@dataclass
class Path:
    """Where the frame's pixels are in another frame, (H, W, 2) float32, x then y; `place` moves on from frame to frame."""

    place: Flow = field(default_factory=lambda: np.zeros((0, 0, 2), np.float32))

    @classmethod
    def home(cls, height: int, width: int) -> Path:
        """Every pixel in its own place."""
        return cls(grid(height, width))


Step = Callable[[Path, Stored, Layers, Layers, Sum], None]
"""(path, flow from the frame reached so far to the next, that one's layers, those of the frame in question, sum): follows the
path one frame on and adds what is there, weighed by how alike the sources are in brightness and colour."""


def plain(path: Path, leg: Stored, there: Layers, here: Layers, into: Sum) -> None:
    """A Step by OpenCV and numpy."""
    moved_on = cv2.remap(leg.astype(np.float32), path.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    path.place = path.place + moved_on * np.float32(1 / STEPS)
    moved = cv2.remap(there.picture, path.place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    nearest = np.floor(path.place + np.float32(0.5))  # good enough: hues are smooth
    hue = cv2.remap(there.hue, nearest, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    light = _off(here.picture[..., 3], moved[..., 3], NOISE)
    off = light + _off(here.hue[..., 0], hue[..., 0], HUE_NOISE) + _off(here.hue[..., 1], hue[..., 1], HUE_NOISE)
    share = cv2.exp(-off)
    x, y = path.place[..., 0], path.place[..., 1]
    height, width = off.shape
    share[(x < 0) | (y < 0) | (x > width - 1) | (y > height - 1) | (off >= FAR)] = 0
    into.total += cv2.multiply(moved[..., :3], cv2.merge([share] * 3), dtype=cv2.CV_32F)
    into.weights += share


def _off(a: Image, b: Image, noise: float) -> Values:
    """The squared difference of two planes in units of what is usual."""
    off = cv2.absdiff(np.ascontiguousarray(a), np.ascontiguousarray(b)).astype(np.float32)
    return np.square(off * np.float32(1 / noise))


def compiled(path: Path, leg: Stored, there: Layers, here: Layers, into: Sum) -> None:
    """A Step by numba's loops."""
    from lib_vidstyl.temporal import kernels

    kernels.gather(path.place, leg, np.float32(1 / STEPS), *there, *here, np.float32(1 / NOISE), np.float32(1 / HUE_NOISE),
                   np.float32(FAR), into.total, into.weights, kernels.TAPS, kernels.WIDE)


@lru_cache(maxsize=2)
def usual(device: str = CPU) -> Step:
    """The fastest Step of this machine's processor, or of another device, as torch names it. Raises SettingsError without it."""
    if device != CPU:
        check_device(device)
        from lib_vidstyl.temporal.torch_gather import TorchStep

        return TorchStep(device)
    return compiled if available() else plain
