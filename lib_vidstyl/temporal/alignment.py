"""The frames around one frame, brought into its place along the motion of the source, and their mean."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np

from lib_vidstyl.motion.flow import dense
from lib_vidstyl.motion.occlusion import likeness
from lib_vidstyl.motion.warp import Flow, warp
from lib_vidstyl.temporal.gather import usual
from lib_vidstyl.temporal.step import STEPS, Image, Layers, Path, Step, Stored, Sum, Values

Flows = tuple[Stored, Stored]
"""Flow to the next frame and back, fixed point: STEPS a pixel."""
CUT_LIKENESS = 0.35
"""Neighbours that are less alike than this, moved onto each other, belong to different shots."""
SMOOTH = 1.5
"""Standard deviation, pixels, of the blur under which two sources are compared."""


def measured(a: Image, b: Image) -> Flows:
    """Flow a -> b and b -> a, as it is kept: (H, W, 2) int16 each."""
    return stored(dense(a, b, effort="fine")), stored(dense(b, a, effort="fine"))


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
        smooth = cv2.cvtColor(cv2.GaussianBlur(self.source, (0, 0), SMOOTH), cv2.COLOR_RGB2YCrCb)
        self.layers = Layers(np.dstack([self.styled, smooth[..., 0]]), np.ascontiguousarray(smooth[..., 1:]))

    def joined(self, after: Moment, find: Callable[[Image, Image], Flows] = measured) -> None:
        """Say which frame comes next."""
        self.onward = Link(self.source, after.source, find)


def is_cut(a: Image, b: Image, flow: Flow) -> bool:
    """Whether two neighbours belong to different shots: no motion makes one look like the other."""
    size = (max(16, a.shape[1] // 4), max(16, a.shape[0] // 4))
    small = [cv2.resize(picture, size, interpolation=cv2.INTER_AREA) for picture in (a, warp(b, flow))]
    return float(likeness(small[0], small[1]).mean()) < CUT_LIKENESS


def averaged(window: Sequence[Moment], at: int, step: Step | None = None) -> Values:
    """Mean of the stylised frames that no cut separates from frame `at`, each in its place, (H, W, 3) float32.

    A neighbour counts, pixel by pixel, as far as the moved source looks like the frame's own. Flows are composed from
    neighbour to neighbour: errors stay small where a direct search over many frames would get lost. step: how one more
    frame is added (see `gather`).
    """
    here = window[at]
    into, step = Sum.of(here.layers), step or usual()
    for way in (1, -1):
        path = Path.home(*here.styled.shape[:2])
        number = at + way
        while 0 <= number < len(window):
            link = window[min(number, number - way)].onward
            flows = link.flows() if link else None
            if flows is None:
                break
            step(path, flows[0] if way > 0 else flows[1], window[number].layers, here.layers, into)
            number += way
    return into.mean()


def restored(flow: Stored) -> Flow:
    """A kept flow in pixels, float32."""
    return flow.astype(np.float32) * np.float32(1 / STEPS)


def stored(flow: Flow) -> Stored:
    """A flow as it is kept."""
    limit = np.iinfo(np.int16).max
    return np.clip(np.rint(flow * STEPS), -limit, limit).astype(np.int16)
