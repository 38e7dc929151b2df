"""Fixed points: linear and curved maps of known answers, maps that plain iteration cannot solve, and bad numbers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_vidstyl.diffusion.fixed_point import fixed_point


def solved(advance, guess, *, iterations=40, tolerance=1e-10):
    return fixed_point(advance, guess, iterations=iterations, tolerance=tolerance)


@settings(max_examples=80, deadline=None)
@given(slopes=st.lists(st.floats(-0.9, 0.9), min_size=1, max_size=5), seed=st.integers(0, 999))
def test_a_linear_map_is_solved(slopes, seed):
    slopes = np.array(slopes)
    goal = np.random.default_rng(seed).standard_normal((3, len(slopes))) + 3
    plain = 160  # what plain iteration needs for a slope of 0.9: 0.9 ** 160 < 1e-7
    y, residuals = solved(lambda y: goal + slopes * (y - goal), goal * 0, iterations=plain)
    np.testing.assert_allclose(y, goal, rtol=1e-6)
    assert max(residuals) < 1e-6


def test_one_slope_is_solved_by_the_first_secant_even_where_plain_iteration_flees():
    y, residuals = solved(lambda y: 2 - 5 * (y - 2), np.zeros((1, 4)), iterations=3)
    np.testing.assert_allclose(y, 2, rtol=1e-12)
    assert residuals[0] < 1e-12


def test_steep_falls_in_many_directions_are_tamed_by_shorter_steps():
    slopes = -np.array([0.1, 2.0, 5.0, 9.0])
    y, _ = solved(lambda y: 1 + slopes * (y - 1), np.zeros((1, 4)), iterations=200, tolerance=1e-8)
    np.testing.assert_allclose(y, 1, rtol=1e-5)


def test_a_curved_map_is_solved():
    y, residuals = solved(np.cos, np.zeros((2, 3)))
    np.testing.assert_allclose(y, 0.7390851332151607, rtol=1e-9)
    assert max(residuals) < 1e-9


def test_a_solved_frame_stands_still_while_others_go_on():
    seen = []

    def advance(y):
        seen.append(y[0, 0])
        return np.stack([y[0] * 0 + 1, np.cos(y[1])])

    y, residuals = solved(advance, np.ones((2, 1)))
    assert set(seen[1:]) == {1.0}
    assert y[0, 0] == 1 and residuals[0] == 0


def test_a_leap_into_nan_is_taken_back():
    def advance(y):
        with np.errstate(invalid="ignore"):
            return np.sqrt(2 - y)  # y = 1; NaN beyond 2

    y, _ = solved(advance, np.full((1, 1), -2.0), iterations=60)
    np.testing.assert_allclose(y, 1, rtol=1e-6)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_hopeless_maps_end_with_the_guess_or_nan_not_with_an_error(bad):
    with np.errstate(invalid="ignore"):
        y, residuals = solved(lambda y: y * bad, np.ones((1, 2)), iterations=5)
    assert y.shape == (1, 2) and len(residuals) == 1
    assert not residuals[0] < 1e-10
