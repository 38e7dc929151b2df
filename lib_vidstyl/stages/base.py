"""What flows from stage to stage, and what every stage is given."""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any

from lib_vidstyl.cache import Cache
from lib_vidstyl.clip.model import Clip, Image, Picture, Plane
from lib_vidstyl.errors import Cancelled
from lib_vidstyl.project import Project
from lib_vidstyl.settings import Recipe, Settings
from lib_vidstyl.store import FrameStore, NoStore, Store
from lib_vidstyl.stylizers.base import Stylizer


@dataclass(frozen=True)
class Frame:
    """One frame on its way through the stages.

    picture: the source at working size. image: (H, W, 3) uint8 RGB, what the stages have made of it so far; None where
    painting failed (see `problem`) and for a frame that is not to be painted, until something else makes its picture.
    alpha: (H, W) uint8, the painted picture's own; None: it has none, and the clip's counts.
    to_paint: whether the stylizer paints it; only keyframes are, where there are keyframes. cut: it is the first of a new
    shot, as far as somebody has looked.
    """

    picture: Picture
    image: Image | None
    problem: str = ""
    to_paint: bool = True
    cut: bool = False
    alpha: Plane | None = None

    @property
    def index(self) -> int:
        """The clip's frame number."""
        return self.picture.index


@dataclass(frozen=True)
class Progress:
    """How far a stage is. `seconds` since the run's start; `eta`: seconds this stage still needs, None if unknown.

    done, of: frames. frame: number in the clip of the latest one. notice: a sentence for the user, if there is one.
    """

    stage: str
    done: int
    of: int
    frame: int = 0
    seconds: float = 0.0
    eta: float | None = None
    preview: Image | None = None
    notice: str = ""


Stream = Generator["Frame | Progress", None, None]
"""What a stage takes and yields. Progress values of earlier stages are passed on untouched."""


@dataclass
class Job:
    """One run: what to do, with whom, where to. Stages read it; they add notices and failed frames to it.

    film: where the film should go. made: the film, once there is one.
    """

    recipe: Recipe
    clip: Clip
    stylizer: Stylizer
    film: Path | None = None
    made: Path | None = None
    project: Project | None = None
    stop: Callable[[], bool] = lambda: False
    started: float = field(default_factory=time.monotonic)
    total: int = 0
    fps: Fraction = Fraction(25)
    failed: dict[int, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    spent: dict[str, float] = field(default_factory=dict)
    """Stage -> seconds in this run so far, those of the stages before it included; the last stage comes first."""

    def store(self, name: str, *, keep: bool = True, alpha: bool = False) -> Store:
        """Where a stage keeps its frames, with their alpha or without: a folder of the project, or nowhere."""
        return FrameStore(self.project, name, alpha=alpha) if self.project and keep else NoStore()

    @cached_property
    def cache(self) -> Cache | None:
        """Keeps what can be recomputed, beside the project's own files; None where nothing is kept."""
        return Cache(self.project.folder / "cache") if self.project else None

    def log(self, sentence: str) -> None:
        """Write a line into the project's log, where there is a project."""
        if self.project:
            self.project.log(sentence)

    def check(self) -> None:
        """Raise Cancelled if the user wants to stop."""
        if self.stop():
            raise Cancelled("stopped", remedy="What is done is kept: run the same command again to go on.")

    def notice(self, sentence: str) -> Iterator[Progress]:
        """Keep a sentence for the user and yield it once."""
        if sentence not in self.notices:
            self.notices.append(sentence)
            self.log(sentence)
            yield Progress("notice", 0, 0, seconds=time.monotonic() - self.started, notice=sentence)


@dataclass(frozen=True)
class Stage:
    """A step of the pipeline: its name, its settings' class, and its generator `run(stream, settings, job)`.

    A stage that is not `optional` cannot be switched off; one that is not `on` runs only in a recipe that says so. One that
    `shows` sends its pictures along as previews.
    """

    name: str
    settings: type[Settings]
    run: Callable[[Stream, Any, Job], Stream]
    optional: bool = True
    on: bool = True
    shows: bool = False


def nothing() -> Stream:
    """What flows into the first stage."""
    yield from ()


def counted(stage: str, stream: Stream, job: Job, *, previews: bool = False) -> Stream:
    """Pass a stage's output on, with a Progress value before each of its frames."""
    meter = Meter(stage, job)
    for item in _timed(stage, stream, job):
        if isinstance(item, Frame):
            yield meter.advance(item.index, preview=item.image if previews else None)
        yield item


def _timed(stage: str, stream: Stream, job: Job) -> Iterator[Frame | Progress]:
    job.spent[stage] = 0.0
    while True:
        began = time.monotonic()
        try:
            item = next(stream)
        except StopIteration:
            return
        finally:
            job.spent[stage] += time.monotonic() - began
        yield item


class Meter:
    """Counts a stage's frames and guesses when it is done.

    The first frame pays for what is loaded, compiled and looked at before; as soon as there is a second, it no longer counts.
    """

    def __init__(self, stage: str, job: Job, of: int | None = None) -> None:
        self.stage, self.job, self.done, self.began = stage, job, 0, time.monotonic()
        self.of, self._first = of, 0.0

    def advance(self, frame: int, preview: Image | None = None) -> Progress:
        """One more frame is done."""
        self.done += 1
        now, of = time.monotonic(), max(self.job.total if self.of is None else self.of, self.done)
        if self.done == 1:
            self._first = now
        pace = now - self.began if self.done == 1 else (now - self._first) / (self.done - 1)
        eta = pace * (of - self.done)
        return Progress(self.stage, self.done, of, frame, now - self.job.started, eta, preview)
