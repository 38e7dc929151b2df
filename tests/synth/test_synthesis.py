"""Frames from one key: what is the same stays, known motion is followed, masks, alpha, sizes, the same bytes every time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from lib_vidstyl.compiling import available
from lib_vidstyl.motion.warp import grid
from lib_vidstyl.synth import prepare, synthesise, usual
from lib_vidstyl.synth.detail import restored
from lib_vidstyl.synth.key import detail_of
from tests.drawn import texture

needs_numba = pytest.mark.skipif(not available(), reason="numba is not installed")
BOTH = [None, pytest.param("usual", marks=needs_numba)]


def still(height: int, width: int) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros((height, width, 2), np.float32), np.ones((height, width), np.float32)


def off(a: np.ndarray, b: np.ndarray) -> float:
    return float(np.abs(a.astype(float) - b).mean())


def engine_of(name: str | None):
    return None if name is None else usual()


@pytest.mark.parametrize("engine", BOTH)
def test_the_keys_own_frame_gives_the_key(engine):
    source, styled = texture(96, 128), texture(96, 128, seed=7)
    flow, sure = still(96, 128)
    made = synthesise(prepare(styled, source), source, to_key=flow, confidence=sure, engine=engine_of(engine))
    assert off(made.image, styled) < 0.5
    assert made.error.max() == 0


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("shift", [(6, -4), (2.5, 1.25)])
def test_a_known_shift_moves_the_key(engine, shift):
    source, styled = texture(96, 128), texture(96, 128, seed=7)
    flow, sure = still(96, 128)
    flow += np.float32(shift)
    moved = [cv2.remap(p, grid(96, 128) + flow, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE) for p in (source, styled)]
    made = synthesise(prepare(styled, source), moved[0], to_key=flow, confidence=sure, engine=engine_of(engine))
    assert off(made.image[10:-10, 10:-10], moved[1][10:-10, 10:-10]) < 2.0


@needs_numba
def test_patches_find_what_the_flow_missed():
    source, styled = texture(128, 160), texture(128, 160, seed=7)
    target = np.roll(source, (9, -13), (0, 1))
    flow, sure = still(128, 160)
    made = synthesise(prepare(styled, source), target, to_key=flow, confidence=0 * sure, engine=usual())
    plain = synthesise(prepare(styled, source), target, to_key=flow, confidence=0 * sure)
    truth = np.roll(styled, (9, -13), (0, 1))
    assert off(made.image, truth) < 0.4 * off(plain.image, truth)
    assert made.error.mean() < 0.6 * plain.error.mean()


@needs_numba
def test_masks_keep_the_parts_apart():
    source = texture(64, 96, seed=1)
    source[:, 48:] = source[:, :48]
    styled = np.zeros((64, 96, 3), np.uint8)
    styled[:, :48], styled[:, 48:] = (220, 30, 30), (30, 30, 220)
    mask = np.zeros((64, 96), np.uint8)
    mask[:, :48] = 255
    target, target_mask = np.roll(source, 20, 1), np.roll(mask, 20, 1)
    flow, sure = still(64, 96)
    key = prepare(styled, source, mask=mask)
    made = synthesise(key, target, to_key=flow, confidence=0 * sure, mask=target_mask, engine=usual()).image
    red = made[..., 0] > made[..., 2]
    assert (red == (target_mask > 0)).mean() > 0.95


@pytest.mark.parametrize("engine", BOTH)
def test_alpha_travels_with_the_colours_and_leaves_no_fringe(engine):
    source = texture(64, 80)
    styled = np.dstack([texture(64, 80, seed=7), np.zeros((64, 80), np.uint8)])
    cv2.circle(styled, (40, 32), 20, (200, 60, 40, 255), -1)
    styled[styled[..., 3] == 0, :3] = 0
    flow, sure = still(64, 80)
    flow[..., 0] = 7
    made = synthesise(prepare(styled, source), np.roll(source, -7, 1), to_key=flow, confidence=sure, engine=engine_of(engine)).image
    truth = np.roll(styled, -7, 1)
    assert made.shape == (64, 80, 4)
    assert off(made[..., 3], truth[..., 3]) < 4
    solid = made[..., 3] > 128
    assert off(made[solid][:, :3], np.array([200, 60, 40])) < 6


@pytest.mark.parametrize("engine", BOTH)
@pytest.mark.parametrize("factor", [0.5, 2, 1.37])
def test_a_key_of_another_size_sets_the_size(engine, factor):
    source = texture(64, 96, grain=4)
    size = (round(96 * factor), round(64 * factor))
    styled = cv2.resize(texture(64, 96, seed=7, grain=4), size, interpolation=cv2.INTER_CUBIC)
    flow, sure = still(64, 96)
    made = synthesise(prepare(styled, source), source, to_key=flow, confidence=sure, engine=engine_of(engine))
    assert made.image.shape == styled.shape
    assert made.error.shape == styled.shape[:2]
    assert off(made.image, styled) < 1.5


@needs_numba
def test_the_same_bytes_twice_and_from_threads():
    source, styled, target = texture(90, 70), texture(90, 70, seed=7), texture(90, 70, seed=9)
    flow, sure = still(90, 70)
    key = prepare(styled, source)

    def made(seed):
        return synthesise(key, target, to_key=flow, confidence=0 * sure, seed=seed, engine=usual()).image.tobytes()

    once = [made(seed) for seed in range(4)]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(made, range(4))) == once
    assert once[0] != once[1]


@needs_numba
def test_the_frame_before_steadies_what_flow_leaves_open():
    source, styled = texture(64, 80), texture(64, 80, seed=7)
    flow, sure = still(64, 80)
    key = prepare(styled, np.full_like(source, 90))
    flat = np.full_like(source, 90)
    before = np.roll(styled, 5, 1)
    made = [synthesise(key, flat, to_key=flow, confidence=0 * sure, previous=p, previous_share=0.9, engine=usual()).image
            for p in (None, before)]
    assert off(made[1], before) < off(made[0], before)


@needs_numba
def test_tiny_pictures():
    for size in ((1, 1), (3, 7), (5, 5), (24, 2)):
        picture = np.full((*size, 3), 9, np.uint8)
        flow, sure = still(*size)
        made = synthesise(prepare(picture, picture), picture, to_key=flow, confidence=0 * sure, engine=usual())
        assert (made.image == 9).all()


def test_by_flow_alone_a_wall_that_was_hidden_is_not_smeared():
    """The flow drags the background along with a moved disc; unconfirmed there, the still background is taken."""
    wall = texture(96, 128)
    source, target = wall.copy(), wall.copy()
    cv2.circle(source, (40, 48), 16, (250, 20, 20), -1)
    cv2.circle(target, (70, 48), 16, (250, 20, 20), -1)
    flow, sure = still(96, 128)
    flow[20:76, 40:100, 0] = -30
    sure[20:76, 40:100] = 0
    disc = cv2.circle(np.zeros((96, 128), np.uint8), (70, 48), 22, 1, -1) > 0
    made = synthesise(prepare(source, source), target, to_key=flow, confidence=sure)
    dragged = cv2.remap(source, grid(96, 128) + flow, None, cv2.INTER_LINEAR)
    assert off(made.image[disc], target[disc]) < 0.5 * off(dragged[disc], target[disc])
    assert off(made.image[~disc], target[~disc]) < 0.5 * off(dragged[~disc], target[~disc])


def test_detail_lost_by_resampling_comes_back_and_no_more():
    sharp = texture(96, 128, grain=1)
    soft = cv2.GaussianBlur(sharp, (0, 0), 0.6)
    wanted, everywhere = detail_of(sharp), np.ones((96, 128), np.float32)
    made = restored(soft, wanted, everywhere)
    assert detail_of(soft).mean() < 0.7 * wanted.mean()
    assert 0.85 * wanted.mean() < detail_of(made).mean() < 1.15 * wanted.mean()
    assert np.array_equal(restored(soft, wanted, 0 * everywhere), soft)


def test_flat_areas_stay_flat_when_detail_is_restored():
    flat = np.full((64, 64, 3), 90, np.uint8)
    flat[:, 32:] = 200
    assert np.array_equal(restored(flat, detail_of(flat), np.ones((64, 64), np.float32)), flat)
