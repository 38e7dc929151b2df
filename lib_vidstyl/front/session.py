"""From what a user asks to a run: recipe, places, painter, project. Every way in goes through here."""

from __future__ import annotations

import codecs
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_vidstyl import pipeline
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.atomic import short
from lib_vidstyl.clip.film import read_metadata
from lib_vidstyl.clip.formats import FORMATS, film_format
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.fields import with_flags
from lib_vidstyl.hashes import digest
from lib_vidstyl.project import SUFFIX, Project, belongs
from lib_vidstyl.settings import Recipe, Settings
from lib_vidstyl.stages.decode import frame_rate
from lib_vidstyl.stages.encode import RECIPE_TAG
from lib_vidstyl.stylizers import PAINTERS, STEERING, make_painter
from lib_vidstyl.stylizers.base import Stylizer
from lib_vidstyl.versions import versions

MOST_BYTES = 200
"""Of a clip's name in its film's, which is followed by "-stylized-2-incomplete.mp4" at most."""


def kinds() -> dict[str, type[Settings]]:
    """Section name -> settings' class, of all stages and painters, and of what steers a painter."""
    return {**pipeline.sections(), **{painter.section: painter.settings for painter in PAINTERS.values()}, **STEERING}


def new_recipe() -> Recipe:
    """The recipe with every default."""
    return Recipe({name: kind() for name, kind in kinds().items()}, pipeline.off_by_default())


def with_given(recipe: Recipe, given: Mapping[str, Any]) -> Recipe:
    """The recipe with what a user has given; a setting of one painter alone chooses that painter, unless one is named.

    Raises SettingsError for a value out of range.
    """
    if "paint.painter" not in given:
        implied = [name for name, painter in PAINTERS.items() if painter.chosen_by and given.get(painter.chosen_by)]
        if len(implied) > 1:
            raise SettingsError(f"{' and '.join(PAINTERS[name].chosen_by for name in implied)} were given, and one of them paints",
                                remedy=f"Say which with --painter: {' or '.join(implied)}.")
        recipe = recipe.replaced("paint", painter=implied[0]) if implied else recipe
    return with_flags(recipe, given, kinds())


def read_recipe(path: Path) -> Recipe:
    """Read a recipe from a JSON file, a project folder, or a film that was made here.

    Raises SettingsError if there is none.
    """
    if path.is_dir():
        path = path / "recipe.json"
    if not path.is_file():
        raise SettingsError("there is no such recipe", where=path, remedy="Give a recipe.json, a project folder or a film.")
    own = path.suffix.lower() == ".json"
    return Recipe.from_json(_recipe_text(path), kinds(), off=pipeline.off_by_default(), where=path.name, paths=own)


@dataclass(frozen=True)
class Order:
    """One run to carry out: a clip, a recipe, the film's place, the project's place (None: keep nothing)."""

    clip: Path
    recipe: Recipe
    film: Path
    project: Path | None

    def start(self, stylizer: Stylizer | None = None, *, stop: Callable[[], bool] = lambda: False) -> pipeline.Run:
        """Carry it out; see `pipeline.run`. stylizer: who paints, instead of the recipe's own painter."""
        with open_clip(self.clip, fps=frame_rate(self.recipe["decode"].folder_fps)) as clip:
            place = Project(self.project, self.clip) if self.project else nullcontext()
            with place as project:
                recipe = with_seed(self.recipe, self.project)
                if project:
                    project.write_beside("recipe.json", _noted(recipe, drawn=recipe != self.recipe))
                    project.log(f"started: {versions()}")
                painter = stylizer or make_painter(recipe, recipe["paint"].painter)
                return (yield from pipeline.run(recipe, clip, painter, film=self.film, project=project, stop=stop))


def order(clip: str | Path, film: str | Path | None = None, *, recipe: Recipe | None = None,
          project: str | Path | None = None) -> Order:
    """Settle where everything goes.

    film: a file name, whose suffix chooses the format (the recipe's own, if that has this suffix), or None:
    CLIP-stylized in the current folder. project: a folder, or None: beside the film, NAME.vidstyl.
    Raises SettingsError for an unknown suffix, and where there is no name.
    """
    clip, recipe = Path(clip), recipe or new_recipe()
    named = recipe["encode"].format
    if film is None:
        stem = short(clip.resolve().stem or "clip", MOST_BYTES)  # resolved: "." has a name too
        film = _free(Path.cwd() / f"{stem}-stylized{film_format(named or 'mp4').suffix}", clip)
    film = Path(film)
    if film.name in ("", ".."):
        raise SettingsError("this is a folder, and no name for a film", where=film,
                            remedy=f"Write {film / 'film.mp4'}, for instance.")
    if not named or FORMATS[named].suffix != film.suffix.lower():
        recipe = recipe.replaced("encode", format=film_format(film).name)
    return Order(clip, recipe, film, Path(project) if project else film.with_suffix(SUFFIX))


def deflicker_recipe(guide: str | Path, base: Recipe | None = None) -> Recipe:
    """The recipe that takes flicker out of a clip which is stylised already: nothing is painted; `guide` is its source."""
    recipe = pipeline.switched(base or new_recipe(), on=["deflicker"], off=["keyframes", "paint", "propagate"])
    return recipe.replaced("deflicker", guide=str(guide))


def _free(film: Path, clip: Path) -> Path:
    """The film's name, with -2, -3, ... while that name serves another clip or is somebody else's file."""
    number, name = 1, film
    while clip.exists() and not _ours_or_free(name, clip):
        number += 1
        name = film.with_name(f"{film.stem}-{number}{film.suffix}")
    return name


def _ours_or_free(film: Path, clip: Path) -> bool:
    project = film.with_suffix(SUFFIX)
    return belongs(project, clip) and (project.exists() or not film.exists())


def same_files(project: Path, recipe: Recipe) -> bool:
    """Whether a project was last made with the local files (maps, masks, guides) that the recipe names."""
    return bool(_notes(project).get("files", "") == _files(recipe))


def _noted(recipe: Recipe, *, drawn: bool) -> bytes:
    """What a project keeps of its recipe: no local path, but a digest that tells other files from the same; and whether the
    seed was drawn.
    """
    noted = {**json.loads(recipe.to_json(paths=False)), "files": _files(recipe), "drawn": drawn}
    return json.dumps(noted, indent=1, ensure_ascii=False).encode("utf-8")


def _files(recipe: Recipe) -> str:
    """A digest of the local paths in a recipe; "" if it names none."""
    named = [[section, name, value] for section, settings in recipe.sections.items() for name, _, _, facts in settings.described()
             if facts.path and (value := getattr(settings, name))]
    return digest(named) if named else ""


def with_seed(recipe: Recipe, project: Path | None) -> Recipe:
    """The recipe with a seed drawn for -1: the one that was drawn for this project before, if there is one."""
    if recipe["paint"].seed != -1:
        return recipe
    seed = secrets.randbelow(2**32)
    if project and _notes(project).get("drawn", True):
        with suppress(SettingsError):
            seed = read_recipe(project)["paint"].seed
    return recipe.replaced("paint", seed=seed)


def _notes(project: Path) -> dict[str, Any]:
    """What a project has noted with its recipe; nothing if that is missing or damaged."""
    try:
        found = json.loads((project / "recipe.json").read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def text_of(data: bytes) -> str:
    """A text file's content: UTF-8, or the UTF-16 that PowerShell writes; a mark at the beginning is no part of it."""
    return data.decode("utf-16" if data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE) else "utf-8-sig", errors="replace")


def _recipe_text(path: Path) -> str:
    if path.suffix.lower() == ".json":
        try:
            return text_of(path.read_bytes())
        except OSError as error:
            raise SettingsError(f"it cannot be read ({error.strerror})", where=path, remedy="Check your rights to it.") from error
    text = read_metadata(path).get(RECIPE_TAG)
    if text is None:
        raise SettingsError("the film holds no recipe", where=path, remedy="Give a film made here, or a recipe.json.")
    return text
