"""An animated GIF, WebP or PNG, or a single picture, as a clip."""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Iterator
from fractions import Fraction
from itertools import accumulate
from pathlib import Path

from lib_vidstyl.clip.index import MAX_FRAMES
from lib_vidstyl.clip.model import ClipInfo, Picture
from lib_vidstyl.clip.picture import check_size, frame_count, has_alpha, open_pillow, planes, read_bytes, upright, upright_size
from lib_vidstyl.errors import ClipError

_USUAL = Fraction(1, 10)
_SHORTEST = Fraction(1, 100)
"""What browsers show a frame for that asks for less than 1/100 s: 1/10 s."""


class AnimationClip:
    """The frames of one picture file (see `clip.model.Clip`). A still picture is a clip of one frame, 1/fps s long.

    Raises ClipError if the file is no picture.
    """

    def __init__(self, path: Path, *, fps: Fraction = Fraction(25)) -> None:
        self._path = path
        self._picture = open_pillow(io.BytesIO(read_bytes(path)), path)
        width, height = upright_size(self._picture)
        check_size(width, height, path)
        durations, alpha, broken = self._durations(fps)
        self._times = [Fraction(0), *accumulate(durations)]
        rate = min(max((len(durations) / self._times[-1]).limit_denominator(1001), Fraction(1, 1001)), Fraction(1000))
        notices = (f"The file is cut short or damaged after {len(durations)} frames.",) if broken else ()
        self._info = ClipInfo(
            path=path, kind="picture", width=width, height=height, fps=rate, frames=len(durations), exact=True,
            duration=self._times[-1], codec=str(self._picture.format or "").lower(), matrix="rgb", full_range=True,
            alpha=alpha, variable=len(set(durations)) > 1, notices=notices)

    def _durations(self, fps: Fraction) -> tuple[list[Fraction], bool, bool]:
        """(seconds of each frame, whether any can be transparent, whether the file breaks off), by going through it."""
        count = min(frame_count(self._picture, self._path), MAX_FRAMES)
        durations: list[Fraction] = []
        alpha = False
        for place in range(count):
            try:
                self._picture.seek(place)
                self._picture.load()
            except Exception as error:  # whatever a parser trips over, the file is at fault
                if not durations:
                    raise ClipError("has no frame that can be decoded", where=self._path,
                                    remedy="Export it again.") from error
                return durations, alpha, True
            alpha = alpha or has_alpha(self._picture)
            stated = Fraction(self._picture.info.get("duration") or 0).limit_denominator(1000) / 1000
            durations.append((stated if stated >= _SHORTEST else _USUAL) if count > 1 else 1 / fps)
        return durations, alpha, False

    @property
    def info(self) -> ClipInfo:
        """The facts."""
        return self._info

    def count(self) -> int:
        """The number of frames."""
        return len(self._times) - 1

    def time_of(self, index: int) -> Fraction:
        """Seconds at which a frame starts; `time_of(count())` is the clip's end."""
        return self._times[min(max(index, 0), self.count())]

    def frame_at(self, time: Fraction) -> int:
        """The first frame that starts at or after `time` seconds; `count()` if there is none."""
        return min(bisect_left(self._times, time), self.count())

    def pictures(self, first: int = 0, end: int | None = None, *, every: int = 1) -> Iterator[Picture]:
        """Every `every`-th frame from frame `first` on, in order, until the end or before frame `end`."""
        stop = self.count() if end is None else min(end, self.count())
        for index in range(first, stop, every):
            yield self.picture(index)

    def picture(self, index: int) -> Picture:
        """One frame by its index."""
        if not 0 <= index < self.count():
            raise ClipError(f"has no frame {index}", where=self._path, remedy=f"Its frames are 0 to {self.count() - 1}.")
        try:
            self._picture.seek(index)
            image, alpha = planes(upright(self._picture))
        except Exception as error:  # as above
            raise ClipError(f"frame {index} cannot be decoded", where=self._path, remedy="Export it again.") from error
        time, after = self._times[index], self._times[index + 1]
        return Picture(index, time, after - time, image, alpha)

    def close(self) -> None:
        """Close the file."""
        self._picture.close()

    def __enter__(self) -> AnimationClip:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()
