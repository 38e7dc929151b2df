"""Kill a run that paints keys only, anywhere: the film comes out the same, no key is painted twice, no frame is made twice."""

from __future__ import annotations

import json
import random
import time
from collections import Counter

import pytest

from lib_vidstyl.clip.picture import encode_png
from tests.drawn import texture
from tests.trust.test_kill import start, whole_frames
from tests.trust.victim import KEYED_POINTS, POINTS

COUNT, KEYS = 13, "0,6,12"
NAMED = [(point, when, count) for point in (*POINTS, *KEYED_POINTS) for when in ("before", "after") for count in (1, 2, 7)]
QUICK = [("cache written", "before", 7), ("key prepared", "before", 3), ("frame made", "after", 7)]


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    folder, wide = tmp_path_factory.mktemp("keyed") / "source", texture(64, 96 + 2 * COUNT)
    folder.mkdir()
    for index in range(COUNT):
        (folder / f"{index:03d}.png").write_bytes(encode_png(wide[:, 2 * index:2 * index + 96].copy()))
    return folder


@pytest.fixture(scope="module")
def unbroken(source, tmp_path_factory):
    film = tmp_path_factory.mktemp("whole") / "film.mkv"
    asked, status = keyed(source, film)
    assert (asked, status) == ([0, 6, 12], 0)
    assert set(made(film)) == {f"propagated/{index:06d}.png" for index in range(COUNT) if index not in asked}
    return film.read_bytes()


def keyed(source, film, *point):
    """Run to the end, or to where it is killed: (frames that were painted, exit status)."""
    process = start(source, film, *(point or ("none", "before", 0)), KEYS)
    said = process.communicate()[0].splitlines()
    return [int(word) for word in said[0].split()] if said else [], process.returncode


def made(film):
    """How often each frame made from keys was recorded; a line that the kill has torn counts as none."""
    path = film.with_suffix(".vidstyl") / "manifest.jsonl"
    files = Counter()
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if path.exists() else ():
        if line.startswith("{") and line.endswith("}"):
            files[json.loads(line)["file"]] += 1
    return {name: times for name, times in files.items() if name.startswith("propagated/")}


def resume_and_check(source, film, unbroken):
    folder = film.with_suffix(".vidstyl")
    painted, before = whole_frames(film), made(film)
    kept = {name for name in before if (folder / name).is_file()}
    asked, status = keyed(source, film)
    assert status == 0
    assert film.read_bytes() == unbroken
    assert not painted & set(asked), "a finished key has been painted again"
    again = made(film)
    assert not [name for name in kept if again[name] > before[name]], "a finished frame has been made again"


def killed_at(source, tmp_path, unbroken, *point):
    film = tmp_path / "film.mkv"
    if keyed(source, film, *point)[1] == 0:
        pytest.skip("a run has fewer calls of this")
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
    began = time.monotonic()
    process = start(source, film, "none", "before", 0, KEYS)
    while not film.with_suffix(".vidstyl").exists() and process.poll() is None and time.monotonic() < began + 60:
        time.sleep(0.02)
    time.sleep(random.Random(seed).uniform(0, 2))
    process.kill()
    process.wait()
    resume_and_check(source, film, unbroken)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_some_random_moments(source, tmp_path, unbroken, seed):
    killed_at_random(source, tmp_path, unbroken, seed)


@pytest.mark.trust
@pytest.mark.parametrize("seed", range(2, 52))
def test_killed_at_fifty_random_moments(source, tmp_path, unbroken, seed):
    killed_at_random(source, tmp_path, unbroken, seed)
