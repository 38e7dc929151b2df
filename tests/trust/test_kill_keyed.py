"""Kill a run that paints keys only, anywhere: the film comes out the same, no key is painted twice, no frame is made twice."""

from __future__ import annotations

import pytest

from tests.drawn import texture
from tests.films import written
from tests.trust.killing import Run, named
from tests.trust.victim import KEYED_POINTS, POINTS

COUNT, KEYS = 13, "0,6,12"
NAMED = named((*POINTS, *KEYED_POINTS), (1, 2, 7))
QUICK = [("cache written", "before", 7), ("key prepared", "before", 3), ("frame made", "after", 7)]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    wide = texture(64, 96 + 2 * COUNT)
    frames = (wide[:, 2 * index:2 * index + 96].copy() for index in range(COUNT))
    whole = Run(written(tmp_path_factory.mktemp("keyed") / "source", frames), tmp_path_factory.mktemp("whole"), KEYS)
    assert whole.asked == [0, 6, 12]
    assert set(whole.made) == {f"propagated/{index:06d}.png" for index in range(COUNT) if index not in whole.asked}
    return whole


@pytest.mark.parametrize(("point", "when", "count"), QUICK)
def test_killed_at_some_named_points(run, tmp_path, point, when, count):
    run.killed_at(tmp_path / "film.mkv", point, when, count)


@pytest.mark.trust
@pytest.mark.parametrize(("point", "when", "count"), NAMED)
def test_killed_at_every_named_point(run, tmp_path, point, when, count):
    run.killed_at(tmp_path / "film.mkv", point, when, count)


@pytest.mark.parametrize("seed", range(2))
def test_killed_at_some_random_moments(run, tmp_path, seed):
    run.killed_at_random(tmp_path / "film.mkv", seed)


@pytest.mark.trust
@pytest.mark.parametrize("seed", range(2, 52))
def test_killed_at_fifty_random_moments(run, tmp_path, seed):
    run.killed_at_random(tmp_path / "film.mkv", seed)
