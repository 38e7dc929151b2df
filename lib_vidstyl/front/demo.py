"""The demo: a photograph put into motion, or the user's own clip, is painted; film, contact sheet and before/after come out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.film import open_film
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_jpeg
from lib_vidstyl.errors import write_failed
from lib_vidstyl.front.demo_clip import demo_frames
from lib_vidstyl.front.session import Order, order
from lib_vidstyl.front.sheet import before_after, contact_sheet
from lib_vidstyl.pipeline import Result
from lib_vidstyl.settings import Recipe

FPS = 24
TILES = 6


def demonstrate(folder: Path, clip: Path | None, recipe: Recipe, carry_out: Callable[[Order], Result]) -> dict[str, Path]:
    """Make everything in `folder`; return what was made, by name.

    carry_out: runs an order to its end. Raises VidStylError.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failed(error, folder) from error
    source = clip or moving_photograph(folder / "source.mp4")
    film = folder / f"{source.stem}-stylized.mp4"
    result = carry_out(order(source, film, recipe=recipe))
    film = result.film or film
    before, after = _spread(source), _spread(film)
    sheet, comparison = folder / "contact-sheet.jpg", folder / "before-after.jpg"
    write_whole(sheet, encode_jpeg(contact_sheet([*before, *after], columns=TILES), quality=80))
    write_whole(comparison, encode_jpeg(before_after(before[TILES // 2], after[TILES // 2])))
    return {"source": source, "film": film, "contact sheet": sheet, "before and after": comparison}


def moving_photograph(path: Path) -> Path:
    """Write the demo's clip, unless it is there."""
    if not path.exists():
        with open_film(path, format="mp4", size=(512, 512), fps=Fraction(FPS), quality=90) as film:
            for index, frame in enumerate(demo_frames()):
                film.write(frame, time=Fraction(index, FPS), duration=Fraction(1, FPS), index=index)
    return path


def _spread(path: Path) -> list[Image]:
    """TILES frames, spread over a clip."""
    with open_clip(path) as clip:
        count = clip.count()
        return [clip.picture(number * (count - 1) // max(TILES - 1, 1)).image for number in range(TILES)]
