"""What a Python user calls."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib_vidstyl.front.fields import by_short_name, with_flags
from lib_vidstyl.front.keys import with_keys
from lib_vidstyl.front.session import deflicker_recipe, kinds, new_recipe, order, read_recipe, with_given
from lib_vidstyl.pipeline import Result, finish
from lib_vidstyl.stages.base import Progress
from lib_vidstyl.stylizers.base import Stylizer


def stylize(clip: str | Path, film: str | Path | None = None, *, recipe: str | Path | None = None,
            project: str | Path | None = None, stylizer: Stylizer | None = None,
            show: Callable[[Progress], None] = lambda progress: None,
            keys: str | Path = "", stop: Callable[[], bool] = lambda: False, **settings: Any) -> Result:
    """Turn a clip into a painted film.

    clip: a video, a folder of pictures or an animated picture. film: its name; the suffix chooses the format. recipe: a
    recipe, project or film to take settings from. project: where frames are kept; default beside the film. stylizer: who
    paints instead of the recipe's painter. keys: paint keyframes only and carry them on: "auto", "every:30", "0, 45, 90", or a
    folder of painted keys. show: sees every Progress. stop: asked between frames. settings: as on the
    command line, with underscores: `look="oil", seed=7, every=2`.

    Returns a Result; raises VidStylError. Calling it again after a stop goes on where it ended.
    """
    base = read_recipe(Path(recipe)) if recipe else new_recipe()
    chosen = with_given(base, by_short_name(settings, kinds()))
    chosen = with_keys(chosen, str(keys)) if keys else chosen
    return finish(order(clip, film, recipe=chosen, project=project).start(stylizer, stop=stop), show)


def propagate(clip: str | Path, keys: str | Path, film: str | Path | None = None, **options: Any) -> Result:
    """Carry the look of some painted frames to a whole clip.

    keys: a folder of painted keys named by frame number, at any size. options: as of `stylize`.
    """
    return stylize(clip, film, keys=keys, **options)


def deflicker(styled: str | Path, guide: str | Path, film: str | Path | None = None, *, project: str | Path | None = None,
              show: Callable[[Progress], None] = lambda progress: None, stop: Callable[[], bool] = lambda: False,
              **settings: Any) -> Result:
    """Take the flicker out of a stylised film, made by whatever tool.

    styled: a video or a folder of pictures. guide: the clip that it was made from, at any size; frames are matched by number,
    or by time where the counts differ. film, project, show, stop, settings: as of `stylize`.
    """
    chosen = with_flags(deflicker_recipe(guide), by_short_name(settings, kinds()), kinds())
    return finish(order(styled, film, recipe=chosen, project=project).start(stop=stop), show)
