"""A run that kills itself, or whose I/O fails, at a named point. Started by the tests as its own process.

    python -m tests.trust.victim SOURCE FILM POINT WHEN COUNT [KEYS]

POINT is a name of POINTS or "none", WHEN "before" or "after", COUNT the how-manieth call that is hit. WHEN may also be the
name of an errno: then that call raises OSError instead. With KEYS only these frames are painted and the others are made from
them; then POINT may be a name of KEYED_POINTS too.
"""

from __future__ import annotations

import errno
import importlib
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lib_vidstyl.front.keys import with_keys
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from tests.fakes import Fake, seeded

POINTS = {
    "frame compressed": ("lib_vidstyl.store", "encode_png"),
    "frame looked up": ("lib_vidstyl.store.FrameStore", "get"),
    "frame put": ("lib_vidstyl.store.FrameStore", "put"),
    "file written": ("lib_vidstyl.project.Project", "write"),
    "file recorded": ("lib_vidstyl.project.Project", "record"),
    "manifest line": ("lib_vidstyl.manifest.Manifest", "append"),
    "project identified": ("lib_vidstyl.project.Project", "_identify"),
    "log line": ("lib_vidstyl.project.Project", "log"),
    "flushed": ("os", "fsync"),
    "renamed": ("os", "replace"),
    "model called": ("tests.fakes.Fake", "paint"),
    "film opened": ("lib_vidstyl.stages.encode", "open_film"),
    "film frame": ("lib_vidstyl.clip.film.FilmFile", "write"),
    "film closed": ("lib_vidstyl.clip.film.FilmFile", "close"),
    "film hashed": ("lib_vidstyl.stages.encode", "sha_of"),
}
"""What can be hit: name -> (module or class, function)."""
ONCE = ("project identified", "log line", "film opened", "film closed", "film hashed")
"""Points that a run passes a single time."""
KEYED_POINTS = {
    "plan written": ("lib_vidstyl.project.Project", "write_beside"),
    "flow computed": ("lib_vidstyl.stages.traces", "step"),
    "key traced": ("lib_vidstyl.stages.tween", "trace"),
    "key prepared": ("lib_vidstyl.synth", "prepare"),
    "sides joined": ("lib_vidstyl.synth", "join"),
    "frame made": ("lib_vidstyl.stages.tween.Tweener", "_frame"),
    "cache written": ("lib_vidstyl.cache", "_write"),
}
"""What can be hit besides where frames are made from keys."""


def arm(point: str, when: str, count: int) -> Callable[[], int]:
    """Make the count-th call of a point fatal; return what tells how many calls there were."""
    place, name = {**POINTS, **KEYED_POINTS}[point]
    owner = _find(place)
    genuine = getattr(owner, name)
    calls = 0

    def hit(*args: Any, **options: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls == count and when.startswith("E"):
            raise OSError(getattr(errno, when), os.strerror(getattr(errno, when)))
        if calls == count and when == "before":
            die()
        result = genuine(*args, **options)
        if calls == count and when == "after":
            die()
        return result

    setattr(owner, name, hit)
    return lambda: calls


def die() -> None:
    """End as by a power cut: no clean-up of any kind."""
    os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))


def _find(place: str) -> Any:
    try:
        return importlib.import_module(place)
    except ModuleNotFoundError:
        module, _, name = place.rpartition(".")
        return getattr(importlib.import_module(module), name)


def run(source: Path, film: Path, change: Callable[..., Any] = seeded, keys: str = "") -> list[int]:
    """The run itself; returns the frames that were painted."""
    fake = Fake(change, batch=4)
    recipe = new_recipe().replaced("encode", format="ffv1").replaced("paint", batch=1 if keys else 2)
    recipe = with_keys(recipe, keys) if keys else recipe
    finish(order(source, film, recipe=recipe).start(fake))
    return fake.asked


if __name__ == "__main__":
    counted = arm(sys.argv[3], sys.argv[4], int(sys.argv[5])) if sys.argv[3] != "none" else lambda: 0
    sys.stdout.write(" ".join(map(str, run(Path(sys.argv[1]), Path(sys.argv[2]), keys="".join(sys.argv[6:])))))
    sys.stdout.write(f"\n{counted()}")
