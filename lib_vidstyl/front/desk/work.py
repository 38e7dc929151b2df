"""What the worker does for each kind of job."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lib_vidstyl import pipeline
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_jpeg
from lib_vidstyl.clip.select import span
from lib_vidstyl.errors import Cancelled
from lib_vidstyl.front.desk.clips import Card, Clips, shrunk
from lib_vidstyl.front.desk.job import FILM, KEYS, TRIAL, Job
from lib_vidstyl.front.desk.pictures import Pictures
from lib_vidstyl.front.desk.written import written
from lib_vidstyl.front.naming import film_stem, look_of
from lib_vidstyl.front.session import Order, kinds, with_seed
from lib_vidstyl.front.trial import trials
from lib_vidstyl.pipeline import finish
from lib_vidstyl.project import SUFFIX, belongs, owned
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages.base import Progress
from lib_vidstyl.stages.encode import made_by
from lib_vidstyl.stylizers.base import Stylizer

PREVIEW_SECONDS = 0.5
PREVIEW_SIDE = 640
TRIAL_SIDE = 1280


@dataclass(frozen=True)
class Means:
    """What jobs are done with.

    folder: where films and projects go. painter: makes who paints for a recipe. pictures: where previews and trials are kept.
    clean: takes this machine's folders out of a sentence.
    """

    folder: Path
    clips: Clips
    painter: Callable[[Recipe], Stylizer]
    pictures: Pictures
    clean: Callable[[str], str]


def recipe_of(job: Job) -> Recipe:
    """A job's recipe. Raises SettingsError if it is none of this version."""
    return Recipe.from_json(job.recipe, kinds(), off=pipeline.off_by_default())


def carry_out(job: Job, means: Means, stop: Callable[[], bool]) -> None:
    """Do a job to its end. Raises VidStylError; Cancelled when `stop` says so."""
    card, recipe = means.clips.card(job.clip), recipe_of(job)
    if job.kind == TRIAL:
        _try(job, means, stop, (card, recipe))
        return
    job.start_seconds = start_seconds(card, recipe)
    show = _Shown(job, means)
    film, project = settled(job, means.folder, card, recipe)
    work = Order(card.path, shortened(recipe, job.kind), film, project)
    film.parent.mkdir(parents=True, exist_ok=True)
    result = finish(work.start(means.painter(recipe), stop=stop), show)
    job.frames, job.failed = result.frames, {str(frame): means.clean(why) for frame, why in result.failed.items()}
    if result.film and job.kind == FILM:
        job.film, job.made = result.film.relative_to(means.folder).as_posix(), made_by(with_seed(recipe, project))
        job.written, job.removed = written(project, result.film), False


def settled(job: Job, folder: Path, card: Card, recipe: Recipe) -> tuple[Path, Path]:
    """(film, project) of a job. To go on, or to paint a part anew, is to work on the same film, unless another job has made one
    of that name in the meantime.
    """
    film, project = folder / job.name, folder / job.project
    if not job.name or (film.exists() and not _made(film, project, job.made)):
        film, project = places(folder, card, recipe)
        job.project, job.name = project.name, film.relative_to(folder).as_posix()
    return film, project


def places(folder: Path, card: Card, recipe: Recipe) -> tuple[Path, Path]:
    """(film, project) of a clip in this look. The project is NAME-LOOK, or NAME-LOOK-2, ... where that belongs to another clip.

    The film is called like it, or as the recipe wants; never like a film with other settings, nor like a file that this
    project did not write.
    """
    suffix = FORMATS[recipe["encode"].format or "mp4"].suffix
    stem = f"{Path(card.name).stem}-{look_of(recipe)}"
    number, project = 1, folder / f"{stem}{SUFFIX}"
    while not belongs(project, card.path) or (not project.exists() and project.with_suffix(suffix).exists()):
        number += 1
        project = folder / f"{stem}-{number}{SUFFIX}"
    named = recipe["encode"].name
    wanted = folder / film_stem(named, card.path.with_name(card.name), recipe) if named else folder / project.stem
    number, film = 1, Path(f"{wanted}{suffix}")
    while film.exists() and not _made(film, project, made_by(with_seed(recipe, project))):
        number += 1
        film = Path(f"{wanted}-{number}{suffix}")
    return film, project


def _made(film: Path, project: Path, of: str) -> bool:
    """Whether the project made this film of these settings (see `made_by`), so that nothing is lost when it is made again."""
    files = sorted(film.iterdir()) if film.is_dir() else [film]
    return bool(files) and owned(project, files[0], made_by=of)


def shortened(recipe: Recipe, kind: str) -> Recipe:
    """The recipe as far as a kind of job goes: nothing after painting for the keys, nothing from painting on for their plan."""
    if kind == FILM:
        return recipe
    names = list(pipeline.sections())
    later = names[names.index("paint") + (kind == KEYS):]
    return replace(recipe, off=recipe.off | set(later))


def start_seconds(card: Card, recipe: Recipe) -> float:
    """Where in the clip the film begins."""
    chosen = recipe["decode"]
    with open_clip(card.path) as clip:
        return float(clip.time_of(span(clip, start=chosen.start, end=chosen.end)[0]))


class _Shown:
    """Takes Progress values into the job, and a preview now and then."""

    def __init__(self, job: Job, means: Means) -> None:
        self.job, self.means, self._last = job, means, 0.0

    def __call__(self, progress: Progress) -> None:
        self.job.took(replace(progress, notice=self.means.clean(progress.notice)))
        now = time.monotonic()
        if progress.preview is not None and now - self._last >= PREVIEW_SECONDS:
            self._last = now
            self.means.pictures.put(self.job.id, -1, _jpeg(progress.preview, PREVIEW_SIDE))


def _try(job: Job, means: Means, stop: Callable[[], bool], about: tuple[Card, Recipe]) -> None:
    card, recipe = about
    job.tried, job.shown = [], []
    began = time.monotonic()
    frames = spread(card, recipe, job.spread) if job.spread else [job.frame]
    of = len(frames) * (1 if job.spread else job.seeds)
    for frame in frames:
        for trial in trials(card.path, recipe, means.painter(recipe), frame=str(frame), count=of // len(frames)):
            means.pictures.put(job.id, len(job.tried), _jpeg(trial.image, TRIAL_SIDE))
            job.tried, job.shown = [*job.tried, trial.seed], [*job.shown, frame]
            job.took(Progress("paint", len(job.tried), of, frame, time.monotonic() - began))
            if stop():
                raise Cancelled("stopped")


def spread(card: Card, recipe: Recipe, count: int) -> list[int]:
    """`count` frames, evenly spread over the recipe's range: the middles of equal parts."""
    chosen = recipe["decode"]
    with open_clip(card.path) as clip:
        first, stop = span(clip, start=chosen.start, end=chosen.end)
    return sorted({first + int((number + 0.5) * (stop - first) / count) for number in range(count)})


def _jpeg(image: Image, side: int) -> bytes:
    return encode_jpeg(shrunk(image, side), quality=85)
