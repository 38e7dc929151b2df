"""What the benchmarks share: a drawn clip, a stylizer that changes nothing, and the memory of a process."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib_vidstyl.clip.film import open_film  # noqa: E402 - found only now
from lib_vidstyl.stylizers.base import Abilities, Task  # noqa: E402
from tests.drawn import texture  # noqa: E402


class Identity:
    """A stylizer that gives every frame back."""

    abilities = Abilities()

    def who(self) -> dict[str, object]:
        return {"name": "identity"}

    def fingerprint(self, task: Task) -> str:
        return ""

    def paint(self, tasks: Sequence[Task]) -> list[np.ndarray]:
        return [task.image for task in tasks]

    def __enter__(self) -> Identity:
        return self

    def __exit__(self, *exc: object) -> None: ...


def drawn_clip(path: Path, *, frames: int, size: tuple[int, int] = (1280, 720)) -> Path:
    """Write a moving texture with some grain as mp4; 30 frames a second."""
    width, height = size
    picture = texture(height + 64, width + 64, grain=3.0)
    with open_film(path, format="mp4", size=size, fps=Fraction(30), quality=70) as film:
        for index in range(frames):
            x, y = int(32 + 30 * np.sin(index / 20)), int(32 + 30 * np.cos(index / 23))
            view = np.ascontiguousarray(picture[y:y + height, x:x + width])
            film.write(view, time=Fraction(index, 30), duration=Fraction(1, 30), index=index)
    return path
