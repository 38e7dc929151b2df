"""What a user says about control units: a line per unit, `0: frame`, and a line per file or folder, `1: maps/depth`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from lib_vidstyl.errors import SettingsError


@dataclass(frozen=True)
class Source:
    """A place that pictures come from.

    says: in a sentence. file: what the unit's file line names; "" if it has none. ranged: several file lines, each for a
    range of frames. looks_back: depends on frames painted before.
    """

    says: str
    file: str = ""
    ranged: bool = False
    looks_back: bool = False


SOURCES = MappingProxyType({
    "frame": Source("the frame itself"),
    "maps": Source("ready-made maps, one per frame", file="a folder or video of maps"),
    "previous": Source("the picture painted before", looks_back=True),
    "warped": Source("the picture painted before, moved along with the film", looks_back=True),
    "first": Source("the first picture painted of the shot", looks_back=True),
    "keyframe": Source("the keyframe nearest to the frame", file="a folder of keyframes named by frame numbers"),
    "picture": Source("a picture of your own", file="a picture", ranged=True),
    "own": Source("the picture in the unit"),
})
"""All sources by name. "own" is what a unit keeps that takes references and has one; it may be asked for too."""


@dataclass(frozen=True)
class File:
    """A file or folder, for frames `first` to `last`, both included (None: to the end)."""

    path: str
    first: int = 0
    last: int | None = None

    def holds(self, index: int) -> bool:
        """Whether it is meant for a frame."""
        return index >= self.first and (self.last is None or index <= self.last)


@dataclass(frozen=True)
class Feed:
    """One unit, counted from 0, and where its pictures come from."""

    unit: int
    source: str = "frame"
    files: tuple[File, ...] = ()

    def paths(self, index: int) -> tuple[str, ...]:
        """The files meant for a frame. Raises SettingsError if its source needs one and none is meant for the frame."""
        found = tuple(file.path for file in self.files if file.holds(index))
        if SOURCES[self.source].file and not found:
            raise SettingsError(f"control unit {self.unit} has no picture for frame {index}", where="control files",
                                remedy=f"Add a line '{self.unit} {index}-: FILE'.")
        return found


def read_feeds(sources: str, files: str = "") -> tuple[Feed, ...]:
    """Read the lines of both texts; empty lines are skipped.

    sources: lines `UNIT: SOURCE`. files: lines `UNIT: PATH`, or `UNIT FIRST-LAST: PATH` for a range of frames (ends may be
    left out); several lines that hold the same frame give it several pictures. Raises SettingsError naming the line, or
    the unit that lacks a file.
    """
    named = _sources(sources)
    given: dict[int, list[File]] = {unit: [] for unit in named}
    for line in _lines(files):
        unit, file = _file(line)
        if unit not in named:
            raise _wrong("control files", line, f"unit {unit} has no source",
                         f"Add a line '{unit}: picture' to the control sources.")
        given[unit].append(file)
    return tuple(_checked(Feed(unit, source, tuple(given[unit]))) for unit, source in sorted(named.items()))


def with_paths(files: str, change: Callable[[str], str]) -> str:
    """The file lines with every path changed. Raises SettingsError for a line that is not understood."""
    made = []
    for line in _lines(files):
        _, file = _file(line)
        head = line[:line.rindex(file.path)].rstrip()
        made.append(f"{head} {change(file.path)}")
    return "\n".join(made)


def completed(feeds: Sequence[Feed], units: Iterable[int]) -> tuple[Feed, ...]:
    """A feed for each enabled unit: what was said of it, else the frame itself.

    Raises SettingsError for a feed whose unit is not enabled.
    """
    said, enabled = {feed.unit: feed for feed in feeds}, sorted(units)
    for unit in said:
        if unit not in enabled:
            raise SettingsError(f"control unit {unit} has a source but is not enabled", where="control sources",
                                remedy=f"Enable it, or take its line away. Enabled are: {', '.join(map(str, enabled)) or 'none'}.")
    return tuple(said.get(unit, Feed(unit)) for unit in enabled)


_SOURCE = re.compile(r"(\d{1,3})\s*:\s*(\w+)")
_FILE = re.compile(r"(\d{1,3})(?:\s+(\d{0,9})\s*(-?)\s*(\d{0,9}))?\s*:\s*(\S.*)")


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _sources(text: str) -> dict[int, str]:
    named: dict[int, str] = {}
    for line in _lines(text):
        match = _SOURCE.fullmatch(line)
        if not match:
            raise _wrong("control sources", line, "this line is not understood", "Write 'UNIT: SOURCE', as in '0: frame'.")
        unit, source = int(match[1]), match[2].lower()
        if source not in SOURCES:
            raise _wrong("control sources", line, f"there is no source '{source}'", f"Choose one of: {', '.join(SOURCES)}.")
        if unit in named:
            raise _wrong("control sources", line, f"unit {unit} has a source already", "Give each unit one line.")
        named[unit] = source
    return named


def _file(line: str) -> tuple[int, File]:
    match = _FILE.fullmatch(line)
    if not match:
        raise _wrong("control files", line, "this line is not understood", "Write 'UNIT: PATH' or 'UNIT FIRST-LAST: PATH'.")
    first = int(match[2] or 0)
    last = int(match[4]) if match[4] else (first if match[2] and not match[3] else None)
    if last is not None and last < first:
        raise _wrong("control files", line, f"the range {first}-{last} ends before it begins", f"Write {last}-{first}.")
    return int(match[1]), File(match[5].strip(), first, last)


def _checked(feed: Feed) -> Feed:
    source = SOURCES[feed.source]
    if not source.file and feed.files:
        raise SettingsError(f"control unit {feed.unit} takes {source.says}, which needs no file", where="control files",
                            remedy=f"Take its line away, or choose another source than '{feed.source}'.")
    if source.file and not feed.files:
        raise SettingsError(f"control unit {feed.unit} lacks {source.file}", where="control files",
                            remedy=f"Add a line '{feed.unit}: PATH'.")
    if not source.ranged and (len(feed.files) > 1 or any(file != File(file.path) for file in feed.files)):
        raise SettingsError(f"control unit {feed.unit} takes {source.says} from one place for all frames", where="control files",
                            remedy=f"Give it one line, '{feed.unit}: PATH'.")
    return feed


def _wrong(where: str, line: str, what: str, remedy: str) -> SettingsError:
    return SettingsError(f"'{line[:60]}': {what}", where=where, remedy=remedy)
