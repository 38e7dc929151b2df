"""Which pixels of one frame can be seen in another, and how far a flow can be trusted."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow, inside, warp

Image = NDArray[np.uint8]
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
    geometry = np.exp(-0.5 * np.square(lost / allowed))
    return (geometry * likeness(a, warp(b, forward)) * inside(forward)).astype(np.float32)


def likeness(a: Image, b: Image) -> Share:
    """(H, W) float32, 0 to 1: how alike two aligned pictures are around each pixel, whatever the brightness there.

    The 5x5 mean colour difference, less the smooth part of it (shading, gain), against what the local contrast explains.
    """
    difference = a.astype(np.float32) - b
    difference -= cv2.GaussianBlur(difference, (0, 0), 8)
    size = np.abs(difference) if difference.ndim == 2 else np.abs(difference).mean(-1)
    contrast = _contrast(a)
    return np.exp(-np.square(cv2.blur(size, (5, 5)) / (6 + 0.5 * contrast))).astype(np.float32)


def _return_error(forward: Flow, backward: Flow) -> tuple[Share, Share]:
    """(square of how far a pixel misses its place after going there and back, the square that is allowed)."""
    back = warp(backward, forward)
    lost = np.square(forward + back).sum(-1)
    allowed = 0.01 * (np.square(forward).sum(-1) + np.square(back).sum(-1)) + 0.5
    return lost, allowed


def _contrast(image: Image) -> Share:
    """(H, W) float32: standard deviation of the brightness in 5x5 pixels."""
    value = image.astype(np.float32) if image.ndim == 2 else image.mean(-1, dtype=np.float32)
    mean = cv2.blur(value, (5, 5))
    return np.sqrt(np.maximum(cv2.blur(value * value, (5, 5)) - mean * mean, 0))
