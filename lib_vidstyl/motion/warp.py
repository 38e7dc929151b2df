"""Pictures and flows moved along a flow."""

from __future__ import annotations

from typing import Any, Literal

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Flow = NDArray[np.float32]
"""(H, W, 2) float32, x then y, pixels: flow[y, x] is how far the pixel of frame a has gone in frame b."""

Method = Literal["nearest", "linear", "cubic"]
_METHODS = {"nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "cubic": cv2.INTER_CUBIC}


def grid(height: int, width: int) -> Flow:
    """(H, W, 2) float32: every pixel's own place, x then y."""
    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))


def warp(image: Array, flow: Flow, *, method: Method = "linear") -> Array:
    """Frame b seen from frame a: result[y, x] = image[(x, y) + flow[y, x]].

    image: (H', W'[, C]) uint8 or float32 of frame b, of any size; places are in its pixels. flow: (H, W, 2) from a to b.
    Returns (H, W[, C]) of the image's type; edges are repeated.
    """
    place = flow.astype(np.float32)
    place[..., 0] += np.arange(flow.shape[1], dtype=np.float32)
    place[..., 1] += np.arange(flow.shape[0], dtype=np.float32)[:, None]
    return cv2.remap(image, place, None, _METHODS[method], borderMode=cv2.BORDER_REPLICATE)


def compose(first: Flow, second: Flow) -> Flow:
    """Flow a -> c from `first`, a -> b, and `second`, b -> c: how a pixel goes on from where it has arrived."""
    return first + warp(second, first)


def inside(flow: Flow) -> NDArray[np.bool_]:
    """(H, W) bool: pixels that are still within the picture where the flow leads them."""
    height, width = flow.shape[:2]
    across, down = cv2.split(flow)
    across += np.arange(width, dtype=np.float32)
    down += np.arange(height, dtype=np.float32)[:, None]
    return (across >= 0) & (across <= width - 1) & (down >= 0) & (down <= height - 1)


def scaled(flow: Flow, size: tuple[int, int]) -> Flow:
    """A flow at another picture size (width, height): resampled, and its vectors scaled with the picture."""
    height, width = flow.shape[:2]
    if (width, height) == tuple(size):
        return flow
    smaller = size[0] * size[1] < width * height
    made = cv2.resize(flow, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_LINEAR)
    return made * np.array([size[0] / width, size[1] / height], np.float32)
