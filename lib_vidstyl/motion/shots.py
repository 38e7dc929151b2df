"""What changes from frame to frame, and where one shot ends and the next begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.flow import Image, dense, grey
from lib_vidstyl.motion.occlusion import length2
from lib_vidstyl.motion.warp import warp

SIDE = 192
"""Longest side of the pictures that are measured, in pixels."""
REACH = 6
"""Frames to either side of a cut that must not resemble each other across it; what is over sooner is a flash."""
STEP = 0.3
"""Share of the picture that cannot be matched, from which on a step may be a cut."""
STANDS_OUT = 2.0
"""How many times as much a cut changes as the steps around it; pans and dissolves change as much in every step."""
APART = 0.12
"""Distance of two signatures from which on two frames show different shots."""
DARK = 4.0
"""Contrast, in levels, below which a picture shows nothing."""


@dataclass(frozen=True)
class Measure:
    """What a frame is and how it differs from the one before.

    change: 0 to 1, share of it that the frame before does not explain, its motion and brightness aside. motion: mean length
    of the motion, in shares of the picture's diagonal. sharpness: mean square of the Laplacian over the brightness' variance.
    contrast: standard deviation of the brightness, in levels. signature: colours by place and by frequency, each 0 to 1.
    """

    change: float
    motion: float
    sharpness: float
    signature: tuple[float, ...]
    contrast: float = 64.0


def measure(previous: Image | None, image: Image) -> Measure:
    """Measure a small frame, (H, W, 3) uint8 with at most SIDE pixels a side, against the one before (None: there is none)."""
    value = grey(image).astype(np.float32)
    contrast = float(value.std())
    sharpness = float(np.square(cv2.Laplacian(value, cv2.CV_32F)).mean() / (contrast * contrast + 1))
    change, motion = (0.0, 0.0) if previous is None else _step(previous, image)
    return Measure(round(change, 4), round(motion, 5), round(sharpness, 4), _signature(image), round(contrast, 2))


def cuts(measures: Sequence[Measure]) -> list[int]:
    """Positions at which a new shot begins, rising; the first frame's, 0, is not among them.

    A cut changes what no motion explains, changes more than the steps around it, and for good: after a flash the shot is
    the same as before. A fade through black between two different shots counts as a cut where it is darkest.
    """
    found = {place for place in range(1, len(measures)) if _is_cut(measures, place)}
    return sorted(found | _fades(measures))


def apart(one: Measure, other: Measure) -> float:
    """0 to 1: how far the colours of two frames differ, by place and by frequency."""
    difference = np.abs(np.subtract(one.signature, other.signature))
    layout = 3 * _GRID * _GRID
    return float(0.5 * difference[:layout].mean() + 0.5 * difference[layout:].sum() / 6)


def _is_cut(measures: Sequence[Measure], place: int) -> bool:
    change = measures[place].change
    around = [measures[other].change for other in range(max(1, place - 2), min(len(measures), place + 3)) if other != place]
    if change < STEP or (around and change < STANDS_OUT * float(np.median(around))):
        return False
    before, after = measures[max(0, place - REACH):place], measures[place:place + REACH]
    return min(apart(one, other) for one in before for other in after) > APART


def _fades(measures: Sequence[Measure]) -> set[int]:
    """Darkest places of fades through black that part two different shots."""
    dark = [entry.contrast < DARK for entry in measures]
    found, place = set(), 0
    while place < len(dark):
        end = place
        while end < len(dark) and dark[end]:
            end += 1
        if place < end < len(dark) and place > 0:
            before, after = measures[max(0, place - 2 * REACH)], measures[min(len(dark) - 1, end + 2 * REACH)]
            if apart(before, after) > APART:
                found.add((place + end) // 2)
        place = end + 1
    return found


def _step(previous: Image, image: Image) -> tuple[float, float]:
    """(what the frame before does not explain, mean length of the motion)."""
    flow = dense(image, previous)
    length = float(cv2.sqrt(length2(flow)).mean() / np.hypot(*image.shape[:2]))
    return _unlike(grey(image), grey(warp(previous, flow))), min(length, 1.0)


def _unlike(a: Image, b: Image) -> float:
    """1 minus the local correlation of two grey pictures in 15x15 pixels, weighted by contrast; 0 where there is none."""
    one, other = a.astype(np.float32), b.astype(np.float32)
    mean_one, mean_other = _mean(one), _mean(other)
    spread_one = np.maximum(_mean(one * one) - mean_one * mean_one, 0)
    spread_other = np.maximum(_mean(other * other) - mean_other * mean_other, 0)
    together = _mean(one * other) - mean_one * mean_other
    correlation = together / np.sqrt((spread_one + 16) * (spread_other + 16))
    weight = np.sqrt(np.maximum(spread_one, spread_other))
    weight[weight < DARK] = 0
    total = float(weight.sum())
    return float((weight * (1 - np.clip(correlation, 0, 1))).sum() / total) if total > 0.02 * weight.size * DARK else 0.0


def _mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.blur(values, (15, 15), borderType=cv2.BORDER_REFLECT_101)


_GRID, _BINS = 4, 8


def _signature(image: Image) -> tuple[float, ...]:
    """Mean colours of a 4x4 grid, then a histogram of 8 steps per channel, smoothed so that neighbours are near."""
    layout = cv2.resize(image, (_GRID, _GRID), interpolation=cv2.INTER_AREA).astype(np.float32).ravel() / 255
    counts = [np.bincount((image[..., channel] >> 5).ravel(), minlength=_BINS) / image[..., 0].size for channel in range(3)]
    smooth = [np.convolve(count, (0.25, 0.5, 0.25), mode="same") for count in counts]
    return tuple(round(float(number), 3) for number in (*layout, *np.concatenate(smooth)))
