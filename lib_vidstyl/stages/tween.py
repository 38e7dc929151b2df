"""The frames between two keys: motion traced from each key, synthesis from both sides, and the two joined."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field, replace
from typing import Any

import cv2
import numpy as np

from lib_vidstyl import synth
from lib_vidstyl.clip import resized
from lib_vidstyl.clip.alpha import joined, opaque
from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.stages.base import Frame, Job
from lib_vidstyl.stages.elsewhere import Elsewhere
from lib_vidstyl.stages.shares import Part, Shares
from lib_vidstyl.stages.spans import Span
from lib_vidstyl.stages.traces import Links, Traced, trace

VERSION = 3
"""Raised whenever the pixels change, so that stored frames are made again."""


@dataclass(frozen=True)
class Made:
    """A frame made from keys: the picture at the key's size, how far it can be trusted (0 to 1), and which keys it is from.

    image: (H, W, 3), or (H, W, 4) where a key has alpha. sides: what each key alone made, where that is wanted.
    """

    image: Image
    confidence: float
    keys: tuple[int, ...]
    sides: Mapping[int, Image] = field(default_factory=dict)


class Tweener:
    """Makes frames between keys on a pool of threads, `workers` at a time. A prepared key serves the spans on both its sides.

    shares: which keys a frame is made from. engine: who synthesises patches; None: keys are only moved along. elsewhere: what
    another program has made from each key, to be joined instead. per_key: keep what each key alone made.
    """

    def __init__(self, job: Job, pool: Executor, workers: int, shares: Shares, *, engine: synth.Engine | None,
                 elsewhere: Elsewhere | None = None, per_key: bool = False) -> None:
        self.job, self.pool, self.workers, self.shares = job, pool, workers, shares
        self.engine, self.elsewhere, self.per_key = engine, elsewhere, per_key
        self._prepared: dict[int, Future[Any]] = {}

    def facts(self, span: Span) -> list[object]:
        """All that decides how the span's frames are made, besides their pictures: JSON-like."""
        shares = [[[part.key.index, round(part.share, 6)] for part in self.shares.of(span, frame.index)] for frame in span.between]
        if self.elsewhere:
            return ["elsewhere", shares, self.elsewhere.facts({frame.index for frame in span.between})]
        return ["warp" if self.engine is None else self.engine.name, shares]

    def made(self, span: Span, missing: Sequence[Frame]) -> Iterator[Made]:
        """The missing frames of the span, in order."""
        if not missing:
            return
        wanted = {frame.index: self.shares.of(span, frame.index) for frame in missing}
        traced = self._traced(span, wanted)
        self._prepare(span)
        pending: deque[Future[Made]] = deque()
        try:
            for frame in missing:
                pending.append(self.pool.submit(self._frame, frame, wanted[frame.index], traced, span.masks.get(frame.index)))
                if len(pending) > self.workers:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    def _traced(self, span: Span, wanted: Mapping[int, Sequence[Part]]) -> dict[int, dict[int, Traced]]:
        """Key -> frame -> where the frame's pixels are in the key, for all that is wanted; both sides at the same time."""
        links, runs = Links(self.job), {}
        for key, frames in ((span.before, span.between), (span.after, span.between[::-1])):
            targets = {index for index, parts in wanted.items() for part in parts if part.key is key}
            if key is not None and targets:
                runs[key.index] = self.pool.submit(trace, key, frames, targets, links)
        return {index: run.result() for index, run in runs.items()}

    def _prepare(self, span: Span) -> None:
        """Make the span's keys ready for synthesis, and let go of those that no later span needs."""
        keep = {key.index: key for key in span.keys}
        self._prepared = {index: future for index, future in self._prepared.items() if index in keep}
        for index, key in keep.items():
            if key.image is not None and index not in self._prepared:
                self._prepared[index] = self.pool.submit(synth.prepare, joined(key.image, key.alpha), key.picture.image,
                                                         mask=span.masks.get(index))

    def _frame(self, frame: Frame, parts: Sequence[Part], traced: Mapping[int, Mapping[int, Traced]], mask: Plane | None) -> Made:
        found = [traced[part.key.index][frame.index] for part in parts]
        if self.elsewhere:
            sides = [self.elsewhere.side(part.key.index, frame.index) for part in parts]
        else:
            sides = [self._side(frame, part.key, trace, mask) for part, trace in zip(parts, found, strict=True)]
        if len(sides) == 2:
            sides = _alike(*sides)
        image = sides[0].image if len(sides) == 1 else synth.join(sides[0], sides[1], share=parts[1].share)
        alone = {part.key.index: side.image for part, side in zip(parts, sides, strict=True)} if self.per_key else {}
        return Made(image, _confidence(sides, found), tuple(part.key.index for part in parts), alone)

    def _side(self, frame: Frame, key: Frame, found: Traced, mask: Plane | None) -> synth.Synthesis:
        image = frame.picture.image
        return synth.synthesise(self._prepared[key.index].result(), image, to_key=found.to_key(image, key.picture.image),
                                confidence=found.sure((image.shape[1], image.shape[0])), mask=mask, engine=self.engine)


def _alike(one: synth.Synthesis, other: synth.Synthesis) -> list[synth.Synthesis]:
    """Both at the first one's size, and with alpha if either has one."""
    size = (one.image.shape[1], one.image.shape[0])
    if other.image.shape[:2] != one.image.shape[:2]:
        error = cv2.resize(other.error, size, interpolation=cv2.INTER_LINEAR)
        other = replace(other, image=resized(other.image, size), error=error)
    if other.image.shape != one.image.shape:
        one, other = (replace(side, image=opaque(side.image)) for side in (one, other))
    return [one, other]


def _confidence(sides: Sequence[synth.Synthesis], found: Sequence[Traced]) -> float:
    """0 to 1: how far a frame can be trusted, by what the guides leave unexplained, by what the keys do not show, and by how
    far two sides differ; of two sides the better one counts in every pixel.
    """
    residual = float(np.minimum.reduce([side.error for side in sides]).mean())
    seen = float(np.maximum.reduce([trace.trust for trace in found]).mean()) / 255
    apart = 0.0
    if len(sides) == 2:
        apart = float(np.abs(sides[0].image[::4, ::4].astype(np.float32) - sides[1].image[::4, ::4]).mean())
    return seen * float(np.exp(-residual / 24)) * float(np.exp(-apart / 64))
