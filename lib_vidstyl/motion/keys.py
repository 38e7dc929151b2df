"""Which frames are worth painting: keyframes by motion and change, and where one more helps most."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.shots import Measure

MOTION = 12.0
CHANGE = 1.0
NOISE = 0.05
"""How much of a key is used up by a mean motion across the picture's diagonal, and by a change of the whole picture beyond
what noise makes of it: so weighted, a lively talking head gets a key about every 45 frames."""
SHARP_SHARE = 0.25
"""Share of the distance to the next key within which a sharper frame is preferred."""


class Worst(NamedTuple):
    """Frames `first` to `last` between two keys, the frame in them at which a new key helps most, their mean confidence."""

    first: int
    last: int
    key: int
    confidence: float


def choose(measures: Sequence[Measure], cuts: Sequence[int], *, most: int = 0, gap: int = 8, span: int = 60,
           change: float = 1.0) -> list[int]:
    """Positions of the keys, rising: at least one in every shot, none of two closer than `gap` frames in one shot.

    most: this many at most (0: no limit), but always one per shot. span: no run of more frames without a key, where `most`
    allows it. change: how much one key has to bridge: 2 makes half as many. Each key lies in the middle, by motion and change,
    of the frames it stands for, or at a sharper frame close by.
    """
    shots = list(zip((0, *cuts), (*cuts, len(measures)), strict=True))
    shots = [(first, stop) for first, stop in shots if stop > first]
    spent = [_spent(measures[first:stop]) for first, stop in shots]
    wanted = [_wanted(cost, gap=gap, span=span, change=change) for cost in spent]
    counts = _limited(wanted, spent, most)
    return [first + place for (first, stop), cost, count in zip(shots, spent, counts, strict=True)
            for place in _placed(cost, [entry.sharpness for entry in measures[first:stop]], count, gap)]


def worst(confidences: Mapping[int, float], keys: Collection[int], *, cuts: Collection[int] = (), count: int = 5) -> list[Worst]:
    """The spans between keys that deserve a key most, the worst first.

    confidences: frame -> 0 to 1. keys: frame numbers. cuts: frames at which a new shot begins; no span crosses one.
    """
    runs: list[list[int]] = []
    edges = (*keys, *cuts)
    for frame in sorted(set(confidences) - set(keys)):
        if not runs or any(runs[-1][-1] < edge <= frame for edge in edges):
            runs.append([])
        runs[-1].append(frame)
    found = [_worst(run, [confidences[frame] for frame in run]) for run in runs]
    return sorted(found, key=lambda entry: (entry.confidence, entry.first))[:count]


def _worst(frames: list[int], confidences: list[float]) -> Worst:
    loss = np.maximum(1 - np.array(confidences), 1e-6)
    middle = int(np.searchsorted(np.cumsum(loss), loss.sum() / 2))
    return Worst(frames[0], frames[-1], frames[min(middle, len(frames) - 1)], round(float(np.mean(confidences)), 4))


def _spent(measures: Sequence[Measure]) -> NDArray[np.float64]:
    """(N,) what has been used up until each frame of a shot, from 0 on; strictly rising."""
    steps = [MOTION * entry.motion + CHANGE * max(entry.change - NOISE, 0) + 1e-6 for entry in measures]
    return np.cumsum([0.0, *steps[1:]])


def _wanted(spent: NDArray[np.float64], *, gap: int, span: int, change: float) -> int:
    length = len(spent)
    needed = max(int(np.ceil(spent[-1] / change)), int(np.ceil(length / span)))
    return max(1, min(needed, 1 + (length - 1) // max(gap, 1)))


def _limited(wanted: list[int], spent: list[NDArray[np.float64]], most: int) -> list[int]:
    """The wanted numbers cut down to `most` in all: keys go to the shot in which each has to bridge the most."""
    if not most or sum(wanted) <= most:
        return wanted
    counts = [1] * len(wanted)
    for _ in range(most - len(wanted)):
        bridged = [cost[-1] / count if count < want else -1.0 for cost, count, want in zip(spent, counts, wanted, strict=True)]
        counts[int(np.argmax(bridged))] += 1
    return counts


def _placed(spent: NDArray[np.float64], sharpness: Sequence[float], count: int, gap: int) -> list[int]:
    """`count` places in a shot, each in the middle of an equal share of what is spent, moved to a sharper frame near by.

    Time counts as well as change, so that a still part is not left without a key for long.
    """
    length = len(spent)
    pace = 0.8 * spent / max(spent[-1], 1e-9) + 0.2 * np.linspace(0, 1, length)
    ideal = [int(np.argmin(np.abs(pace - (number + 0.5) / count))) for number in range(count)]
    places: list[int] = []
    for number, place in enumerate(ideal):
        low = places[-1] + max(gap, 1) if places else 0
        high = max(length - 1 - (count - 1 - number) * max(gap, 1), low)
        places.append(_sharpest(sharpness, min(max(place, low), high), low=low, high=high, reach=_reach(pace, place, count)))
    return places


def _reach(pace: NDArray[np.float64], place: int, count: int) -> int:
    """How many frames away a sharper frame may lie: SHARP_SHARE of the half of a key's share of the shot."""
    near = np.flatnonzero(np.abs(pace - pace[place]) <= SHARP_SHARE * 0.5 / count)
    return int(max(abs(near - place).max(initial=0), 0))


def _sharpest(sharpness: Sequence[float], place: int, *, low: int, high: int, reach: int) -> int:
    """The sharpest frame near a place, if it is clearly sharper than the place's own."""
    near = range(max(low, place - reach), min(high, place + reach) + 1)
    sharper = [other for other in near if sharpness[other] > 1.1 * sharpness[place]]
    return max(sharper, key=lambda other: (sharpness[other], -abs(other - place)), default=place)
