"""Noise belongs to a seed and a frame, and mixing does not change its strength."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_vidstyl.diffusion import denoiser, frame_noise, match_sampler, mixed, scaled_like
from lib_vidstyl.diffusion.ode import METHODS
from lib_vidstyl.diffusion.samplers import MULTISTEP, ONE_STEP
from tests.diffusion.known import Gaussian, latents

SHAPE = (4, 64, 64)


def test_noise_is_a_function_of_seed_and_frame():
    first = frame_noise(SHAPE, seed=1, index=5)
    assert (first == frame_noise(SHAPE, seed=1, index=5)).all()
    for seed, index in ((1, 6), (2, 5), (5, 1)):
        assert abs(np.corrcoef(first.ravel(), frame_noise(SHAPE, seed=seed, index=index).ravel())[0, 1]) < 0.03
    assert first.dtype == np.float32
    assert abs(first.mean()) < 0.03 and abs(first.std() - 1) < 0.02


@given(share=st.floats(0, 1), strength=st.floats(0.1, 20), seed=st.integers(0, 99))
def test_mixing_keeps_each_frames_variance(share, strength, seed):
    ours = frame_noise((2, *SHAPE), seed=seed, index=0) * np.array([strength, 1], np.float32).reshape(2, 1, 1, 1)
    drawn = frame_noise((2, *SHAPE), seed=seed, index=1)
    made = mixed(ours, scaled_like(drawn, ours), share)
    np.testing.assert_allclose(made.reshape(2, -1).var(1), ours.reshape(2, -1).var(1), rtol=0.06)


def test_the_ends_of_the_mixture():
    ours, drawn = latents(seed=1), latents(seed=2)
    assert mixed(ours, drawn, 0) is ours
    np.testing.assert_allclose(mixed(ours, drawn, 1), drawn)


@pytest.mark.parametrize("kind", ["eps", "v"])
@pytest.mark.parametrize("sigma", [0.03, 1.0, 14.6])
def test_both_predictions_say_the_same(kind, sigma):
    data, x = Gaussian(0.7), latents() * sigma
    np.testing.assert_allclose(denoiser(data.predicted(kind), kind)(x, sigma), data.denoise(x, sigma), rtol=1e-9, atol=1e-12)


def test_an_unknown_prediction_is_refused():
    with pytest.raises(KeyError):
        denoiser(Gaussian().predicted("eps"), "x0")


@pytest.mark.parametrize("name", ONE_STEP)
def test_one_step_samplers_are_matched_without_a_word(name):
    match = match_sampler(name)
    assert (match.sampler, match.exact, match.notice) == (name, True, "")
    assert match.method in METHODS


@pytest.mark.parametrize("name", sorted(MULTISTEP))
def test_multistep_samplers_stay_with_a_notice(name):
    match = match_sampler(name)
    assert match.sampler == name and not match.exact and name in match.notice
    assert match.method in METHODS


@pytest.mark.parametrize("name", ["Euler a", "DPM++ SDE", "DPM++ 2M SDE", "LCM", "Restart", "of some extension"])
def test_samplers_with_noise_of_their_own_are_replaced_with_a_notice(name):
    match = match_sampler(name)
    assert match.sampler == "Euler" and match.exact and name in match.notice
