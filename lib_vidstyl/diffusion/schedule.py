"""Which noise levels an inversion passes, so that it ends exactly where sampling will start."""

from __future__ import annotations

from collections.abc import Sequence


def upward(sigmas: Sequence[float], top: float) -> tuple[float, ...]:
    """The levels of a descending schedule from 0 up to `top`, where sampling will start and the inversion ends.

    Where `top` is in the schedule these are its own levels, so that each step is the reverse of one of the sampler's.
    """
    top = float(top)
    below = sorted({float(sigma) for sigma in sigmas if 0 < sigma < top * (1 - 1e-6)})
    return (0.0, *below, top)
