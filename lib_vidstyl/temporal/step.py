"""One step along the motion: what is carried from frame to frame, what has been added up, and what a pixel counts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

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
