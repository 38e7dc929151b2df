"""A whole stream of frames steadied in order, several at a time."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor

from lib_vidstyl.temporal.alignment import Flows, Image, Moment, measured
from lib_vidstyl.temporal.deflicker import steadied
from lib_vidstyl.temporal.window import Window

RADIUS = 6


def steady(pairs: Iterable[tuple[Image, Image]], *, radius: int = RADIUS, strength: float = 1.0, keep_detail: float = 0.25,
           threads: int = 0, find: Callable[[Image, Image], Flows] = measured) -> Iterator[Image]:
    """Yield each stylised frame without its flicker.

    pairs: (stylised, source) of every frame in order, (H, W, 3) uint8 of one size. radius: frames looked at on each side.
    strength, keep_detail: see `deflicker.steadied`. threads: 0 for one per processor; the result does not depend on it.
    find: flow there and back between two source frames. Memory grows with radius and threads, not with the frames.
    """
    workers = threads or os.cpu_count() or 1
    window: Window[Moment] = Window(radius)
    pending: deque[Future[Image]] = deque()
    before: Moment | None = None
    with ThreadPoolExecutor(workers, thread_name_prefix="vidstyl-deflicker") as pool:
        for styled, source in pairs:
            moment = Moment(source, styled)
            if before is not None:
                before.joined(moment, find)
            before = moment
            for view, at in window.add(moment):
                pending.append(pool.submit(steadied, view, at, strength=strength, keep_detail=keep_detail))
            while len(pending) > workers:
                yield pending.popleft().result()
        for view, at in window.end():
            pending.append(pool.submit(steadied, view, at, strength=strength, keep_detail=keep_detail))
        while pending:
            yield pending.popleft().result()
