"""Flow of known motion, its errors in pixels, and what can be seen."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from lib_vidstyl.motion.flow import dense
from lib_vidstyl.motion.occlusion import confidence, visible
from lib_vidstyl.motion.warp import grid, warp
from tests.drawn import texture


def shifted(x, y, height=120, width=160):
    picture = texture(height + 40, width + 40, grain=3)
    return (np.ascontiguousarray(picture[20:-20, 20:-20]),
            np.ascontiguousarray(picture[20 - y:20 - y + height, 20 - x:20 - x + width]))


@pytest.mark.parametrize("shift", [(0, 0), (3, 1), (-6, 4), (11, -9)])
def test_a_known_shift_is_found(shift):
    a, b = shifted(*shift)
    error = np.linalg.norm(dense(a, b) - np.float32(shift), axis=-1)
    assert error[16:-16, 16:-16].mean() < 0.3


def test_grey_pictures_serve_as_well():
    a, b = shifted(3, 1)
    assert np.abs(dense(a[..., 1], b[..., 1]) - (3, 1))[16:-16, 16:-16].mean() < 0.3


def test_a_start_carries_motion_that_is_too_large_to_find():
    a, b = shifted(2, 1)
    far = np.roll(b, 50, axis=1)
    start = np.full((*a.shape[:2], 2), (51, 1), np.float32)
    error = np.linalg.norm(dense(a, far, start=start) - (52, 1), axis=-1)
    assert np.median(error[16:-16, 16:90]) < 0.5
    assert (start == (51, 1)).all(), "the start is left as it was"


def test_sizes_may_change_and_threads_may_work_at_once():
    pairs = [shifted(3, 1, 64 + 8 * n, 96 + 4 * n) for n in range(8)]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(lambda pair: dense(*pair), pairs))
    for pair, flow in zip(pairs, together, strict=True):
        assert np.array_equal(flow, dense(*pair))


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (15, 15), (16, 16), (17, 300)])
def test_tiny_pictures_get_a_flow_of_their_size(size):
    flow = dense(texture(*size), texture(*size))
    assert flow.shape == (*size, 2)
    assert np.isfinite(flow).all()


def test_frames_of_different_size_are_refused():
    with pytest.raises(ValueError, match="different size"):
        dense(texture(32, 32), texture(32, 40))


def test_what_a_moving_square_uncovers_is_not_visible():
    square = np.zeros((100, 140), bool)
    square[30:70, 40:80] = True
    forward = np.where(square[..., None], np.float32([12, 0]), np.float32(0)).astype(np.float32)
    moved = np.roll(square, 12, axis=1)
    backward = np.where(moved[..., None], np.float32([-12, 0]), np.float32(0)).astype(np.float32)
    seen = visible(forward, backward)
    hidden = moved & ~square
    assert not seen[hidden].any()
    assert seen[~hidden].mean() > 0.99


def test_confidence_falls_where_the_picture_differs():
    a, b = shifted(3, 1)
    forward = np.full((*a.shape[:2], 2), (3, 1), np.float32)
    changed = b.copy()
    changed[40:70, 60:100] = texture(30, 40, seed=9)
    trust = confidence(forward, -forward, a, changed)
    assert trust.dtype == np.float32
    assert trust[45:65, 62:92].mean() < 0.4
    assert trust[80:110, 20:120].mean() > 0.9
    assert not trust[:, -3:].any()


def test_confidence_forgives_a_change_of_brightness():
    a, b = shifted(3, 1)
    forward = np.full((*a.shape[:2], 2), (3, 1), np.float32)
    darker = (b * 0.9).astype(np.uint8)
    assert confidence(forward, -forward, a, darker)[10:-10, 10:-10].mean() > 0.8


def test_a_wrong_flow_is_not_trusted():
    a, b = shifted(3, 1)
    wrong = np.full((*a.shape[:2], 2), (-4, 6), np.float32)
    assert confidence(wrong, -wrong, a, b)[10:-10, 10:-10].mean() < 0.3
    assert np.array_equal(warp(grid(4, 4), np.zeros((4, 4, 2), np.float32)), grid(4, 4))
