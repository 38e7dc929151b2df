"""Nearest-neighbour fields: for every node of a frame, the place in the key that it is painted from."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow, grid, scaled
from lib_vidstyl.synth.schedule import Level

Field = NDArray[np.int16]
"""(h, w, 2) int16 places in the key, x then y; node (j, i) sits at pixel (j, i) * stride."""


def places(to_key: Flow, size: tuple[int, int], stride: int) -> Flow:
    """(h, w, 2) float32: where the flow leads each node, at a level of `size` (height, width), kept inside."""
    height, width = size
    place = (scaled(to_key, (width, height)) + grid(height, width))[::stride, ::stride]
    return np.clip(place, 0, np.array([width - 1, height - 1], np.float32), dtype=np.float32)


def rounded(place: Flow) -> Field:
    """The field that follows the flow to the nearest pixel."""
    return np.rint(place).astype(np.int16)


def grown(field: Field, coarse: Level, fine: Level, size: tuple[int, int]) -> Field:
    """A coarser level's field at the nodes of the next finer level of `size` (height, width), kept inside."""
    height, width = size
    y, x = np.arange(0, height, fine.stride), np.arange(0, width, fine.stride)
    j = np.minimum(y // (2 * coarse.stride), field.shape[0] - 1)
    i = np.minimum(x // (2 * coarse.stride), field.shape[1] - 1)
    place = field[j[:, None], i].astype(np.int32) * 2
    place[..., 0] += x - i * (2 * coarse.stride)
    place[..., 1] += (y - j * (2 * coarse.stride))[:, None]
    return np.clip(place, 0, [width - 1, height - 1]).astype(np.int16)
