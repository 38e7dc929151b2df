"""A very long run leaks nothing."""

from __future__ import annotations

import os
import threading
from fractions import Fraction
from pathlib import Path

import pytest

from lib_vidstyl.clip.film import open_film
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from tests.drawn import moving
from tests.fakes import Fake


class Forgetful(Fake):
    """Keeps no list of what it was asked."""

    def paint(self, tasks):
        return [255 - task.image for task in tasks]


def resident() -> float:
    """Resident memory in MB, where the system tells."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="needs /proc")
@pytest.mark.parametrize("count", [300, pytest.param(10_000, marks=[pytest.mark.trust, pytest.mark.timeout(1800)])])
def test_memory_descriptors_and_threads_stay(tmp_path, count):
    clip = tmp_path / "clip.mp4"
    pictures = list(moving(20, 48, 64))
    with open_film(clip, format="mp4", size=(64, 48), fps=Fraction(30)) as film:
        for index in range(count):
            film.write(pictures[index % 20], time=Fraction(index, 30), duration=Fraction(1, 30), index=index)
    seen: list[tuple[float, int]] = []

    def show(progress):
        if progress.stage == "paint" and progress.done % 50 == 0:
            seen.append((resident(), len(list(Path("/proc/self/fd").iterdir()))))

    threads = threading.active_count()
    recipe = new_recipe().replaced("encode", format="mp4")
    finish(order(clip, tmp_path / "film.mp4", recipe=recipe).start(Forgetful()), show)
    assert max(memory for memory, _ in seen) - seen[1][0] < 50
    assert max(handles for _, handles in seen) <= seen[0][1] + 2
    assert threading.active_count() == threads
