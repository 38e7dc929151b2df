"""A whole run over a few small frames, its film without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from lib_vidstyl.settings import Recipe
from tests.drawn import moving
from tests.films import changed, written

COUNT = 7


def shots(folder: Path) -> Path:
    """A new folder of COUNT pictures in motion."""
    return written(folder, moving(COUNT, 48, 64), prefix="shot_")


def recipe(**changes: Any) -> Recipe:
    """The usual settings, with changes given as section__name=value."""
    return changed(new_recipe().replaced("encode", format="ffv1"), **changes)


def make(source: Path, stylizer: Any, film: str = "film.mkv", stop: Any = lambda: False, show: Any = lambda progress: None,
         **changes: Any) -> Any:
    """Paint it to the end, beside its source: the result."""
    target = source.parent / film
    return finish(order(source, target, recipe=recipe(**changes)).start(stylizer, stop=stop), show)
