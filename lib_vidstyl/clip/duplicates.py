"""Frames that only repeat the one before, found in spite of compression noise."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.clip.model import Image, Picture

_SIDE = 128
_REACH = 2
_STILL = 0.25
_FRACTION = 0.3
_MOST = 8.0
"""Measured on talking heads and phone footage: a repeat changes less than 0.3 of what the frames around it change, a
calm frame never less than 0.35; _REACH frames each way bridge the usual cadences (20 and 25 in 30, 24 in 60)."""


@dataclass
class _Step:
    """A picture, its thumbnail, and how much it differs from the frame before: in the mean, and where most."""

    picture: Picture
    thumbnail: NDArray[np.float32]
    mean: float
    most: float


def distinct(pictures: Iterator[Picture]) -> Iterator[Picture]:
    """The pictures without those that repeat the one before; the first is always kept. Looks two frames ahead.

    A repeat changes no part of the picture at all, or much less than the frames on both sides of it do: noise alone
    is told from slow motion by its neighbours, so a calm clip loses nothing.
    """
    window: deque[_Step] = deque(maxlen=2 * _REACH + 1)
    kept: _Step | None = None
    for step, ahead in _with_future(_steps(pictures), window):
        if kept is None or not (_is_still(kept, step) or _is_dip(step, window, ahead)):
            kept = step
            yield step.picture


def _steps(pictures: Iterator[Picture]) -> Iterator[_Step]:
    before: NDArray[np.float32] | None = None
    for picture in pictures:
        small = _thumbnail(picture.image)
        mean, most = (0.0, 0.0) if before is None else _difference(before, small)
        yield _Step(picture, small, mean, most)
        before = small


def _with_future(steps: Iterator[_Step], window: deque[_Step]) -> Iterator[tuple[_Step, int]]:
    """Each step once `window` holds what comes after it, with its place in the window."""
    place = -1
    for step in steps:
        full = len(window) == window.maxlen
        window.append(step)
        if len(window) > _REACH:
            place = place if full else place + 1
            yield window[place], place
    for rest in range(place + 1, len(window)):
        yield window[rest], rest


def _thumbnail(image: Image) -> NDArray[np.float32]:
    height, width = image.shape[:2]
    scale = min(1.0, _SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    return cv2.cvtColor(small, cv2.COLOR_RGB2GRAY).astype(np.float32)


def _difference(one: NDArray[np.float32], other: NDArray[np.float32]) -> tuple[float, float]:
    """Mean absolute difference in grey levels, and that of the 8x8 block which differs most."""
    difference = np.abs(one - other)
    return float(difference.mean()), float(cv2.blur(difference, (8, 8)).max())


def _is_still(kept: _Step, step: _Step) -> bool:
    return _difference(kept.thumbnail, step.thumbnail)[1] <= _STILL


def _is_dip(step: _Step, window: deque[_Step], place: int) -> bool:
    """Whether the frames on either side change so much more that this one must be a repeat."""
    around = list(window)
    before = [other for other in around[max(0, place - _REACH):place] if other.mean > 0]
    after = around[place + 1:place + 1 + _REACH]
    if not before or not after or step.most > _MOST:
        return False
    mean = min(max(other.mean for other in side) for side in (before, after))
    most = min(max(other.most for other in side) for side in (before, after))
    return step.mean < _FRACTION * mean and step.most < _FRACTION * most
