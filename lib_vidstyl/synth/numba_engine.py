"""Patch synthesis on the processor, by compiled loops. One frame uses one thread; run several frames side by side."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth import kernels
from lib_vidstyl.synth.engine import Outcome, Work, with_previous
from lib_vidstyl.synth.guides import UNIT, Image, repeated


class NumbaEngine:
    """The engine for processors."""

    name = "numba"

    def begin(self, work: Work) -> NumbaSession:
        """Start on one level."""
        return NumbaSession(work)


class NumbaSession:
    """One level of one frame."""

    def __init__(self, work: Work) -> None:
        height, width = work.key.size
        self.work, self.stride = work, work.key.level.stride
        self.cost = np.zeros(work.field.shape[:2], np.float32)
        self.use = np.zeros((-(-height // kernels.CELL), -(-width // kernels.CELL)), np.float32)
        self.share = np.float32(height * width / kernels.CELL**2 / self.cost.size)
        self.picture = np.zeros((*(side - 2 * kernels.RADIUS for side in work.target.shape[:2]), 4), np.uint8)
        kernels.count_use(work.field, self.use, self.share)

    def vote(self) -> None:
        """Form the picture from the field, and put it into the target's style channels."""
        kernels.settle(self._votes(self.work.key.colours), self.picture, self.work.target, np.float32(self.work.style_scale))
        with_previous(self.work)
        repeated(self.work.target)

    def search(self, passes: int, seed: int) -> None:
        """Improve the field at active nodes: forwards, then backwards, and so on."""
        work, unit = self.work, UNIT * UNIT
        kernels.measure(work.target, work.key.planes, work.field, work.active, self.stride, self.cost)
        for number in range(passes):
            kernels.search(work.target, work.key.planes, work.field, work.want, work.pull, work.active, self.cost, self.use,
                           self.share, self.stride, work.key.level.reach, np.float32(unit * work.weights.uniformity),
                           seed * 8 + number, (seed + number) % 2 == 1)

    def outcome(self) -> Outcome:
        """Form the picture a last time and hand everything out."""
        self.vote()
        cover = None
        if self.work.key.cover is not None:
            shade, kept = np.zeros_like(self.picture), self.work.target.copy()
            kernels.settle(self._votes(self.work.key.cover), shade, kept, np.float32(1))
            cover = np.ascontiguousarray(shade[..., 0])
        return Outcome(np.ascontiguousarray(self.picture[..., :3]), cover, self.work.field, self.cost)

    def _votes(self, picture: Image) -> NDArray[np.uint16]:
        total = np.zeros((*self.work.target.shape[:2], 4), np.uint16)
        kernels.vote(picture, self.work.field, self.stride, total)
        return total


def warm_up(notice: Callable[[str], None]) -> None:
    """Have all loops compiled; says so through `notice` if it will take a while, as it does once per machine and version."""
    place = Path(next(iter(kernels.SIGNATURES)).stats.cache_path or "/nowhere")
    if not any(place.glob("kernels.*.nbi")):
        notice("Patch synthesis is compiled for this machine: about half a minute, the first time only.")
    for kernel, signature in kernels.SIGNATURES.items():
        kernel.compile(signature)
