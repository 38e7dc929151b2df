"""What the tests share that kill a run and start it again."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from lib_vidstyl.manifest import Manifest
from tests.trust.victim import ONCE

ROOT = Path(__file__).resolve().parents[2]


class Run:
    """A run that can be killed, in a process of its own (see `victim`), and what it makes when nobody does.

    keys: the frames that are painted, the others being made from them; "": all are painted, two at once.
    """

    def __init__(self, source, folder, keys=""):
        self.source, self.keys, self.batch = source, keys, 1 if keys else 2
        film = folder / "film.mkv"
        self.asked, _, status = self.ended(film)
        assert status == 0
        self.unbroken, self.made = film.read_bytes(), made(film)

    def start(self, film, point="none", when="before", count=0):
        words = [sys.executable, "-m", "tests.trust.victim", str(self.source), str(film), point, when, str(count)]
        environment = {**os.environ, "PYTHONUTF8": "1"}
        return subprocess.Popen([*words, *([self.keys] if self.keys else [])], cwd=ROOT, stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL, env=environment)

    def ended(self, film, *point):
        """Run to the end, or to where it is killed: (frames that were painted, calls of the point, exit status)."""
        process = self.start(film, *point)
        said = [*process.communicate()[0].splitlines(), b"", b""]
        return [int(word) for word in said[0].split()], int(said[1] or 0), process.returncode

    def resumed(self, film):
        """Go on: the film is the unbroken run's, byte for byte, and nothing that was finished is made again or left half."""
        project = film.with_suffix(".vidstyl")
        painted, before = whole_frames(project), made(film)
        kept = {name for name in before if (project / name).is_file()}
        asked, _, status = self.ended(film)
        assert status == 0
        assert film.read_bytes() == self.unbroken
        for batch in {index // self.batch for index in asked}:
            assert set(range(batch * self.batch, (batch + 1) * self.batch)) - painted, f"batch {batch} has been painted again"
        again = made(film)
        assert not [name for name in kept if again[name] > before[name]], "a finished frame has been made again"
        assert not list(film.parent.rglob(".*.png.*.part")) and not list(film.parent.glob(".*.part"))

    def killed_at(self, film, *point):
        if self.ended(film, *point)[2] == 0:
            pytest.skip("a run has fewer calls of this")
        self.resumed(film)

    def killed_at_random(self, film, seed):
        began = time.monotonic()
        process = self.start(film)
        while not film.with_suffix(".vidstyl").exists() and process.poll() is None and time.monotonic() < began + 60:
            time.sleep(0.02)
        time.sleep(random.Random(seed).uniform(0, 2 if self.keys else 0.8))
        process.kill()
        process.communicate()
        self.resumed(film)


def whole_frames(project):
    """Numbers of the painted frames that are there and on record."""
    if not (project / "manifest.jsonl").exists():
        return set()
    manifest = Manifest(project / "manifest.jsonl")
    return {int(path.stem) for path in (project / "frames").glob("*.png") if manifest.latest(f"frames/{path.name}")}


def made(film):
    """How often each frame made from keys was recorded; a line that the kill has torn counts as none."""
    path = film.with_suffix(".vidstyl") / "manifest.jsonl"
    files = Counter()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        if line.startswith("{") and line.endswith("}"):
            files[json.loads(line)["file"]] += 1
    return {name: times for name, times in files.items() if name.startswith("propagated/")}


def named(points, counts):
    """Every named point, right before and right after some of its calls."""
    return [(point, when, count) for point in points for when in ("before", "after")
            for count in (counts[:1] if point in ONCE else counts)]
