"""Where every pixel of a frame is in a key that may be many frames away.

The flows from frame to frame are chained, which carries any distance but drifts; the chain is then the start of a search
in the key itself, which takes the drift out. Both ways are searched, so that each confirms the other.
"""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.flow import Flow, Image, dense, grey
from lib_vidstyl.motion.occlusion import Share, confidence, likeness, visible
from lib_vidstyl.motion.prior import misfit, settled
from lib_vidstyl.motion.warp import compose, scaled, warp

REACH = 6
"""Half the side of the window from which doubtful flow is taken anew, in pixels of half the flow's size."""
EDGE = 100.0
"""Squared levels of contrast from which on an edge of the picture may be an edge of the motion."""


class Link(NamedTuple):
    """Flow between two frames, both ways: `there` a -> b, `back` b -> a, each (H, W, 2) float32."""

    there: Flow
    back: Flow

    def turned(self) -> Link:
        """The same from b's side."""
        return Link(self.back, self.there)


def still(height: int, width: int) -> Link:
    """The link of a frame with itself."""
    return Link(np.zeros((height, width, 2), np.float32), np.zeros((height, width, 2), np.float32))


def step(a: Image, b: Image) -> Link:
    """The link between neighbouring frames a and b, (H, W, 3) uint8: quick flow, and the camera's motion in flat areas."""
    return _settled(a, b, Link(dense(a, b), dense(b, a)))


def chained(first: Link, second: Link) -> Link:
    """The link a - c from a - b and b - c."""
    return Link(compose(first.there, second.there), compose(second.back, first.back))


def refined(frame: Image, key: Image, start: Link) -> Link:
    """The link of a frame with its key, searched for in the key itself from a chained link on.

    frame, key: (H, W, 3) uint8. Flat areas get the camera's motion, hidden parts that of what is around them and looks alike.
    """
    found = Link(dense(frame, key, start=start.there, effort="fine"), dense(key, frame, start=start.back))
    link = _settled(frame, key, found)
    return Link(_filled(frame, key, link), link.back)


def trust(frame: Image, key: Image, link: Link) -> Share:
    """(H, W) float32, 0 to 1: how well the link's flow frame -> key is confirmed (see `occlusion.confidence`)."""
    return confidence(link.there, link.back, frame, key)


def _settled(a: Image, b: Image, link: Link) -> Link:
    there = settled(a, b, link.there, visible(link.there, link.back))
    return Link(there, settled(b, a, link.back, visible(link.back, link.there)))


def _filled(a: Image, b: Image, link: Link) -> Flow:
    """The flow a -> b with doubtful parts taken from around them, wherever that explains the pictures as well."""
    flow = link.there
    reliable = likeness(a, warp(b, flow)) * visible(*link)
    size = (max(1, a.shape[1] // 2), max(1, a.shape[0] // 2))
    guide, weight = (cv2.resize(plane, size, interpolation=cv2.INTER_AREA).astype(np.float32) for plane in (grey(a), reliable))
    around = scaled(_spread(guide, np.square(weight) + np.float32(1e-4), scaled(flow, size)), (a.shape[1], a.shape[0]))
    doubt = 1 - np.clip(cv2.GaussianBlur(reliable, (0, 0), 1.5) * 1.6 - 0.3, 0, 1)
    filled = flow + (around - flow) * doubt[..., None]
    take = (misfit(a, b, filled) <= misfit(a, b, flow) + 1).astype(np.float32)
    return flow + (filled - flow) * cv2.GaussianBlur(take, (0, 0), 1.5)[..., None]


def _spread(guide: NDArray[np.float32], weight: NDArray[np.float32], flow: Flow) -> Flow:
    """The flow averaged by weight over REACH pixels, along the guide's edges (guided filter, He et al., ECCV 2010)."""

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return cv2.blur(values, (2 * REACH + 1, 2 * REACH + 1), borderType=cv2.BORDER_REFLECT_101)

    total = mean(weight)
    level = mean(weight * guide) / total
    spread = mean(weight * guide * guide) / total - level * level
    parts = []
    for part in cv2.split(flow):
        average = mean(weight * part) / total
        slope = (mean(weight * guide * part) / total - level * average) / (spread + EDGE)
        parts.append((mean(total * slope) * guide + mean(total * (average - slope * level))) / mean(total))
    return np.dstack(parts).astype(np.float32)
