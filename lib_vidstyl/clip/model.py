"""What a clip is: its pictures, its facts, its sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
"""(H, W, 3) uint8 RGB."""
Plane = NDArray[np.uint8]
"""(H, W) uint8, 0 = none, 255 = full: alpha or a mask."""


@dataclass(frozen=True)
class Picture:
    """One frame of a clip as it should be seen: rotated upright, square pixels, full-range RGB.

    index: 0-based number in the clip (all frames counted, whatever is selected). time, duration: seconds from the
    clip's first frame, exact. image: (H, W, 3) uint8 RGB. alpha: (H, W) uint8 or None.
    """

    index: int
    time: Fraction
    duration: Fraction
    image: Image
    alpha: Plane | None = None


@dataclass(frozen=True)
class SoundInfo:
    """One audio stream: codec name, samples per second, channels, and seconds from the first frame to its start."""

    codec: str
    rate: int
    channels: int
    start: Fraction


@dataclass(frozen=True)
class ClipInfo:
    """Facts about a clip.

    width, height: as shown (after rotation and pixel aspect). fps: nominal, exact. frames: number of frames, exact
    where `exact` is true, else the container's estimate. duration: seconds. pixel_aspect and rotation (degrees
    clockwise) are the file's own, already applied to the pictures. matrix: "bt601", "bt709", "bt2020" or "rgb".
    notices: one sentence each about what was converted, guessed or found missing.
    """

    path: Path
    kind: str
    width: int
    height: int
    fps: Fraction
    frames: int
    exact: bool
    duration: Fraction
    codec: str = ""
    bits: int = 8
    rotation: int = 0
    pixel_aspect: Fraction = Fraction(1)
    matrix: str = "bt709"
    full_range: bool = False
    hdr: bool = False
    alpha: bool = False
    variable: bool = False
    sounds: tuple[SoundInfo, ...] = ()
    notices: tuple[str, ...] = ()


class Clip(Protocol):
    """A source of pictures that streams: a video or a folder. A context manager; nothing holds the whole clip.

    `pictures` and `picture` agree, and give exactly `count` pictures: a frame that cannot be decoded is shown as the
    one before it, and `info.notices` says so. `info` may gain exactness and notices while the clip is read.
    """

    @property
    def info(self) -> ClipInfo:
        """The facts, as far as they are known by now."""
        ...

    def count(self) -> int:
        """The exact number of frames; a video is looked through for it once, without decoding."""
        ...

    def pictures(self, first: int = 0, end: int | None = None, *, every: int = 1) -> Iterator[Picture]:
        """Every `every`-th frame from frame `first` on, in order, until the end or before frame `end`."""
        ...

    def picture(self, index: int) -> Picture:
        """One frame by its index. Raises ClipError if there is none."""
        ...

    def time_of(self, index: int) -> Fraction:
        """Seconds at which a frame starts; `time_of(count())` is the clip's end."""
        ...

    def frame_at(self, time: Fraction) -> int:
        """The first frame that starts at or after `time` seconds; `count()` if there is none."""
        ...

    def close(self) -> None:
        """Give back files and decoders."""
        ...

    def __enter__(self) -> Clip: ...

    def __exit__(self, *exc: object) -> None: ...
