"""Texts that say something per range of frames: `0-89: in the rain`, one range a line."""

from __future__ import annotations

import re
from dataclasses import dataclass

from lib_vidstyl.errors import SettingsError

_LINE = re.compile(r"\s*(\d{0,10})\s*(-?)\s*(\d{0,10})\s*:(.*)")


@dataclass(frozen=True)
class Range:
    """Frames `first` to `last`, both included (`last` None: to the end), and the text said about them."""

    first: int
    last: int | None
    text: str

    def holds(self, index: int) -> bool:
        """Whether a frame lies in the range."""
        return index >= self.first and (self.last is None or index <= self.last)


def ranges(text: str, *, where: str = "prompts per range") -> list[Range]:
    """Read lines `FIRST-LAST: text`, `FIRST-: text`, `-LAST: text` or `FRAME: text`; empty lines are skipped.

    where: what the text is, for errors. Raises SettingsError naming the line that cannot be read.
    """
    return [_range(line, where) for line in text.splitlines() if line.strip()]


def range_of(text: str, *, where: str) -> Range:
    """Read one range without a text: `FIRST-LAST`, `FIRST-`, `-LAST` or `FRAME`. Raises SettingsError."""
    return _range(f"{text}:", where)


def at(said: list[Range], index: int) -> str:
    """The text of the first range that holds the frame, or ""."""
    return next((entry.text for entry in said if entry.holds(index)), "")


def reseeded(text: str, first: int, last: int, seed: int) -> str:
    """The seeds per range with another seed for frames `first` to `last`; the first line that fits a frame counts."""
    line = f"{first}-{last}: {seed % 2**32}" if first < last else f"{first}: {seed % 2**32}"
    return "\n".join([line, *(kept for kept in text.splitlines() if kept.strip() and kept.split(":")[0] != line.split(":")[0])])


def whole_numbers(text: str, *, where: str = "list of seeds") -> list[int]:
    """Read whole numbers separated by commas, blanks or line breaks.

    where: what the text is, for errors. Raises SettingsError naming what is no number.
    """
    words = re.split(r"[\s,;]+", text.strip())
    for word in filter(None, words):
        if not re.fullmatch(r"\d{1,10}", word):
            raise SettingsError(f"'{word[:40]}' is no whole number", where=where, remedy="Write them as in 12, 7, 99.")
    return [int(word) for word in words if word]


def _range(line: str, where: str) -> Range:
    match = _LINE.fullmatch(line)
    if not match or not (match[1] or match[3] or match[2]):
        raise SettingsError(f"the line '{line.strip()[:60]}' has no range of frames", where=where,
                            remedy="Write '0-89: text', '90-: text' or '12: text', one per line.")
    first = int(match[1] or 0)
    last = int(match[3]) if match[3] else (None if match[2] else first)
    if last is not None and last < first:
        raise SettingsError(f"the range {first}-{last} ends before it begins", where=where,
                            remedy=f"Write {last}-{first}.")
    return Range(first, last, match[4].strip())
