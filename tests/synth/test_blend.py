"""Joining two sides, and the equation behind it against closed forms."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lib_vidstyl.synth import Synthesis, join
from lib_vidstyl.synth.poisson import divergence, screened
from tests.drawn import texture


@pytest.mark.parametrize("height, width", [(8, 8), (33, 50), (1, 9)])
def test_a_cosine_is_only_scaled(height, width):
    """cos(pi k (x + 1/2) / W) is an eigenvector of the Laplacian with mirrored ends."""
    wave = np.cos(np.pi * 3 * (np.arange(width) + 0.5) / width, dtype=np.float32) * np.ones((height, 1), np.float32)
    factor = 0.2 + 2 - 2 * np.cos(np.pi * 3 / width)
    np.testing.assert_allclose(screened(wave, 0.2), wave / factor, atol=1e-5)


def test_the_solution_fulfils_the_equation():
    right = np.random.default_rng(0).standard_normal((20, 31, 3)).astype(np.float32)
    found = screened(right, 0.05)
    flow_right, flow_down = np.zeros_like(found), np.zeros_like(found)
    flow_right[:, :-1], flow_down[:-1] = found[:, :-1] - found[:, 1:], found[:-1] - found[1:]
    np.testing.assert_allclose(0.05 * found + divergence(flow_right, flow_down), right, atol=1e-4)


def test_a_constant_is_divided_by_the_screen():
    np.testing.assert_allclose(screened(np.full((9, 12), 3, np.float32), 0.5), 6, rtol=1e-5)


def test_without_screen_there_is_no_single_solution():
    with pytest.raises(ValueError, match="above 0"):
        screened(np.zeros((4, 4), np.float32), 0)


def side(picture: np.ndarray, error: float | np.ndarray) -> Synthesis:
    return Synthesis(picture, np.broadcast_to(np.float32(error), picture.shape[:2]).copy())


def test_at_a_key_it_is_exactly_that_keys_picture():
    a, b = side(texture(50, 70), 9), side(texture(50, 70, seed=1), 1)
    assert (join(a, b, share=0) == a.image).all()
    assert (join(a, b, share=1) == b.image).all()


@pytest.mark.parametrize("channels", [3, 4])
def test_two_equal_sides_stay(channels):
    picture = np.dstack([texture(50, 70), texture(50, 70, seed=3)])[..., :channels].copy()
    error = np.random.default_rng(0).random((50, 70)) * 30
    for share in (0.01, 0.4, 0.9):
        assert np.abs(join(side(picture, error), side(picture, error[::-1]), share=share).astype(int) - picture).max() <= 1


def test_near_a_key_it_is_nearly_that_keys_picture():
    a, b = side(texture(80, 100), 20), side(texture(80, 100, seed=1), 1)
    steps = [np.abs(join(a, b, share=s).astype(float) - a.image).mean() for s in (0.001, 0.01, 0.05)]
    assert steps[0] < 1
    assert steps == sorted(steps)


def test_each_pixel_comes_from_the_better_side_and_no_seam_is_left():
    """Same drawing, one side darker: the joint must have the drawing and no edge where the sides meet."""
    drawing = texture(96, 160) // 4 + 96
    a, b = (drawing * 0.9).astype(np.uint8), drawing
    error = np.ones((96, 160), np.float32) * 20
    error[:, :80] = 1
    made = join(side(a, error), side(b, error[:, ::-1]), share=0.5).astype(np.float32)
    ratio = cv2.blur(made.mean(-1), (15, 15)) / cv2.blur(drawing.mean(-1), (15, 15))
    assert 0.89 < ratio.min() < ratio.max() < 1.01
    assert np.abs(np.diff(ratio, axis=1)).max() < 0.004


def test_badly_drawn_parts_are_left_to_the_other_side():
    good = texture(96, 96)
    bad = good.copy()
    bad[30:60, 30:60] = 0
    error = np.ones((96, 96), np.float32)
    error[26:64, 26:64] = 60
    made = join(side(bad, error), side(good, 1), share=0.5)
    assert np.abs(made.astype(float) - good).mean() < 3


def test_pictures_of_different_size_cannot_be_joined():
    with pytest.raises(ValueError, match="cannot be joined"):
        join(side(texture(8, 8), 1), side(texture(8, 9), 1), share=0.5)
