"""Stand-ins: stylizers whose pictures are known, that fail when told to, and that count what they are asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from lib_vidstyl.errors import PaintError
from lib_vidstyl.stylizers.base import Abilities, Task


class Fake:
    """Paints by a function of the task (default: the picture turned negative). `asked` lists the frames it painted."""

    def __init__(self, change: Callable[[Task], np.ndarray] = lambda task: 255 - task.image, *, batch: int = 1,
                 resizes: bool = False, name: str = "fake") -> None:
        self.change, self.name = change, name
        self.abilities = Abilities(batch=batch, resizes=resizes)
        self.asked: list[int] = []
        self.tasks: list[Task] = []
        self.batches: list[list[int]] = []
        self.inside = 0

    def who(self) -> dict[str, object]:
        return {"name": self.name}

    def fingerprint(self, task: Task) -> str:
        return ""

    def paint(self, tasks: Sequence[Task]) -> list[np.ndarray]:
        assert self.inside == 1, "paint is only called between enter and exit"
        self.batches.append([task.index for task in tasks])
        self.tasks += tasks
        self.asked += [task.index for task in tasks]
        return [self.change(task) for task in tasks]

    def __enter__(self) -> Fake:
        self.inside += 1
        return self

    def __exit__(self, *exc: object) -> None:
        self.inside -= 1


def identity(task: Task) -> np.ndarray:
    return task.image


def seeded(task: Task) -> np.ndarray:
    """Noise that depends on the seed and the frame alone."""
    rng = np.random.default_rng((task.seed, task.index))
    return rng.integers(0, 256, task.image.shape, dtype=np.uint8)


class Failing(Fake):
    """Fails at some frames, `times` times each (None: always)."""

    def __init__(self, frames: Sequence[int], *, times: int | None = None, error: Exception | None = None, **options) -> None:
        super().__init__(**options)
        self.left = {frame: times for frame in frames}
        self.error = error or PaintError("the fake was told to fail")

    def paint(self, tasks: Sequence[Task]) -> list[np.ndarray]:
        for task in tasks:
            left = self.left.get(task.index, 0)
            if left is None or left > 0:
                if left is not None:
                    self.left[task.index] = left - 1
                self.asked.append(task.index)
                raise self.error
        return super().paint(tasks)
