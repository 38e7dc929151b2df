"""Kill the run anywhere, start it again: the film's bytes are those of an unbroken run, and no finished frame is painted twice."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.manifest import Manifest
from tests.drawn import moving
from tests.trust.victim import POINTS

ROOT = Path(__file__).resolve().parents[2]
COUNT = 9
NAMED = [(point, when, count) for point in POINTS for when in ("before", "after") for count in (1, 2, 5)]
QUICK = random.Random(5).sample(NAMED, 10)


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder = tmp_path_factory.mktemp("kill") / "source"
    folder.mkdir()
    for index, frame in enumerate(moving(COUNT, 40, 56)):
        (folder / f"{index:03d}.png").write_bytes(encode_png(frame))
    return folder


@pytest.fixture(scope="module")
def unbroken(source, tmp_path_factory):
    film = tmp_path_factory.mktemp("whole") / "film.mkv"
    assert start(source, film).wait() == 0
    return film.read_bytes()


def start(source, film, *point):
    words = [sys.executable, "-m", "tests.trust.victim", str(source), str(film), *(map(str, point or ("none",)))]
    environment = {**os.environ, "PYTHONUTF8": "1"}
    return subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)


def resume_and_check(source, film, unbroken):
    frames = film.with_suffix(".vidstyl") / "frames"
    finished = whole_frames(film)
    process = start(source, film)
    asked = {int(word) for word in process.communicate()[0].splitlines()[0].split()}
    assert process.returncode == 0
    assert film.read_bytes() == unbroken
    for batch in {index // 2 for index in asked}:
        missing = set(range(batch * 2, min(batch * 2 + 2, COUNT))) - finished
        assert missing, f"batch {batch} was finished and has been painted again"
    left = [path.name for path in [*film.parent.iterdir(), *film.with_suffix(".vidstyl").iterdir(), *frames.iterdir()]
            if path.name.endswith(".part")]
    assert left == []


def whole_frames(film):
    folder = film.with_suffix(".vidstyl")
    if not (folder / "manifest.jsonl").exists():
        return set()
    manifest = Manifest(folder / "manifest.jsonl")
    return {int(path.stem) for path in (folder / "frames").glob("*.png") if manifest.latest(f"frames/{path.name}")}


def killed_at(source, tmp_path, unbroken, point, when, count):
    film = tmp_path / "film.mkv"
    if start(source, film, point, when, count).wait() == 0:
        pytest.skip(f"a run has fewer than {count} calls of this")
    resume_and_check(source, film, unbroken)


@pytest.mark.parametrize(("point", "when", "count"), QUICK)
def test_killed_at_some_named_points(source, tmp_path, unbroken, point, when, count):
    killed_at(source, tmp_path, unbroken, point, when, count)


@pytest.mark.trust
@pytest.mark.parametrize(("point", "when", "count"), NAMED)
def test_killed_at_every_named_point(source, tmp_path, unbroken, point, when, count):
    killed_at(source, tmp_path, unbroken, point, when, count)


def killed_at_random(source, tmp_path, unbroken, seed):
    film = tmp_path / "film.mkv"
    process = start(source, film)
    time.sleep(random.Random(seed).uniform(0.05, 1.2))
    process.kill()
    process.wait()
    resume_and_check(source, film, unbroken)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_some_random_moments(source, tmp_path, unbroken, seed):
    killed_at_random(source, tmp_path, unbroken, seed)


@pytest.mark.trust
@pytest.mark.parametrize("seed", range(3, 203))
def test_killed_at_two_hundred_random_moments(source, tmp_path, unbroken, seed):
    killed_at_random(source, tmp_path, unbroken, seed)
