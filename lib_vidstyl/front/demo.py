"""The demo: keyframes of a photograph put into motion, or of the user's own clip, are painted and carried to every frame.

Out come the film, a contact sheet, before and after, and a key beside a frame made from it and beside that frame painted.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from lib_vidstyl.clip import open_clip, read_picture
from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.film import open_film
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_jpeg
from lib_vidstyl.errors import OutputError, write_failed
from lib_vidstyl.front.demo_clip import demo_frames
from lib_vidstyl.front.keys import keys_of
from lib_vidstyl.front.session import Order, order
from lib_vidstyl.front.sheet import before_after, contact_sheet
from lib_vidstyl.front.trial import trials
from lib_vidstyl.pipeline import Result
from lib_vidstyl.project import SUFFIX
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages.keyframes import PLAN
from lib_vidstyl.stages.propagate import FOLDER
from lib_vidstyl.stylizers import make_painter

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
    sheet, comparison, truth = (folder / name for name in ("contact-sheet.jpg", "before-after.jpg", "key-and-truth.jpg"))
    for path in (sheet, comparison, truth):
        if path.exists() and not film.with_suffix(SUFFIX).exists():
            raise OutputError("there is a picture that no demo has made here", where=path, remedy="Choose another folder.")
    result = carry_out(order(source, film, recipe=recipe))
    film = result.film or film
    before, after = _spread(source), _spread(film)
    write_whole(sheet, encode_jpeg(contact_sheet([*before, *after], columns=TILES), quality=80))
    write_whole(comparison, encode_jpeg(before_after(before[TILES // 2], after[TILES // 2])))
    made = {"source": source, "film": film, "contact sheet": sheet, "before and after": comparison}
    if result.project and (result.project / PLAN).is_file():
        made["key and truth"] = truth
        write_whole(truth, encode_jpeg(_key_and_truth(source, recipe, result.project), quality=85))
    return made


def _key_and_truth(source: Path, recipe: Recipe, project: Path) -> Image:
    """Side by side: a key as painted, the frame farthest from any key as it was made, and that frame painted by itself."""
    plan = keys_of(project).plan
    frame = max(plan.frames, key=lambda index: min(abs(index - key) for key in plan.keys))
    key = min(plan.keys, key=lambda index: abs(index - frame))
    truth = next(trials(source, recipe, make_painter(recipe, recipe["paint"].painter), frame=str(frame), count=1)).image
    shown = [read_picture(project / "frames" / f"{key:06d}.png")[0], read_picture(project / FOLDER / f"{frame:06d}.png")[0], truth]
    labels = [f"key {key}, painted", f"frame {frame}, carried on from its keys", f"frame {frame}, painted"]
    return contact_sheet(shown, columns=3, labels=labels)


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
