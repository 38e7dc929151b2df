"""Try one frame: the same frame painted with several seeds, to choose one before a film is made of it."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages import decode
from lib_vidstyl.stages.base import Frame, Job, nothing
from lib_vidstyl.stages.masks import MaskSource, within
from lib_vidstyl.stages.paint import Easel
from lib_vidstyl.store import NoStore
from lib_vidstyl.stylizers.base import Stylizer, Task


@dataclass(frozen=True)
class Trial:
    """One picture of the frame that was tried: its seed, the frame's number, what was painted and of what."""

    seed: int
    frame: int
    image: Image
    source: Image


def trials(clip: Path, recipe: Recipe, stylizer: Stylizer, *, frame: str = "", count: int = 4) -> Iterator[Trial]:
    """Paint one frame with `count` seeds, the recipe's own first and those above it (-1: all drawn).

    frame: a number or a time as in the decode settings; "": the first of the range. Raises VidStylError as a run does.
    """
    with open_clip(clip, fps=decode.frame_rate(recipe["decode"].folder_fps)) as opened, stylizer:
        job = Job(recipe, opened, stylizer)
        source = _frame(job, frame)
        with MaskSource(recipe["paint"].mask) as masks:
            task = Easel(recipe["paint"], job, NoStore(), masks).task(source)
        yield from _painted(task, seeds(recipe["paint"].seed, count), stylizer)


def frame_to_try(clip: Path, recipe: Recipe, stylizer: Stylizer, frame: str = "") -> Task:
    """One frame as a run would hand it to the stylizer, with the seed that it has there (-1: drawn); see `trials`."""
    with open_clip(clip, fps=decode.frame_rate(recipe["decode"].folder_fps)) as opened:
        job = Job(recipe, opened, stylizer)
        source = _frame(job, frame)
        with MaskSource(recipe["paint"].mask) as masks:
            return Easel(recipe["paint"], job, NoStore(), masks).task(source)


def seeds(first: int, count: int) -> list[int]:
    """The seeds to try."""
    if first == -1:
        return [secrets.randbelow(2**32) for _ in range(count)]
    return [(first + more) % 2**32 for more in range(count)]


def _painted(task: Task, tried: Sequence[int], stylizer: Stylizer) -> Iterator[Trial]:
    size = max(1, min(stylizer.abilities.batch, len(tried), 4))
    for start in range(0, len(tried), size):
        batch = [replace(task, seed=seed) for seed in tried[start:start + size]]
        for one, image in zip(batch, stylizer.paint(batch), strict=True):
            if one.mask is not None and not stylizer.abilities.masks:
                image = within(one.mask, image, one.image)
            yield Trial(one.seed, one.index, image, one.image)


def _frame(job: Job, named: str) -> Frame:
    settings = job.recipe["decode"]
    start = named or settings.start
    only = settings.replaced(start=start, every=1, skip_duplicates=False, end=settings.end if not named else "")
    found = next((item for item in decode.run(nothing(), only, job) if isinstance(item, Frame)), None)
    if found is None:
        raise SettingsError(f"there is no frame '{named}' to try", remedy="Give the number of a frame of the clip.")
    return found
