"""Where every frame of a video is in time, and which frames decoding can start at."""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from av import FFmpegError
from numpy.typing import NDArray

from lib_vidstyl.clip.media import Media
from lib_vidstyl.errors import ClipError

MAX_FRAMES = 20_000_000
"""A file that claims more is refused: 92 hours at 60 frames a second."""

_DECODING_TIMES = ("avi",)
"""Containers that keep decoding times alone; with reordered frames, what the parser makes of them is not true."""


@dataclass(frozen=True)
class Index:
    """The frames of a video stream in the order in which they are shown.

    pts: (N,) int64 timestamps in ticks of `time_base` seconds, rising. keys: (K,) int64 timestamps of the keyframes,
    rising. key_dts: (K,) their decoding timestamps. tail: ticks that the last frame lasts. timed: whether the file has
    timestamps; without them frames are counted in order and come at a constant rate. skipped: frames before the first
    keyframe. broken: whether the file ended in an error.
    """

    pts: NDArray[np.int64]
    keys: NDArray[np.int64]
    key_dts: NDArray[np.int64]
    time_base: Fraction
    tail: int
    timed: bool = True
    skipped: int = 0
    broken: bool = False

    def __len__(self) -> int:
        return len(self.pts)

    def time(self, rank: int) -> Fraction:
        """Seconds from the first frame to frame `rank`; to the clip's end for rank N."""
        rank = min(max(rank, 0), len(self))
        ticks = int(self.pts[rank]) if rank < len(self) else int(self.pts[-1]) + self.tail
        return (ticks - int(self.pts[0])) * self.time_base

    def rank_at(self, time: Fraction) -> int:
        """The first frame that starts at or after `time` seconds, N if none does."""
        ticks = int(self.pts[0]) - int(-time / self.time_base // 1)
        return int(np.searchsorted(self.pts, min(ticks, 2**62), side="left"))

    def rank(self, pts: int) -> int:
        """The frame with this timestamp, or -1."""
        rank = int(np.searchsorted(self.pts, pts))
        return rank if rank < len(self) and self.pts[rank] == pts else -1

    def key(self, rank: int) -> int:
        """Which keyframe (its place in `keys`) decoding of frame `rank` starts at; -1: the file's beginning."""
        return int(np.searchsorted(self.keys, self.pts[rank], side="right")) - 1 if self.timed else -1

    def rate(self) -> Fraction | None:
        """Mean frames per second, None for a single frame."""
        if len(self) < 2:
            return None
        return Fraction(len(self) - 1) / self.time(len(self) - 1)

    def is_variable(self, rate: Fraction) -> bool:
        """Whether frames come at other distances than `rate` says, beyond what rounding to ticks explains."""
        if len(self) < 2:
            return False
        frame = 1 / (rate * self.time_base)
        allowed = min(Fraction(1), frame / 10) + Fraction(1, 1000)
        return bool(np.abs(np.diff(self.pts) - float(frame)).max() > float(allowed))


def indexed(media: Media, rate: Fraction) -> Index:
    """Look through a file without decoding it. rate: frames per second, for files without timestamps.

    Raises ClipError for a file without a single frame, or with too many.
    """
    entries, broken = _entries(media)
    if not entries.pts:
        raise ClipError("holds no frame that can be read", where=media.path, remedy="Copy or export it again.")
    pts, dts = np.frombuffer(entries.pts, np.int64), np.frombuffer(entries.dts, np.int64)
    key = np.frombuffer(entries.key, np.uint8).astype(bool)
    if entries.untimed or (media.demuxer in _DECODING_TIMES and not np.array_equal(pts, dts)):
        count = np.arange(len(pts), dtype=np.int64)
        return Index(count, count[:0], count[:0], 1 / rate, 1, timed=False, broken=broken)
    base = media.stream.time_base or Fraction(1, 1000)
    begin = pts[key.argmax()] if key.any() else pts.min()
    shown = np.unique(pts[pts >= begin])
    order = np.argsort(pts[key], kind="stable")
    tail = _tail(shown, entries.last_duration, int(1 / (rate * base)))
    return Index(shown, pts[key][order], dts[key][order], base, tail,
                 skipped=int(np.count_nonzero(pts < begin)), broken=broken)


class _Entries:
    """Compact lists of what the packets say, in file order."""

    def __init__(self) -> None:
        self.pts, self.dts, self.key = array("q"), array("q"), bytearray()
        self.untimed = False
        self.last_duration = 0

    def add(self, pts: int | None, dts: int | None, is_key: bool) -> None:
        self.untimed = self.untimed or pts is None
        known = pts if pts is not None else dts if dts is not None else len(self.pts)
        self.pts.append(known)
        self.dts.append(dts if dts is not None else known)
        self.key.append(is_key)


def _entries(media: Media) -> tuple[_Entries, bool]:
    entries = _Entries()
    try:
        for packet in media.container.demux(media.stream):
            if not packet.size or packet.is_discard:
                continue
            entries.add(packet.pts, packet.dts, packet.is_keyframe)
            entries.last_duration = packet.duration or 0
            if len(entries.pts) > MAX_FRAMES:
                raise ClipError(f"claims more than {MAX_FRAMES} frames", where=media.path, remedy="Cut it into parts.")
    except (FFmpegError, OSError):
        return entries, True
    return entries, False


def _tail(shown: NDArray[np.int64], last: int, usual: int) -> int:
    """Ticks that the last frame lasts: as its packet says, if that is believable, else as the others do."""
    typical = int(np.median(np.diff(shown))) if len(shown) > 1 else max(usual, 1)
    return last if 0 < last <= 100 * typical else max(typical, 1)
