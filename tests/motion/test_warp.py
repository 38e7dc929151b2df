"""Warping and composing flows, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.motion.warp import compose, grid, inside, scaled, warp
from tests.drawn import texture


def constant(x, y, height=40, width=60):
    return np.full((height, width, 2), (x, y), np.float32)


@pytest.mark.parametrize("method", ["nearest", "linear", "cubic"])
def test_a_whole_shift_takes_the_very_pixels(method):
    image = texture(40, 60)
    moved = warp(image, constant(7, -3), method=method)
    assert np.array_equal(moved[5:, :50], image[2:-3, 7:57])
    assert moved.dtype == np.uint8


def test_a_picture_of_another_size_is_sampled_in_its_own_pixels():
    image = texture(80, 120)
    flow = grid(40, 60)
    assert np.array_equal(warp(image, flow), image[::2, ::2])


def test_two_turns_make_the_sum_of_their_angles():
    centre = np.float32([80, 60])
    place = grid(121, 161) - centre

    def turn(degrees):
        c, s = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
        return (place @ np.float32([[c, s], [-s, c]]) - place).astype(np.float32)

    made = compose(turn(4), turn(6))
    assert np.abs(made - turn(10))[20:-20, 20:-20].max() < 0.01


def test_inside_knows_the_border():
    assert inside(constant(59, 0))[:, 0].all()
    assert not inside(constant(59, 0))[:, 1:].any()
    assert not inside(constant(0, -0.5))[0].any()


@pytest.mark.parametrize("size", [(120, 80), (30, 20), (60, 40)])
def test_a_scaled_flow_has_vectors_of_the_new_size(size):
    made = scaled(constant(6, -2), size)
    assert made.shape == (size[1], size[0], 2)
    assert made.dtype == np.float32
    assert np.allclose(made, (6 * size[0] / 60, -2 * size[1] / 40), atol=1e-4)
