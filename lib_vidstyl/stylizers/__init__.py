"""Who paints a frame: the protocol, and the painters that can be named in a recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lib_vidstyl.errors import PaintError
from lib_vidstyl.settings import Recipe, Settings
from lib_vidstyl.stylizers.base import Stylizer
from lib_vidstyl.stylizers.control import ControlSettings
from lib_vidstyl.stylizers.files import FilesSettings, PaintedFiles
from lib_vidstyl.stylizers.inversion import InversionSettings
from lib_vidstyl.stylizers.paint import LookSettings, Painter


@dataclass(frozen=True)
class PainterKind:
    """A painter that a recipe can name: its section of settings, and how it is made from them."""

    section: str
    settings: type[Settings]
    make: Callable[[Any], Stylizer]


PAINTERS = {
    "paint": PainterKind("look", LookSettings, Painter),
    "files": PainterKind("files", FilesSettings, PaintedFiles),
}

STEERING: dict[str, type[Settings]] = {"inversion": InversionSettings, "control": ControlSettings}
"""Sections that steer a painter with a model, whichever it is."""


def make_painter(recipe: Recipe, name: str) -> Stylizer:
    """The named painter with the recipe's settings for it. Raises PaintError for one that is not at hand here."""
    if name not in PAINTERS:
        raise PaintError(f"the painter '{name}' is not at hand here", remedy="Run it in the webui, or choose another painter.")
    kind = PAINTERS[name]
    return kind.make(recipe[kind.section])
