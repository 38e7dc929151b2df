"""The one loop: script, tab, API, command line and tests all drive this.

It puts the stages of a recipe in order, leaves out those that are off, and hands on their progress. It knows no stage by
name; a stage finds what it needs in the `Job`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path

from lib_vidstyl.clip.model import Clip
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.project import Project
from lib_vidstyl.settings import Recipe, Settings
from lib_vidstyl.stages import STAGES
from lib_vidstyl.stages.base import Frame, Job, Progress, Stage, Stream, counted, nothing
from lib_vidstyl.stylizers.base import Stylizer


@dataclass(frozen=True)
class Result:
    """What a run has made.

    film: the finished film, or None if encoding is off. failed: frame -> why it could not be painted; with any, the film
    holds the picture before it there and is marked incomplete. frames: how many the film has.
    """

    film: Path | None
    project: Path | None
    frames: int
    failed: dict[int, str]
    seconds: float
    notices: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every frame was made."""
        return not self.failed


Run = Generator[Progress, None, Result]
"""Yields Progress values; its return value is the Result. Closing it stops the run and keeps what is done."""


def sections(stages: Sequence[Stage] = STAGES) -> dict[str, type[Settings]]:
    """Stage name -> settings' class, in order."""
    return {stage.name: stage.settings for stage in stages}


def off_by_default(stages: Sequence[Stage] = STAGES) -> frozenset[str]:
    """Names of the stages that run only where a recipe says so."""
    return frozenset(stage.name for stage in stages if not stage.on)


def switched(recipe: Recipe, *, on: Collection[str] = (), off: Collection[str] = (), stages: Sequence[Stage] = STAGES) -> Recipe:
    """The recipe with some stages switched. Raises SettingsError for a name that is no stage, or one both on and off."""
    known = [stage.name for stage in stages]
    for name in (*on, *off):
        if name not in known or (name in on and name in off):
            raise SettingsError(f"'{name}' is switched both on and off" if name in known else f"there is no stage '{name}'",
                                remedy=f"Stages are: {', '.join(known)}.")
    return replace(recipe, off=(recipe.off | frozenset(off)) - frozenset(on))


def run(recipe: Recipe, clip: Clip, stylizer: Stylizer, *, film: Path | None = None, project: Project | None = None,
        stop: Callable[[], bool] = lambda: False, stages: Sequence[Stage] = STAGES) -> Run:
    """Carry out a recipe on an open clip.

    film: where the film goes. project: keeps frames between runs; None keeps nothing. stop: asked between frames.
    Raises VidStylError for all a user can mend; after it, as after a kill, the same call goes on where this one ended.
    """
    _refuse_off(recipe, stages)
    job = Job(recipe, clip, stylizer, film=film, project=project, stop=stop)
    frames = 0
    with ExitStack() as stack:
        stack.enter_context(stylizer)
        stream: Stream = nothing()
        for stage in stages:
            if stage.name not in recipe.off:
                made = stack.enter_context(closing(stage.run(stream, recipe[stage.name], job)))
                stream = stack.enter_context(closing(counted(stage.name, made, job, previews=stage.shows)))
        for item in stream:
            if isinstance(item, Progress):
                yield item
            elif isinstance(item, Frame):
                frames += 1
    seconds = time.monotonic() - job.started
    return Result(job.made, project.folder if project else None, frames, job.failed, seconds, tuple(job.notices))


def finish(steps: Run, show: Callable[[Progress], None] = lambda progress: None) -> Result:
    """Drive a run to its end; `show` sees every Progress value."""
    with closing(steps):
        while True:
            try:
                show(next(steps))
            except StopIteration as end:
                return end.value


def _refuse_off(recipe: Recipe, stages: Sequence[Stage]) -> None:
    fixed = {stage.name for stage in stages if not stage.optional} & recipe.off
    if fixed:
        raise SettingsError(f"'{sorted(fixed)[0]}' cannot be switched off", remedy="Leave it on.")
