"""Kill the run anywhere, start it again: the film's bytes are those of an unbroken run, and no finished frame is painted twice."""

from __future__ import annotations

import random

import pytest

from tests.drawn import moving
from tests.films import written
from tests.trust.killing import Run, named
from tests.trust.victim import POINTS

COUNT = 10
NAMED = named(POINTS, (1, 2, 5))
QUICK = random.Random(5).sample(NAMED, 10)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    source = written(tmp_path_factory.mktemp("kill") / "source", moving(COUNT, 40, 56))
    return Run(source, tmp_path_factory.mktemp("whole"))


@pytest.mark.parametrize(("point", "when", "count"), QUICK)
def test_killed_at_some_named_points(run, tmp_path, point, when, count):
    run.killed_at(tmp_path / "film.mkv", point, when, count)


@pytest.mark.trust
@pytest.mark.parametrize(("point", "when", "count"), NAMED)
def test_killed_at_every_named_point(run, tmp_path, point, when, count):
    run.killed_at(tmp_path / "film.mkv", point, when, count)


@pytest.mark.parametrize("seed", range(3))
def test_killed_at_some_random_moments(run, tmp_path, seed):
    run.killed_at_random(tmp_path / "film.mkv", seed)


@pytest.mark.trust
@pytest.mark.parametrize("seed", range(3, 203))
def test_killed_at_two_hundred_random_moments(run, tmp_path, seed):
    run.killed_at_random(tmp_path / "film.mkv", seed)
