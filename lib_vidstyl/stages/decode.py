"""Decode: the clip's frames at working size, in order."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction

from lib_vidstyl.clip import resized, selected, selection_length, working_size
from lib_vidstyl.clip.model import Picture
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Stage, Stream


@dataclass(frozen=True)
class DecodeSettings(Settings):
    """Which frames of the clip, and how large."""

    start: str = setting("", "Start", "First frame: a number (120) or a time (4.5s, 00:01:04.5); empty: the beginning.",
                         flag="start", basic=True)
    end: str = setting("", "End", "Last frame: a frame number, itself included, or a time; empty: the end.",
                       flag="end", basic=True)
    every: int = setting(1, "Every n-th frame", "Take every n-th frame only; the film keeps its length.",
                         minimum=1, maximum=1000, flag="every", basic=True)
    skip_duplicates: bool = setting(False, "Skip duplicates", "Leave out frames that only repeat the one before; the film keeps "
                                    "its length.", flag="skip-duplicates")
    longest_side: int = setting(0, "Longest side", "Working size: the clip's shape with this many pixels on the longer side, "
                                "multiples of 8; 0: the clip's own size.", minimum=0, maximum=16384, step=8, flag="size",
                                basic=True)
    folder_fps: str = setting("25", "Frames per second of a folder", "How fast a folder of pictures plays, as in 25 or 30000/1001.",
                              flag="folder-fps")


_RATE = re.compile(r"\s*[0-9./]{1,24}\s*")
"""No exponents: 1e999999999 would be calculated."""


def frame_rate(text: str) -> Fraction:
    """Frames per second as written by a user: 25, 29.97 or 30000/1001. Raises SettingsError."""
    try:
        rate = Fraction(text.strip() if _RATE.fullmatch(text) else "0")
    except (ValueError, ZeroDivisionError):
        rate = Fraction(0)
    if not Fraction(1, 1000) <= rate <= 1000:
        raise SettingsError(f"'{text[:40]}' is no frame rate", remedy="Write it as in 25, 29.97 or 30000/1001.")
    return rate


def run(stream: Stream, settings: DecodeSettings, job: Job) -> Stream:
    """Yield the selected frames; the stream before it is empty."""
    yield from stream
    info = job.clip.info
    job.total = selection_length(job.clip, start=settings.start, end=settings.end, every=settings.every)
    job.fps = info.fps / settings.every
    size = (info.width, info.height)
    if settings.longest_side:
        size = working_size(*size, longest_side=settings.longest_side)
    yield from _notices(job)
    for picture in chosen(settings, job):
        picture = _at_size(picture, size)
        yield Frame(picture, picture.image)
    yield from _notices(job)  # a reader knows only at the end what was damaged


def chosen(settings: DecodeSettings, job: Job) -> Iterator[Picture]:
    """The selected pictures at the clip's own size, streaming; may be gone through more than once."""
    for picture in selected(job.clip, start=settings.start, end=settings.end, every=settings.every,
                            skip_duplicates=settings.skip_duplicates):
        job.check()
        yield picture


def _notices(job: Job) -> Stream:
    for notice in job.clip.info.notices:
        yield from job.notice(notice)


def _at_size(picture: Picture, size: tuple[int, int]) -> Picture:
    if picture.image.shape[1::-1] == size:
        return picture
    alpha = None if picture.alpha is None else resized(picture.alpha, size)
    return replace(picture, image=resized(picture.image, size), alpha=alpha)


STAGE = Stage("decode", DecodeSettings, run, optional=False)
