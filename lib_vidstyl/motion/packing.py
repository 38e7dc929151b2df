"""Flow in a quarter of the pixels and half of the bytes, for keeping."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow, scaled

STEPS = 32
"""Steps per pixel of the half-size picture: vectors up to 1,023 such pixels, exact to a 32nd of a full one."""


def packed(flow: Flow) -> NDArray[np.int16]:
    """(H, W, 2) float32 -> (ceil(H/2), ceil(W/2), 2) int16: half resolution, fixed point; longer vectors are cut."""
    height, width = flow.shape[:2]
    half = scaled(flow, (-(-width // 2), -(-height // 2)))
    limit = np.iinfo(np.int16).max
    return np.clip(np.rint(half * STEPS), -limit, limit).astype(np.int16)


def unpacked(kept: NDArray[np.int16], size: tuple[int, int]) -> Flow:
    """A packed flow back at the picture's size (width, height)."""
    return scaled(kept.astype(np.float32) / np.float32(STEPS), size)
