"""The probability-flow ODE of a diffusion model, walked both ways: sampling down to the picture, inversion up to its noise.

dx / dsigma = (x - denoise(x, sigma)) / sigma (Karras et al. 2022, "Elucidating the Design Space of Diffusion-Based
Generative Models", eq. 1 with sigma(t) = t and s(t) = 1). One step of any method here is
x_b = x_a + (b - a) * slope(x_a, a, b); inversion can make its step from a up to b the exact reverse of the
sampler's step from b down to a by solving x_b = x_a + (b - a) * slope(x_b, b, a).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from lib_vidstyl.diffusion.arrays import Batch, widened
from lib_vidstyl.diffusion.fixed_point import fixed_point

Denoise = Callable[[Batch, float], Batch]
"""(x (N, ...), sigma) to the expected clean x (N, ...); guidance (CFG) and conditionings are inside it."""
Slope = Callable[[Denoise, Batch, float, float], Batch]
"""(denoise, x, a, b) to the slope that takes x from noise level a to b > 0."""
Watch = Callable[[int, int, Batch], None]
"""(steps done, steps in all, x): told after each step; may raise to stop."""


@dataclass(frozen=True)
class Inverted:
    """Where an inversion arrived: the state x (N, ...) at the last sigma, in float32 or wider.

    residuals: per frame, the largest relative distance of a step from being the exact reverse of the sampler's;
    empty where nothing was iterated. evaluations: how often a whole step was evaluated.
    """

    x: Batch
    residuals: tuple[float, ...]
    evaluations: int


def sample(denoise: Denoise, x: Batch, sigmas: Sequence[float], *, method: str = "euler",
           callback: Watch | None = None) -> Batch:
    """Walk x (N, ...) along sigmas, in either direction, by deterministic explicit steps; x is the state at sigmas[0].

    method: "euler" or "heun" (Karras et al. 2022, algorithm 1), or "dpm2" (midpoint in log sigma: DPM-Solver-2, Lu et
    al. 2022), the same steps as the samplers of these names, with no noise added. A step that begins or ends at
    sigma 0, where the slope is 0/0, is an Euler step with the slope of its other end. Half precision is walked in float32.
    """
    walk, levels = METHODS[method], _levels(sigmas)
    x = widened(x)
    for done, (a, b) in enumerate(pairwise(levels), 1):
        x = x + (b - a) * _slope(walk, denoise, x, (a, b))
        if callback:
            callback(done, len(levels) - 1, x)
    return x


def invert(denoise: Denoise, x: Batch, sigmas: Sequence[float], *, method: str = "euler", iterations: int = 0,
           tolerance: float = 1e-6, callback: Watch | None = None) -> Inverted:
    """Walk a clean latent x (N, ...) up to the noise from which the sampler `method` comes back to it.

    sigmas: ascending; the first is where x stands (0 for a clean latent), the last is where sampling will start.
    iterations: how often at most each step is corrected towards the exact reverse of the sampler's step (0: explicit
    steps only); a frame is left alone as soon as its relative residual is below tolerance. A correction costs as many
    calls of denoise as a step of the sampler; with corrections the explicit step itself is saved.
    Half precision is walked in float32. Raises KeyError for an unknown method, and whatever denoise and callback raise.
    """
    if not iterations:
        return Inverted(sample(denoise, x, sigmas, method=method, callback=callback), (), len(sigmas) - 1)
    reverse = _Reverse(METHODS[method], denoise, iterations, tolerance)
    levels, x = _levels(sigmas), widened(x)
    for done, (a, b) in enumerate(pairwise(levels), 1):
        x = reverse.step(x, a, b)
        if callback:
            callback(done, len(levels) - 1, x)
    return Inverted(x, reverse.residuals, reverse.evaluations)


class _Reverse:
    """Steps up that undo the sampler's steps down. Each sets out along the step before it, which costs nothing.

    The first sets out from x itself: its first correction is then the explicit step.
    """

    def __init__(self, walk: Slope, denoise: Denoise, iterations: int, tolerance: float) -> None:
        self.walk, self.denoise, self.iterations, self.tolerance = walk, denoise, iterations, tolerance
        self.slope: Batch | None = None
        self.residuals: tuple[float, ...] = ()
        self.evaluations = 0

    def step(self, x: Batch, a: float, b: float) -> Batch:
        def undone(y: Batch) -> Batch:
            self.evaluations += 1
            return x + (b - a) * _slope(self.walk, self.denoise, y, (b, a))

        guess = x if self.slope is None else x + (b - a) * self.slope
        y, residuals = fixed_point(undone, guess, iterations=self.iterations, tolerance=self.tolerance)
        self.slope = (y - x) / (b - a)
        self.residuals = tuple(map(max, self.residuals, residuals)) if self.residuals else residuals
        return y


def _slope(walk: Slope, denoise: Denoise, x: Batch, ends: tuple[float, float]) -> Batch:
    if 0 in ends:
        return _euler(denoise, x, max(ends), 0.0)
    return walk(denoise, x, *ends)


def _euler(denoise: Denoise, x: Batch, a: float, b: float) -> Batch:
    return (x - denoise(x, a)) / a


def _heun(denoise: Denoise, x: Batch, a: float, b: float) -> Batch:
    here = _euler(denoise, x, a, b)
    return (here + _euler(denoise, x + (b - a) * here, b, a)) / 2


def _dpm2(denoise: Denoise, x: Batch, a: float, b: float) -> Batch:
    middle = (a * b) ** 0.5
    return _euler(denoise, x + (middle - a) * _euler(denoise, x, a, b), middle, b)


METHODS: dict[str, Slope] = {"euler": _euler, "heun": _heun, "dpm2": _dpm2}


def _levels(sigmas: Sequence[float]) -> list[float]:
    """Plain floats: a numpy scalar would widen float32 states, a tensor would drag its device along."""
    return [float(sigma) for sigma in sigmas]
