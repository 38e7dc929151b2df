"""How a film is called where nobody has named a file: a pattern with words in brackets, filled in."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.desk.names import file_name
from lib_vidstyl.settings import Recipe

_WORD = re.compile(r"\[([a-z]+)\]")
MOST_FOLDERS = 4


def look_of(recipe: Recipe) -> str:
    """One word for what the film looks like."""
    return str(recipe["look"].look) if recipe["paint"].painter == "paint" else "stylized"


def film_stem(pattern: str, clip: Path, recipe: Recipe, now: datetime | None = None) -> Path:
    """The film's relative path without suffix, fit for any disk. Raises SettingsError for a word that stands for nothing."""
    now = now or datetime.now()
    words = {"clip": clip.stem, "look": look_of(recipe), "seed": str(recipe["paint"].seed), "date": now.strftime("%Y-%m-%d"),
             "time": now.strftime("%H-%M-%S")}
    unknown = [word for word in _WORD.findall(pattern) if word not in words]
    if unknown:
        raise SettingsError(f"[{unknown[0]}] stands for nothing in a film's name", where="File name",
                            remedy=f"Known are: {', '.join(f'[{word}]' for word in words)}.")
    parts = [part for part in re.split(r"[\\/]", pattern) if part.strip(" .")]
    if not parts or len(parts) > MOST_FOLDERS:
        raise SettingsError("this is no name for a film", where="File name", remedy="Write it as in [date]/[clip]-[look].")
    return Path(*[_fit(_WORD.sub(lambda found: words[found[1]], part)) for part in parts])


def _fit(part: str) -> str:
    """Without what a disk would not take; the suffix that `file_name` wants is taken off again."""
    return file_name(f"{part}.mp4").removesuffix(".mp4")
