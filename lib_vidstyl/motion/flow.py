"""Dense optical flow between two frames."""

from __future__ import annotations

import math
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow

Image = NDArray[np.uint8]
Effort = Literal["quick", "half", "fine", "finish"]
SMALLEST = 16
"""Pictures with a side below this get no flow: Dense Inverse Search needs a few patches."""
PIXELS = 240_000
"""Frames with more pixels are halved until they have fewer: motion is followed at that size, for a fraction of the cost."""
FINAL_PIXELS = 1_000_000
"""The same for the flow that a frame is made by in the end, which counts in fractions of a pixel."""


def dense(a: Image, b: Image, *, start: Flow | None = None, effort: Effort = "quick") -> Flow:
    """Flow from frame a to frame b by Dense Inverse Search (Kroeger et al., ECCV 2016), with variational refinement.

    a, b: (H, W, 3) RGB or (H, W) grey, uint8, same size. start: a flow a -> b to begin from. effort: "quick" searches at
    half size at the finest, "fine" at full size, for twice the time and two thirds of the error;
    "half" is "quick" for pictures that have been halved before; "finish" only sharpens a start that is nearly right, at
    full size, for half of what "fine" takes. Returns (H, W, 2) float32.
    """
    if a.shape[:2] != b.shape[:2]:
        raise ValueError(f"flow between frames of different size: {a.shape[1]}x{a.shape[0]} and {b.shape[1]}x{b.shape[0]}")
    if min(a.shape[:2]) < SMALLEST:
        return np.zeros((*a.shape[:2], 2), np.float32)
    begin = None if start is None else np.array(start, np.float32, order="C", copy=True)
    return _search(effort).calc(grey(a), grey(b), begin)


def grey(image: Image) -> Image:
    """(H, W) uint8 brightness of an RGB picture; a grey one as it is."""
    return np.ascontiguousarray(image if image.ndim == 2 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def flow_size(width: int, height: int, *, pixels: int = PIXELS) -> tuple[int, int]:
    """(width, height) at which flow is searched for frames of this size: halved until there are no more than `pixels`."""
    halvings = max(0, math.ceil(math.log(width * height / pixels, 4)))
    return max(1, round(width / 2**halvings)), max(1, round(height / 2**halvings))


def _search(effort: Effort) -> cv2.DISOpticalFlow:
    """A new searcher each time: one must not serve two threads, and OpenCV 5.0 crashes when one meets a new frame size."""
    search = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finest, stride, descents, refinements = _EFFORTS[effort]
    search.setFinestScale(finest)
    search.setPatchStride(stride)
    search.setGradientDescentIterations(descents)
    search.setVariationalRefinementIterations(refinements)
    return search


_EFFORTS = {"quick": (1, 4, 12, 3), "half": (0, 4, 12, 3), "fine": (0, 5, 12, 1), "finish": (0, 6, 6, 0)}
"""Finest scale, stride of the patches in pixels, steps of gradient descent, and of variational refinement."""
