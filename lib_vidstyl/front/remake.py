"""The report of a film that is finished: measured from the film itself, nothing is painted."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from lib_vidstyl import pipeline
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.errors import ProjectError, SettingsError
from lib_vidstyl.front.session import new_recipe, read_recipe
from lib_vidstyl.project import SUFFIX, Project, belongs
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages import decode, report
from lib_vidstyl.stages.base import Job, Progress, Stream
from lib_vidstyl.stages.decode import DecodeSettings, frame_rate
from lib_vidstyl.stages.encode import incomplete
from lib_vidstyl.stages.keyframes import PLAN
from lib_vidstyl.stylizers import make_painter


@dataclass(frozen=True)
class Finished:
    """A finished film: the film, its project's folder (which need not be there yet), and the clip it was made from."""

    film: Path
    project: Path
    clip: Path
    recipe: Recipe

    def start(self, *, stop: Callable[[], bool] = lambda: False) -> pipeline.Run:
        """Measure it and write the report into the project; see `pipeline.run`."""
        stages = (replace(decode.STAGE, run=self._filmed), report.STAGE)
        with (open_clip(self.clip, fps=frame_rate(self.recipe["decode"].folder_fps)) as clip,
              Project(self.project, self.clip) as project):
            painter = make_painter(new_recipe(), "paint")
            recipe = pipeline.switched(self.recipe, on=["report"])
            return (yield from pipeline.run(recipe, clip, painter, film=self.film, project=project, stop=stop, stages=stages))

    def _filmed(self, stream: Stream, settings: DecodeSettings, job: Job) -> Stream:
        """The clip's frames with their pictures in the film, in the place of painting them."""
        keys, cuts = _plan(self.project)
        with open_clip(self.film, fps=job.clip.info.fps / settings.every) as film:
            pictures = film.pictures()
            for item in decode.run(stream, settings, job):
                if isinstance(item, Progress):
                    yield item
                    continue
                made = next(pictures, None)
                if made is None:
                    raise SettingsError("the film has fewer frames than the clip", where=self.film,
                                        remedy="Give the clip and the project that the film was made from.")
                yield replace(item, image=made.image, to_paint=item.index in keys, cut=item.index in cuts)


def report_place(place: Path) -> Path:
    """The project's folder of a film or a project, whether it is there or not."""
    return place if (place / "project.json").is_file() or place.suffix == SUFFIX else place.with_suffix(SUFFIX)


def finished(place: Path, *, clip: Path | None = None, guide: Path | None = None) -> Finished:
    """What `place`, a film or a project's folder, is made of.

    clip: what the film was made from, where it is not beside it. guide: the clip whose motion is to be compared with, for a
    film that was steadied. Raises ProjectError for a film or clip that is not there.
    """
    project = report_place(place)
    film = _film(project) if place == project else place
    if not film.exists():
        raise ProjectError("there is no such film", where=film, remedy="Give a film, or the project's folder beside it.")
    source = clip or _clip(project)
    try:
        recipe = read_recipe(project if (project / "recipe.json").is_file() else film)
    except SettingsError:
        recipe = pipeline.switched(new_recipe(), off=["paint"])  # made elsewhere: nothing here could paint it again
    if guide:
        recipe = pipeline.switched(recipe.replaced("deflicker", guide=str(guide)), on=["deflicker"])
    return Finished(film, project, source, recipe)


def _film(project: Path) -> Path:
    """The film of a project, beside it or in it."""
    recipe = read_recipe(project)
    beside = project.with_suffix(FORMATS[recipe["encode"].format or "mp4"].suffix)
    inside = sorted(path for path in (project / "result").glob("*") if path.is_file())
    for film in (beside, incomplete(beside), *inside):
        if film.exists() and film != project:
            return film
    raise ProjectError("the film of this project is not beside it", where=project, remedy="Give the film itself.")


def _clip(project: Path) -> Path:
    """The clip of a project, by its name and content: beside the project, or in the current folder."""
    try:
        name = Path(json.loads((project / "project.json").read_text(encoding="utf-8"))["clip"]).name
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProjectError("it is not known which clip the film was made from", where=project,
                           remedy="Give it with --clip CLIP.") from error
    for folder in (project.parent, project, Path.cwd()):
        if (folder / name).exists() and belongs(project, folder / name):
            return folder / name
    raise ProjectError(f"the clip that the film was made from ('{name}') is not beside it", where=project,
                       remedy="Give it with --clip CLIP.")


def _plan(project: Path) -> tuple[set[int], set[int]]:
    """(keys, first frames of shots) that the project knows of."""
    try:
        found = json.loads((project / PLAN).read_text(encoding="utf-8"))
        return set(found["keys"]), set(found["cuts"])
    except (OSError, ValueError, KeyError, TypeError):
        return set(), set()
