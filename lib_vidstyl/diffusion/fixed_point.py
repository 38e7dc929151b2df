"""Solve y = advance(y) for every frame of a batch at once, as if each were alone."""

from __future__ import annotations

from collections.abc import Callable

from lib_vidstyl.diffusion.arrays import Batch, as_column, chosen, dot, norm, numbers

TINY = 1e-30
"""Keeps 0/0 out, in float32 too."""


def fixed_point(advance: Callable[[Batch], Batch], guess: Batch, *, iterations: int,
                tolerance: float) -> tuple[Batch, tuple[float, ...]]:
    """Iterate y towards advance(y) from a guess (N, ...); also tell each frame's smallest relative residual.

    Each frame leaps by the secant through its last two evaluations (Anderson acceleration of depth 1: Walker and Ni
    2011, "Anderson Acceleration for Fixed-Point Iterations", section 2). Two in a row that leave the residual
    |advance(y) - y| / |advance(y)| larger, or NaN, are taken back: the frame tries again from its best y with a fraction of
    the plain step, which converges wherever the derivative of `advance` stays below 1, however steeply it falls. A
    frame stands still once its residual is below tolerance.
    """
    search = _Search(guess, tolerance)
    for _ in range(iterations):
        search.learn(advance(search.y))
        if not bool(search.moving.any()):
            break
    return search.result, numbers(search.least)


class _Search:
    """Where each frame's search stands: y is to be evaluated next, result is the best known answer."""

    def __init__(self, guess: Batch, tolerance: float) -> None:
        self.y = self.result = self.best = guess
        self.tolerance = tolerance
        self.step = guess - guess
        self.stride = norm(guess).reshape(-1) * 0 + 1
        self.least = self.stride * float("inf")
        self.before: tuple[Batch, Batch] | None = None

    @property
    def moving(self) -> Batch:
        return self.least >= self.tolerance

    def learn(self, image: Batch) -> None:
        change = image - self.y
        residual = (norm(change) / (norm(image) + TINY)).reshape(-1)
        moving, better = self.moving, self.moving & (residual < self.least)
        self.best, self.step = chosen(better, self.y, self.best), chosen(better, change, self.step)
        self.least = chosen(better, residual, self.least)
        onward = better | (self.stride == 1)
        self.stride = chosen(better, self.stride * 0 + 1, self.stride / 2)
        leap, back = self._leap(image, change), self.best + as_column(self.stride, self.best) * self.step
        self.result = chosen(moving, chosen(better, leap, self.best), self.result)
        self.y = chosen(moving, chosen(onward, leap, back), self.y)
        self.before = image, change

    def _leap(self, image: Batch, change: Batch) -> Batch:
        if self.before is None:
            return image
        turn = change - self.before[1]
        return image - dot(change, turn) / (dot(turn, turn) + TINY) * (image - self.before[0])
