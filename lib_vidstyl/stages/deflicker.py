"""Deflicker: each frame is compared with its neighbours along the source's motion, and its flicker taken out.

Works on any frames, those painted elsewhere too. What is held at a time is one window of frames.
"""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from lib_vidstyl.cache import Cache
from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.compiling import CPU, DEVICES
from lib_vidstyl.hashes import digest
from lib_vidstyl.motion.flow import flow_size
from lib_vidstyl.motion.packing import unpacked
from lib_vidstyl.motion.warp import scaled
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Progress, Stage, Stream
from lib_vidstyl.stages.decode import frame_rate
from lib_vidstyl.stages.guide import Guide
from lib_vidstyl.stages.traces import kept_link
from lib_vidstyl.store import Store
from lib_vidstyl.temporal.alignment import Flows, Moment, measured, stored
from lib_vidstyl.temporal.deflicker import VERSION, steadied
from lib_vidstyl.temporal.gather import usual
from lib_vidstyl.temporal.window import View, Window

FOLDER = "steady"
"""The project's folder of frames without flicker."""


@dataclass(frozen=True)
class DeflickerSettings(Settings):
    """Take out the flicker of frames that were painted one by one."""

    strength: float = setting(1.0, "Strength", "1: all that the neighbours show to be flicker; 0: the frames as they are.",
                              minimum=0.0, maximum=1.0, step=0.05, flag="deflicker", basic=True)
    window: int = setting(6, "Window", "Frames that are compared on each side; more are steadier and slower.", minimum=1,
                          maximum=30, step=1, flag="deflicker-window")
    keep_detail: float = setting(0.25, "Keep detail", "0: steadiest and softest; 1: every frame's own finest detail, its flicker "
                                 "included.", minimum=0.0, maximum=1.0, step=0.05, flag="keep-detail", basic=True)
    guide: str = setting("", "Guide", "The clip from which the frames were made, if the clip given is itself the stylised film; "
                         "empty: the clip is the guide.", path=True, flag="guide")
    device: str = setting(CPU, "Calculated on", "'cpu', or a graphics card by torch: 'cuda' (ROCm too) or 'mps'.", choices=DEVICES,
                          flag="deflicker-device")
    threads: int = setting(0, "Threads", "Frames steadied at the same time; 0: one per processor. The film does not depend on it.",
                           minimum=0, maximum=64, flag="deflicker-threads")
    keep_frames: bool = setting(True, "Keep steady frames", "Store every steadied frame, so that a stopped run can go on.",
                                flag="keep-steady")


@dataclass
class Shown(Moment):
    """A frame of the film with what the window needs of it, at the size of its stylised picture."""

    frame: Frame | None = None

    @cached_property
    def hash(self) -> str:
        """Of both pictures."""
        return digest(self.source.shape, self.source.data, self.styled.data)


def run(stream: Stream, settings: DeflickerSettings, job: Job) -> Stream:
    """Yield every frame steadied, in order. A frame without a picture passes as it is and ends the window."""
    workers = settings.threads or os.cpu_count() or 1
    fps = frame_rate(job.recipe["decode"].folder_fps)
    with (Guide(settings.guide, job.clip, fps) as guide, job.store(FOLDER, keep=settings.keep_frames) as store,
          ThreadPoolExecutor(workers, thread_name_prefix="vidstyl-deflicker") as pool):
        desk = Desk(settings, job, store, pool)
        if guide.notice:
            yield from job.notice(guide.notice)
        for item in stream:
            if isinstance(item, Progress):
                yield item
                continue
            job.check()
            if item.image is None:
                yield from desk.rest()
                yield item
            else:
                desk.add(item, item.image, guide.picture(item.picture).image)
                yield from desk.done(keep=workers)
        yield from desk.rest()


class Desk:
    """Collects frames until their window is whole, has them steadied, and gives them back in order."""

    def __init__(self, settings: DeflickerSettings, job: Job, store: Store, pool: ThreadPoolExecutor) -> None:
        self.settings, self.job, self.store, self.pool = settings, job, store, pool
        self.window: Window[Shown] = Window(settings.window)
        self.before: Shown | None = None
        self._pending: deque[tuple[Frame, tuple[str, str], Future[Made] | Image]] = deque()
        shared = "propagate" in job.recipe.sections and "propagate" not in job.recipe.off
        self.step = usual(settings.device)
        self._facts = digest(VERSION, settings.strength, settings.window, settings.keep_detail, shared,
                             *([] if settings.device == CPU else [settings.device]))
        self._find = Finder(job.cache, shared)

    def add(self, frame: Frame, image: Image, source: Image) -> None:
        """Take the next frame; the one whose window is whole with it goes into the making."""
        shown = Shown(np.ascontiguousarray(resized(source, image.shape[1::-1])), image, frame=frame)
        if self.before is not None and not frame.cut:
            self.before.joined(shown, self._find)
        self.before = shown
        for view in self.window.add(shown):
            self._begin(view)

    def rest(self) -> Iterator[Frame]:
        """Give all frames that are still held; the next one starts a new window."""
        for view in self.window.end():
            self._begin(view)
            yield from self.done(keep=1)
        self.before = None
        yield from self.done(keep=0)

    def done(self, *, keep: int) -> Iterator[Frame]:
        """Give frames in order until `keep` are left in the making."""
        while len(self._pending) > keep:
            self.job.check()
            frame, (inputs, settings), made = self._pending.popleft()
            if isinstance(made, Future):
                fresh = made.result()
                self.store.put(frame.index, fresh.image, inputs=inputs, settings=settings, seconds=fresh.seconds)
                yield replace(frame, image=fresh.image)
            else:
                yield replace(frame, image=made)

    def _begin(self, view: View[Shown]) -> None:
        window, at = view
        frame = window[at].frame
        assert frame is not None
        origin = ("", "")
        if self.store.keeps:
            origin = digest(at, *[shown.hash for shown in window]), self._facts
            kept = self.store.get(frame.index, *origin)
            if kept is not None:
                self._pending.append((frame, origin, kept))
                return
        self._pending.append((frame, origin, self.pool.submit(self._made, window, at)))

    def _made(self, window: list[Shown], at: int) -> Made:
        began = time.monotonic()
        image = steadied(window, at, strength=self.settings.strength, keep_detail=self.settings.keep_detail,
                         step=self.step)
        return Made(image, time.monotonic() - began)


@dataclass(frozen=True)
class Made:
    """A steadied picture and the seconds it took."""

    image: Image
    seconds: float


@dataclass(frozen=True)
class Finder:
    """Flow there and back, taken from the cache where it is known.

    shared: take the flow that carries keys on, found already where the same recipe does so; it is coarser, and enough for
    frames that fit each other as those do.
    """

    cache: Cache | None
    shared: bool = False

    def __call__(self, a: Image, b: Image) -> Flows:
        """Flow of a pair of source frames."""
        if self.shared:
            return self._carrying(a, b)
        if self.cache is None:
            return measured(a, b)
        key = ["deflicker flow", 1, digest(a.shape, a.data, b.data)]
        both = self.cache.computed(key, lambda: np.stack(measured(a, b)))
        return both[0], both[1]

    def _carrying(self, a: Image, b: Image) -> Flows:
        size = (a.shape[1], a.shape[0])
        small = flow_size(*size)
        both = kept_link(self.cache, resized(a, small), resized(b, small))
        there, back = (stored(scaled(unpacked(way, small), size)) for way in both)
        return there, back


STAGE = Stage("deflicker", DeflickerSettings, run, on=False, shows=True)
