"""The embedded painter: needs no model, no weights, no GPU."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass

import numpy as np

from lib_vidstyl.clip.model import Image
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stylizers.base import Abilities, Task, Who
from lib_vidstyl.stylizers.looks import LOOKS

VERSION = 1
"""Raised whenever a look's pixels change, so that stored frames are painted again."""
REFERENCE_SIDE = 512
"""A frame with this shorter side has strokes of the size they were designed in."""
SIDE_BY_SIDE = min(os.cpu_count() or 1, 8)
"""Frames that are painted at the same time."""
MOST_PIXELS = 8_500_000
"""Of all frames painted at the same time: a look needs 75 to 150 bytes for each. One frame of 4K, four of 1080p."""


@dataclass(frozen=True)
class LookSettings(Settings):
    """How the embedded painter paints."""

    look: str = setting("oil", "Look", "What the film should look like.", choices=tuple(LOOKS), flag="look", basic=True)
    strength: float = setting(1.0, "Strength", "1: painted through and through; 0: the frame as it is.", minimum=0.0, maximum=1.0,
                              step=0.05, flag="strength", basic=True)
    scale: float = setting(1.0, "Stroke size", "Size of strokes, dots and grain; 1 looks alike at every frame size.", minimum=0.25,
                           maximum=4.0, step=0.05, flag="scale", basic=True)


class Painter:
    """A `Stylizer` that paints by the look of its settings. Strokes depend on the task's seed alone."""

    abilities = Abilities(batch=64, least=SIDE_BY_SIDE)

    def __init__(self, settings: LookSettings) -> None:
        self.settings = settings

    def who(self) -> Who:
        """The look, its settings and its version."""
        return {"painter": "paint", "version": VERSION, **asdict(self.settings)}

    def fingerprint(self, task: Task) -> str:
        """Nothing else decides a frame."""
        return ""

    def paint(self, tasks: Sequence[Task]) -> list[Image]:
        """Paint every frame by itself, several side by side as far as memory allows."""
        pixels = max((task.image.shape[0] * task.image.shape[1] for task in tasks), default=0)
        workers = min(len(tasks), SIDE_BY_SIDE, MOST_PIXELS // max(pixels, 1))
        if workers < 2:
            return [self._painted(task) for task in tasks]
        with ThreadPoolExecutor(workers, thread_name_prefix="vidstyl-paint") as pool:
            return list(pool.map(self._painted, tasks))

    def __enter__(self) -> Painter:
        return self

    def __exit__(self, *exc: object) -> None: ...

    def _painted(self, task: Task) -> Image:
        strength = self.settings.strength
        if strength == 0:
            return task.image.copy()
        picture = task.image.astype(np.float32) / 255
        unit = max(0.25, min(picture.shape[:2]) / REFERENCE_SIDE * self.settings.scale)
        look = LOOKS[self.settings.look](picture, unit, np.random.default_rng(task.seed))
        mixed = picture + (look - picture) * np.float32(strength)
        return np.rint(np.clip(mixed, 0, 1) * 255).astype(np.uint8)
