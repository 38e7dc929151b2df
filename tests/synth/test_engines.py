"""Every engine against the plain reference: distances, votes, search, uniformity."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

from lib_vidstyl.motion.warp import grid
from lib_vidstyl.synth import Weights, prepare, synthesise
from lib_vidstyl.synth.engine import Engine, Work
from lib_vidstyl.synth.guides import pack
from lib_vidstyl.synth.key import Key
from tests.drawn import texture
from tests.synth import plain

ENGINES = [pytest.param(name, marks=pytest.mark.skipif(importlib.util.find_spec(name) is None, reason=f"{name} is not installed"))
           for name in ("numba", "torch")]


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    if request.param == "torch":
        import torch

        from lib_vidstyl.synth.torch_engine import TorchEngine

        torch.set_num_threads(1)
        return TorchEngine()
    from lib_vidstyl.synth.numba_engine import NumbaEngine

    return NumbaEngine()


def work(key: Key, target: np.ndarray, number: int, *, field: np.ndarray | None = None, pull: float = 0.0) -> Work:
    at = key.levels[number]
    stride, (height, width) = at.level.stride, at.size
    places = grid(height, width)[::stride, ::stride].copy()
    planes = pack(target, target, None, key.scale)
    return Work(at, planes, places.astype(np.int16) if field is None else field, places,
                np.full(places.shape[:2], pull, np.float32), np.ones(places.shape[:2], np.uint8), key.weights, float(key.scale[0]))


def scattered(shape: tuple[int, int], size: tuple[int, int]) -> np.ndarray:
    rng = np.random.default_rng(3)
    return np.stack([rng.integers(0, size[1], shape), rng.integers(0, size[0], shape)], -1).astype(np.int16)


@pytest.mark.parametrize("height, width", [(24, 31), (33, 26), (64, 50)])
def test_distances_and_votes_are_those_of_the_plain_reference(engine, height, width):
    key = prepare(texture(height, width, seed=1), texture(height, width))
    for number, at in enumerate(key.levels):
        target = texture(*at.size, seed=2)
        shape = tuple(-(-side // at.level.stride) for side in at.size)
        session = engine.begin(work(key, target, number, field=scattered(shape, at.size)))
        session.search(0, 0)
        outcome = session.outcome()
        planes = pack(target, target, None, key.scale)
        np.testing.assert_allclose(outcome.cost, plain.costs(planes, at.planes, outcome.field, at.level.stride), rtol=1e-6)
        wanted = plain.voted(at.colours, outcome.field, at.level.stride, at.size)
        assert np.abs(outcome.picture - wanted).max() <= 0.51


def test_search_comes_close_to_the_full_search(engine):
    key = prepare(texture(26, 30, seed=1), texture(26, 30), weights=Weights(uniformity=0, style=0.001))
    target = np.roll(key.source, (5, -7), (0, 1))
    task = work(key, target, 0)
    before = plain.costs(task.target, key.levels[0].planes, task.field, task.key.level.stride).mean()
    least = plain.best(task.target, key.levels[0].planes, task.key.level.stride, task.field.shape[:2])
    session = engine.begin(task)
    for round_ in range(6):
        session.search(2, round_)
    found = session.outcome().cost
    assert (found >= least * (1 - 1e-6)).all()  # costs are sums in single precision
    assert found.mean() - least.mean() < 0.08 * (before - least.mean())


def test_nodes_that_are_not_active_stay(engine):
    key = prepare(texture(40, 40, seed=1), texture(40, 40))
    task = work(key, texture(40, 40, seed=5), 0)
    task.active[:, :8] = 0
    kept = task.field.copy()
    session = engine.begin(task)
    session.search(2, 1)
    found = session.outcome().field
    assert (found[:, :8] == kept[:, :8]).all()
    assert (found[:, 8:] != kept[:, 8:]).any()


def test_uniformity_keeps_one_patch_from_covering_everything(engine):
    flat = np.full((40, 40, 3), 120, np.uint8)
    spread = {}
    for uniformity in (0.0, 3500.0):
        key = prepare(texture(40, 40, seed=1), flat, weights=Weights(uniformity=uniformity, style=0.01))
        field = np.full((20, 20, 2), 11, np.int16)
        session = engine.begin(work(key, flat, 0, field=field))
        for round_ in range(4):
            session.search(2, round_)
        places = session.outcome().field.reshape(-1, 2)
        spread[uniformity] = np.unique(places // 4, axis=0, return_counts=True)[1].max() / len(places)
    assert spread[3500.0] < 0.05
    assert spread[0.0] > 2 * spread[3500.0]


def test_pull_keeps_flat_areas_where_the_flow_leads(engine):
    flat = np.full((40, 40, 3), 120, np.uint8)
    key = prepare(texture(40, 40, seed=1), flat, weights=Weights(uniformity=0.0, style=0.01))
    task = work(key, flat, 0, field=scattered((20, 20), (40, 40)), pull=20000.0)
    session = engine.begin(task)
    for round_ in range(4):
        session.search(2, round_)
    assert np.abs(session.outcome().field - task.want).max() <= 3


@pytest.mark.skipif(not all(importlib.util.find_spec(name) for name in ("numba", "torch")), reason="needs numba and torch")
def test_both_engines_make_the_same_picture_within_a_decibel():
    from lib_vidstyl.synth.numba_engine import NumbaEngine
    from lib_vidstyl.synth.torch_engine import TorchEngine

    source, styled = texture(64, 72), texture(64, 72, seed=7)
    target, truth = (np.roll(picture, (5, -7), (0, 1)) for picture in (source, styled))
    doubt, flow = np.zeros((64, 72), np.float32), np.zeros((64, 72, 2), np.float32)
    key = prepare(styled, source)
    quality = []
    for which in (NumbaEngine(), TorchEngine()):
        made = synthesise(key, target, to_key=flow, confidence=doubt, engine=which).image
        quality.append(10 * np.log10(255**2 / np.square(made.astype(float) - truth).mean()))
    assert abs(quality[0] - quality[1]) < 1


def test_weights_whose_sums_would_overflow_are_refused():
    with pytest.raises(ValueError, match="at most 80"):
        Weights(image=90)
    with pytest.raises(ValueError, match="more than 0"):
        Weights(style=0, image=0, edges=0, mask=0)


def test_the_largest_distance_fits(engine):
    black, white = np.zeros((24, 24, 3), np.uint8), np.full((24, 24, 3), 255, np.uint8)
    key = prepare(black, black, weights=Weights(image=60, style=14, edges=3, mask=3))
    task = work(key, white, 0)
    session = engine.begin(task)
    session.search(0, 0)
    cost = session.outcome().cost
    assert cost.min() > 0.9 * 25 * 16 * 255**2 * 74
