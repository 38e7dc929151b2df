"""Which frames of a clip: a range by frame or time, every n-th, without duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import islice

from lib_vidstyl.clip.duplicates import distinct
from lib_vidstyl.clip.model import Clip, Picture
from lib_vidstyl.errors import SettingsError

_TIME = re.compile(r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d*)?|\.\d+)(s?)", re.ASCII)


def position(text: str) -> int | Fraction | None:
    """A place in a clip: "120" is frame 120, "4.5s", "1:04.5" and "00:01:04.5" are seconds; empty is None.

    Raises SettingsError for anything else.
    """
    text = text.strip()
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    match = _TIME.fullmatch(text) if len(text) < 40 else None
    if not match or not (match[2] or match[4]):
        raise SettingsError(f"{text[:40]!r} is no place in a clip",
                            remedy="Give a frame number (120) or a time (4.5s, 00:01:04.5).")
    hours, minutes, seconds = match[1] or "0", match[2] or "0", match[3]
    return int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds.rstrip("."))


def span(clip: Clip, *, start: str = "", end: str = "") -> tuple[int, int]:
    """(first, stop): the frames from `start` to `end` as indices, stop not included.

    A frame number as `end` is the last frame taken; a time as `end` is not itself included, so that "1s" to "2s" and
    "2s" to "3s" share no frame. Raises SettingsError if nothing is left.
    """
    count, begin, last = clip.count(), position(start), position(end)
    first = begin if isinstance(begin, int) else clip.frame_at(begin or Fraction(0))
    after = last + 1 if isinstance(last, int) else clip.frame_at(last) if last is not None else count
    stop = min(after, count)
    if first >= stop:
        chosen = f"{start or 'the beginning'} to {end or 'the end'}"
        raise SettingsError(f"no frame lies between {chosen}", where=clip.info.path,
                            remedy=f"The clip has {count} frames, 0 to {count - 1}, in {float(clip.time_of(count)):.3f} s.")
    return first, stop


def selection_length(clip: Clip, *, start: str = "", end: str = "", every: int = 1) -> int:
    """How many frames `selected` will give without skipping duplicates. Decodes nothing."""
    first, stop = span(clip, start=start, end=end)
    return -(-(stop - first) // every)


def selected(
    clip: Clip, *, start: str = "", end: str = "", every: int = 1, skip_duplicates: bool = False
) -> Iterator[Picture]:
    """The frames from `start` to `end` (see `span`), every n-th of them, streaming; indices and times are the clip's.

    Duplicates go first, then every n-th of what is left is taken. A kept frame lasts until the next kept one, so that
    the film keeps its length.
    """
    if every < 1:
        raise SettingsError(f"every {every}-th frame makes no sense", remedy="Give 1 or more.")
    first, stop = span(clip, start=start, end=end)
    if not skip_duplicates:
        return _lengthened(clip.pictures(first, stop, every=every), clip.time_of(stop))
    kept = islice(distinct(clip.pictures(first, stop)), 0, None, every)
    return _lengthened(kept, clip.time_of(stop))


def _lengthened(pictures: Iterator[Picture], end: Fraction) -> Iterator[Picture]:
    """Each picture's duration extended to the next one's start; the last one's to `end` seconds."""
    held: Picture | None = None
    for picture in pictures:
        if held:
            yield replace(held, duration=picture.time - held.time)
        held = picture
    if held:
        yield replace(held, duration=end - held.time)
