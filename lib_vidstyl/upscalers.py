"""Who enlarges pictures: the one that is built in, and those that a host brings along."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Protocol

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import SettingsError

LANCZOS = "Lanczos"


class Upscaler(Protocol):
    """Enlarges one picture.

    name: what a recipe calls it. version: changes when its pictures do. costly: worth keeping its pictures between runs.
    """

    name: str
    version: str
    costly: bool

    def enlarged(self, image: Image, size: tuple[int, int]) -> Image:
        """The picture, (H, W, 3) uint8 RGB, at size (width, height). Raises Cancelled when its host was told to stop."""


class Lanczos:
    """Lanczos up, area mean down."""

    name, version, costly = LANCZOS, "1", False

    def enlarged(self, image: Image, size: tuple[int, int]) -> Image:
        """The picture at size (width, height)."""
        return resized(image, size)


Source = Callable[[], Mapping[str, Upscaler]]
"""Gives a host's upscalers by name; called when one of them is wanted."""

_sources: dict[str, Source] = {}


def add_source(name: str, source: Source) -> None:
    """Let recipes name a host's upscalers, until `remove_source(name)`."""
    _sources[name] = source


def remove_source(name: str) -> None:
    """Forget a host's upscalers."""
    _sources.pop(name, None)


def names() -> list[str]:
    """What can be named here."""
    return [LANCZOS, *(name for source in _sources.values() for name in source() if name != LANCZOS)]


def find(name: str) -> Upscaler:
    """The upscaler of this name, large and small letters alike. Raises SettingsError, which lists what there is."""
    known: dict[str, Upscaler] = {}
    for source in _sources.values():
        known |= {name.lower(): upscaler for name, upscaler in source().items()}
    known[LANCZOS.lower()] = Lanczos()
    if name.strip().lower() not in known:
        raise SettingsError(f"there is no upscaler '{name}' here", remedy=f"Choose one of: {', '.join(names())}.")
    return known[name.strip().lower()]
