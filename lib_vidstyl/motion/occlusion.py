"""Which pixels of one frame can be seen in another, and how far a flow can be trusted."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.flow import Image, grey
from lib_vidstyl.motion.warp import Flow, inside, warp

Share = NDArray[np.float32]
"""(H, W) float32, 0 to 1."""


def visible(forward: Flow, backward: Flow) -> NDArray[np.bool_]:
    """(H, W) bool: pixels of frame a that are seen in frame b, by the forward-backward check.

    forward: a -> b. backward: b -> a. Where a pixel does not come back to its place, it was hidden, or the flow is wrong
    (Sundaram et al., ECCV 2010, eq. 5). Pixels that leave the picture are not visible.
    """
    lost, allowed = _return_error(forward, backward)
    return inside(forward) & (lost <= allowed)


def confidence(forward: Flow, backward: Flow, a: Image, b: Image) -> Share:
    """(H, W) float32, 0 to 1: how well the flow a -> b is confirmed by the way back and by the pictures themselves.

    a, b: (H, W, 3) or (H, W) uint8. 1: the pixel returns to its place and looks the same; 0: it left the picture, does not
    return, or looks different by more than noise, shading and resampling explain.
    """
    lost, allowed = _return_error(forward, backward)
    geometry = cv2.exp(np.square(lost / allowed) * np.float32(-0.5))
    return geometry * likeness(a, warp(b, forward)) * inside(forward)


def likeness(a: Image, b: Image) -> Share:
    """(H, W) float32, 0 to 1: how alike two aligned pictures are around each pixel, whatever the brightness there.

    The 5x5 mean colour difference, less the smooth part of it (shading, gain), against what the local contrast explains.
    """
    difference = cv2.subtract(a, b, dtype=cv2.CV_32F)
    difference -= _smooth(difference)
    size = _mean(np.abs(difference))
    expected = _contrast(a) * np.float32(0.5) + np.float32(6)
    return cv2.exp(-np.square(cv2.blur(size, (5, 5)) / expected))


def length2(flow: Flow) -> Share:
    """(H, W) float32: square of the length of every vector."""
    across, down = cv2.split(flow)
    return across * across + down * down


def _return_error(forward: Flow, backward: Flow) -> tuple[Share, Share]:
    """(square of how far a pixel misses its place after going there and back, the square that is allowed)."""
    back = warp(backward, forward)
    allowed = np.float32(0.01) * (length2(forward) + length2(back)) + np.float32(0.5)
    return length2(forward + back), allowed


def _smooth(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """The part of it that changes slowly, over about 16 pixels."""
    height, width = values.shape[:2]
    small = cv2.resize(values, (max(1, width // 8), max(1, height // 8)), interpolation=cv2.INTER_AREA)
    return cv2.resize(cv2.GaussianBlur(small, (0, 0), 1), (width, height), interpolation=cv2.INTER_LINEAR)


def _mean(values: NDArray[np.float32]) -> Share:
    """(H, W): mean over the channels, if there are any."""
    return values if values.ndim == 2 else cv2.transform(values, np.full((1, values.shape[2]), 1 / values.shape[2], np.float32))


def _contrast(image: Image) -> Share:
    """(H, W) float32: standard deviation of the brightness in 5x5 pixels."""
    value = grey(image).astype(np.float32)
    mean = cv2.blur(value, (5, 5))
    return cv2.sqrt(cv2.max(cv2.blur(value * value, (5, 5)) - mean * mean, 0))
