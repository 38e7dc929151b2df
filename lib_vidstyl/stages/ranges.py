"""Texts that say something per range of frames: `0-89: in the rain`, one range a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib_vidstyl.errors import SettingsError

_LINE = re.compile(r"\s*(\d*)\s*(-?)\s*(\d*)\s*:(.*)")


@dataclass(frozen=True)
class Range:
    """Frames `first` to `last`, both included (`last` None: to the end), and the text said about them."""

    first: int
    last: int | None
    text: str

    def holds(self, index: int) -> bool:
        """Whether a frame lies in the range."""
        return index >= self.first and (self.last is None or index <= self.last)


def ranges(text: str) -> list[Range]:
    """Read lines `FIRST-LAST: text`, `FIRST-: text`, `-LAST: text` or `FRAME: text`; empty lines are skipped.

    Raises SettingsError naming the line that cannot be read.
    """
    return [_range(line) for line in text.splitlines() if line.strip()]


def at(said: list[Range], index: int) -> str:
    """The text of the first range that holds the frame, or ""."""
    return next((entry.text for entry in said if entry.holds(index)), "")


def whole_numbers(text: str) -> list[int]:
    """Read whole numbers separated by commas, blanks or line breaks.

    Raises SettingsError naming what is no number.
    """
    words = re.split(r"[\s,;]+", text.strip())
    for word in filter(None, words):
        if not re.fullmatch(r"\d{1,10}", word):
            raise SettingsError(f"'{word[:40]}' is no whole number", where="list of seeds", remedy="Write them as in 12, 7, 99.")
    return [int(word) for word in words if word]


def _range(line: str) -> Range:
    match = _LINE.fullmatch(line)
    if not match or not (match[1] or match[3] or match[2]):
        raise SettingsError(f"the line '{line.strip()[:60]}' has no range of frames", where="prompts per range",
                            remedy="Write '0-89: text', '90-: text' or '12: text', one per line.")
    first = int(match[1] or 0)
    last = int(match[3]) if match[3] else (None if match[2] else first)
    if last is not None and last < first:
        raise SettingsError(f"the range {first}-{last} ends before it begins", where="prompts per range",
                            remedy=f"Write {last}-{first}.")
    return Range(first, last, match[4].strip())
