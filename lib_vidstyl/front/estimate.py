"""How many frames, how much disk and how long, before a run: measured on a few of the clip's own frames."""

from __future__ import annotations

import shutil
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from lib_vidstyl.clip import open_clip, selection_length
from lib_vidstyl.clip.folder import numbered_files
from lib_vidstyl.clip.select import span
from lib_vidstyl.front.session import Order
from lib_vidstyl.pipeline import finish
from lib_vidstyl.settings import Recipe

SAMPLES = 6
"""Frames that are really made, in one piece at the middle of the clip's range."""


@dataclass(frozen=True)
class Estimate:
    """frames; bytes of kept frames and of the film; seconds; free bytes where they would go."""

    frames: int
    kept_bytes: int
    film_bytes: int
    seconds: float
    free_bytes: int

    def sentences(self) -> list[str]:
        """For people."""
        kept, film, free = (f"{size / 1e6:.0f} MB" for size in (self.kept_bytes, self.film_bytes, self.free_bytes))
        lines = [f"Frames: {self.frames}", f"Disk:   about {kept} of frames and {film} of film ({free} free)",
                 f"Time:   about {_spoken(self.seconds)}"]
        short = self.kept_bytes + self.film_bytes > self.free_bytes
        return lines + ["Warning: that is more than there is free."] * short


def estimate(work: Order) -> Estimate:
    """Make SAMPLES frames of the order in a temporary folder and reckon up from them. Nothing is kept.

    Where only keyframes are painted, one of the sample is, which is more than of the whole film: the guess is on the safe side.
    """
    chosen = work.recipe["decode"]
    with open_clip(work.clip) as clip:
        choice = {"start": chosen.start, "end": chosen.end}
        frames = selection_length(clip, **choice, every=chosen.every)
        first, stop = span(clip, **choice)
    some = min(SAMPLES, frames)
    start = first + (frames - some) // 2 * chosen.every
    recipe = work.recipe
    if "keyframes" not in recipe.off:
        start, recipe = _with_one_key(recipe, range(first, stop, chosen.every), start)
    sample = recipe.replaced("decode", start=str(start), end=str(min(stop, start + some * chosen.every) - 1))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        trial = Order(work.clip, sample, folder / f"film{work.film.suffix}", folder / "trial")
        began = time.monotonic()
        made = finish(trial.start())
        seconds = time.monotonic() - began
        kept = sum(path.stat().st_size for path in (folder / "trial").glob("*/*.png"))
        film = _size(made.film)
    share = frames / max(made.frames, 1)
    return Estimate(frames, int(kept * share), int(film * share), seconds * share, shutil.disk_usage(_existing(work.film)).free)


def _with_one_key(recipe: Recipe, frames: range, start: int) -> tuple[int, Recipe]:
    """Where the sample begins: at a key, which is the only one of the recipe. Of keys painted elsewhere one has to be taken."""
    if recipe["keyframes"].choice == "painted" and recipe["files"].painted:
        painted = sorted(set(numbered_files(Path(recipe["files"].painted))) & set(frames))
        start = painted[len(painted) // 2] if painted else start
    return start, recipe.replaced("keyframes", choice="list", frames=str(start))


def _size(film: Path | None) -> int:
    if film is None or not film.exists():
        return 0
    return sum(path.stat().st_size for path in film.iterdir()) if film.is_dir() else film.stat().st_size


def _existing(path: Path) -> Path:
    """The nearest folder above that is there."""
    return next(parent for parent in path.resolve().parents if parent.is_dir())


def _spoken(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"
