"""What the report measures while a film goes by: a few numbers of each frame, and a bounded number of small pictures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from statistics import median

import numpy as np

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.temporal.alignment import is_cut
from lib_vidstyl.temporal.metrics import Step, flicker, static
from lib_vidstyl.temporal.page import CURVES

SIDE = 480
"""Longest side, pixels, at which frames are measured."""
TILE = 200
TILES = 24
"""Pictures on the contact sheet at most."""
APART = 6
"""Bad frames nearer to each other than this count as one."""


@dataclass(frozen=True)
class Bad:
    """A frame among the least steady ones: its number, its warping error in thousandths, its picture."""

    frame: int
    error: float
    picture: Image


@dataclass(frozen=True)
class Tile:
    """A moment of the film, small: as it came, and as it was made."""

    frame: int
    before: Image
    after: Image


@dataclass
class Observer:
    """Watches frames go by. most: how many of the least steady ones are kept."""

    most: int
    numbers: list[int] = field(default_factory=list)
    curves: dict[str, list[float | None]] = field(default_factory=lambda: {name: [] for name in CURVES})
    cuts: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    worst: list[Bad] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    _every: int = 1
    _before: tuple[Image, Image] | None = None
    _start: np.ndarray | None = None

    def see(self, index: int, image: Image, *, source: Image, before: Image, cut: bool = False) -> None:
        """Measure a frame against the one before it.

        index: its number. image: what it has become. source: what the camera saw, for its motion. before: what it was
        made from. cut: whether it is known to begin a shot.
        """
        source = small(source, SIDE)
        image = resized(image, source.shape[1::-1])
        if len(self.numbers) % self._every == 0:
            self._tile(index, before, image)
        self.numbers.append(index)
        step = None if self._before is None else Step.of(self._before[0], source)
        if cut or (step is not None and self._before is not None and is_cut(self._before[0], source, step.flow)):
            self.cuts += [index] if step is not None else []
            step = self._start = None
        self._note(index, source, image, step)
        self._before = source, image

    def span(self, frame: int) -> tuple[int, int]:
        """First and last of the frames around a bad one that are about as bad, in the same shot."""
        errors = dict(zip(self.numbers, self.curves["error"], strict=True))
        known = [error for error in errors.values() if error is not None]
        peak = errors.get(frame)
        if peak is None:
            return frame, frame
        limit = (median(known) + peak) / 2

        def bad(number: int) -> bool:
            error = errors[number]
            return error is not None and error >= limit

        at = self.numbers.index(frame)
        before, after = list(takewhile(bad, reversed(self.numbers[:at]))), list(takewhile(bad, self.numbers[at + 1:]))
        return (before or [frame])[-1], (after or [frame])[-1]

    def _note(self, index: int, source: Image, image: Image, step: Step | None) -> None:
        tone = image.mean((0, 1)) - source.mean((0, 1))
        self._start = tone if self._start is None else self._start
        self.curves["drift"].append(round(float(np.abs(tone - self._start).mean()), 3))
        error = None
        if step is not None and self._before is not None:
            error = _known(1000 * step.error(self._before[1], image))
            self.curves["flicker"].append(_known(flicker(self._before[1], image, static(self._before[0], source))))
        else:
            self.curves["flicker"].append(None)
        self.curves["error"].append(error)
        if error is not None and self.most:
            self.worst = _least(self.worst, Bad(index, error, image), self.most)

    def _tile(self, index: int, before: Image, image: Image) -> None:
        tile = small(image, TILE)
        self.tiles.append(Tile(index, resized(before, tile.shape[1::-1]), tile))
        if len(self.tiles) > TILES:
            self.tiles = self.tiles[::2]
            self._every *= 2


def small(image: Image, side: int) -> Image:
    """A picture with its longest side at most `side` pixels."""
    shrink = min(1.0, side / max(image.shape[:2]))
    return resized(image, (max(1, round(image.shape[1] * shrink)), max(1, round(image.shape[0] * shrink))))


def _least(kept: Sequence[Bad], new: Bad, most: int) -> list[Bad]:
    """The `most` least steady frames, worst first, of several close together only the worst."""
    near = [bad for bad in kept if abs(bad.frame - new.frame) < APART]
    if any(bad.error >= new.error for bad in near):
        return list(kept)
    others = [bad for bad in kept if abs(bad.frame - new.frame) >= APART]
    return sorted([*others, new], key=lambda bad: (-bad.error, bad.frame))[:most]


def _known(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None
