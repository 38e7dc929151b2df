"""The script's controls: the recipe's settings that img2img does not decide already, and the script's own wishes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.panel import Panel
from lib_vidstyl.front.session import kinds, new_recipe
from lib_vidstyl.host import TITLE
from lib_vidstyl.host.folders import checked_path
from lib_vidstyl.host.request import FROM_IMG2IMG
from lib_vidstyl.host.wishes import Wishes
from lib_vidstyl.pipeline import STAGES
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stylizers import PAINTERS

SCRIPT = "script"
"""Name of the section that holds the script's own wishes."""

_DECIDED = frozenset({*(f"paint.{name}" for name in FROM_IMG2IMG), "paint.painter", "paint.width", "paint.height"})


@dataclass(frozen=True)
class Asked:
    """All that the controls say: a recipe, and the script's own wishes."""

    recipe: Recipe
    wishes: Wishes


@lru_cache(maxsize=1)
def panel() -> Panel:
    """The script's controls, in the order of its arguments."""
    switches = [stage.name for stage in STAGES if stage.optional and stage.name not in ("paint", "encode")]
    other_painters = [painter.section for painter in PAINTERS.values() if painter.section != "paint"]
    return Panel({SCRIPT: Wishes, **kinds()}, switches=switches, skip=[*_DECIDED, *other_painters])


def defaults() -> Recipe:
    """What the controls show at first."""
    recipe = new_recipe()
    return replace(recipe, sections={SCRIPT: Wishes(), **recipe.sections})


def read(values: Sequence[Any]) -> Asked:
    """What the controls say; every path in it is resolved and lies in an open folder.

    Raises SettingsError for a value that makes no sense, PlaceError for a path that may not be used from here.
    """
    recipe = panel().recipe(defaults(), values)
    sections = {name: section.placed(lambda path: str(checked_path(path))) for name, section in recipe.sections.items()}
    wishes = sections.pop(SCRIPT)
    return Asked(replace(recipe, sections=sections), wishes)


def for_infotext(asked: Asked) -> Recipe:
    """The controls' recipe again, for the infotext."""
    return replace(asked.recipe, sections={SCRIPT: asked.wishes, **asked.recipe.sections})


def clip_path(uploaded: Path | None, asked: Asked) -> Path:
    """The clip: the uploaded one, else the path. Raises SettingsError without one or where nothing is there."""
    if uploaded is not None:
        return uploaded
    if not asked.wishes.clip:
        raise SettingsError("there is no clip", where=TITLE, remedy="Upload a video in the script's controls, or give the path of "
                            "a video or of a folder of pictures there.")
    clip = Path(asked.wishes.clip)
    if not clip.exists():
        raise SettingsError("there is nothing of this name", where=clip.name, remedy="Check the clip's path.")
    return clip
