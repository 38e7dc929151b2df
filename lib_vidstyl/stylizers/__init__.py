"""Who paints a frame: the protocol, and the painters that can be named in a recipe."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib_vidstyl.errors import PaintError
from lib_vidstyl.settings import Recipe, Settings
from lib_vidstyl.stylizers.base import Stylizer
from lib_vidstyl.stylizers.control import ControlSettings
from lib_vidstyl.stylizers.files import FilesSettings, PaintedFiles
from lib_vidstyl.stylizers.inversion import InversionSettings
from lib_vidstyl.stylizers.paint import LookSettings, Painter
from lib_vidstyl.stylizers.webui_api import RemoteWebui, WebuiSettings


@dataclass(frozen=True)
class PainterKind:
    """A painter that a recipe can name: its section of settings, and how it is made from them.

    chosen_by: the setting that makes no sense with any other painter; whoever gives it need not name the painter too.
    """

    section: str
    settings: type[Settings]
    make: Callable[[Recipe], Stylizer]
    chosen_by: str = ""


PAINTERS = {
    "paint": PainterKind("look", LookSettings, lambda recipe: Painter(recipe["look"])),
    "files": PainterKind("files", FilesSettings, lambda recipe: PaintedFiles(recipe["files"]), "files.painted"),
    "webui": PainterKind("webui", WebuiSettings, RemoteWebui, "webui.servers"),
}

STEERING: dict[str, type[Settings]] = {"inversion": InversionSettings, "control": ControlSettings}
"""Sections that steer a painter with a model, whichever it is."""


def make_painter(recipe: Recipe, name: str) -> Stylizer:
    """The named painter with the recipe's settings for it. Raises PaintError for one that is not at hand here."""
    if name not in PAINTERS:
        raise PaintError(f"the painter '{name}' is not at hand here", remedy=f"Choose one of: {', '.join(PAINTERS)}.")
    return PAINTERS[name].make(recipe)
