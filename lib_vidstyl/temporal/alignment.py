"""The frames around one frame, brought into its place along the motion of the source."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.flow import dense, grey
from lib_vidstyl.motion.occlusion import likeness
from lib_vidstyl.motion.warp import Flow, grid, warp

Image = NDArray[np.uint8]
Stored = NDArray[np.int16]
Flows = tuple[Stored, Stored]
"""Flow to the next frame and back, fixed point: STEPS a pixel."""
STEPS = 32
CUT_LIKENESS = 0.35
"""Neighbours that are less alike than this, moved onto each other, belong to different shots."""
NOISE = 10.0
"""Levels of 255 by which a moved source pixel may differ and still count about a third."""


def measured(a: Image, b: Image) -> Flows:
    """Flow a -> b and b -> a, as it is kept: (H, W, 2) int16 each."""
    return _stored(dense(a, b, effort="fine")), _stored(dense(b, a, effort="fine"))


@dataclass
class Link:
    """The motion between two neighbours, found when it is first asked for; for many threads.

    find: gives both flows of a pair of frames (from a cache, say).
    """

    a: Image
    b: Image
    find: Callable[[Image, Image], Flows] = measured
    _flows: Flows | None = None
    _known: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def flows(self) -> Flows | None:
        """Both flows, or None across a cut and between frames of different size."""
        with self._lock:
            if not self._known:
                self._flows = self._found() if self.a.shape == self.b.shape else None
                self._known = True
            return self._flows

    def _found(self) -> Flows | None:
        flows = self.find(self.a, self.b)
        return None if is_cut(self.a, self.b, restored(flows[0])) else flows


@dataclass
class Moment:
    """One frame: source and stylised picture, (H, W, 3) uint8 of one size, and the link to the next frame, if any."""

    source: Image
    styled: Image
    onward: Link | None = None

    def __post_init__(self) -> None:
        self.source_grey = grey(self.source)
        """(H, W) uint8."""

    def joined(self, after: Moment, find: Callable[[Image, Image], Flows] = measured) -> None:
        """Say which frame comes next."""
        self.onward = Link(self.source, after.source, find)


def is_cut(a: Image, b: Image, flow: Flow) -> bool:
    """Whether two neighbours belong to different shots: no motion makes one look like the other."""
    size = (max(16, a.shape[1] // 4), max(16, a.shape[0] // 4))
    small = [cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in (a, warp(b, flow))]
    return float(likeness(small[0], small[1]).mean()) < CUT_LIKENESS


def neighbours(window: Sequence[Moment], at: int) -> Iterator[tuple[Moment, Flow]]:
    """Every other frame of the window that no cut separates from frame `at`, with the flow from that frame to it.

    Flows are composed from neighbour to neighbour: errors stay small where a direct search over many frames would get lost.
    """
    for step in (1, -1):
        flow: Flow | None = None
        place = grid(*window[at].source.shape[:2])
        home = place
        number = at + step
        while 0 <= number < len(window):
            link = window[min(number, number - step)].onward
            flows = link.flows() if link else None
            if flows is None:
                break
            leg = restored(flows[0] if step > 0 else flows[1])
            flow = leg if flow is None else flow + cv2.remap(leg, place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
            place = home + flow
            yield window[number], place
            number += step


def weight(here: Image, there: Image, place: Flow) -> NDArray[np.float32]:
    """(H, W) float32, 0 to 1: how far a neighbour's pixel may speak, by the source pictures and the picture's border.

    here: (H, W) uint8 source brightness, smoothed. there: that of the neighbour, moved here, smoothed. place: (H, W, 2), where
    each pixel is in the neighbour.
    """
    off = cv2.blur(cv2.absdiff(here, there), (3, 3)).astype(np.float32)
    height, width = here.shape
    share = np.exp(-np.square(off / NOISE))
    x, y = place[..., 0], place[..., 1]
    share[(x < 0) | (y < 0) | (x > width - 1) | (y > height - 1)] = 0
    return share


def restored(flow: Stored) -> Flow:
    """A kept flow in pixels, float32."""
    return flow.astype(np.float32) * np.float32(1 / STEPS)


def _stored(flow: Flow) -> Stored:
    limit = np.iinfo(np.int16).max
    return np.clip(np.rint(flow * STEPS), -limit, limit).astype(np.int16)
