"""The ODE against closed forms: where it leads, how its error falls, and that the way back leads home."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_vidstyl.diffusion import denoiser, invert, sample, upward
from lib_vidstyl.diffusion.ode import METHODS
from tests.diffusion.known import Gaussian, Mixture, from_strength, latents, model_sigmas, relative

STRENGTHS = (0.3, 0.5, 0.75, 1.0)
PREDICTIONS = ("eps", "v")


def evenly(steps, top=10.0):
    return tuple(np.linspace(0, top, steps + 1))


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2)])
def test_the_noise_error_falls_with_the_step_as_the_method_promises(method, order):
    """From a clean picture, the first step included."""
    data, x = Gaussian(1.0), latents()
    errors = [relative(invert(data.denoise, x, evenly(steps), method=method).x, data.carried(x, 0, 10))
              for steps in (400, 800, 1600)]
    rates = [np.log2(a / b) for a, b in pairwise(errors)]
    assert all(order - 0.15 < rate < order + 0.35 for rate in rates), rates


@pytest.mark.parametrize(("method", "order"), [("euler", 1), ("heun", 2), ("dpm2", 2)])
def test_the_same_between_two_noise_levels_and_downwards(method, order):
    data, x = Gaussian(0.5), latents()
    errors = [relative(sample(data.denoise, x, np.geomspace(8, 0.1, steps + 1), method=method), data.carried(x, 8, 0.1))
              for steps in (100, 200, 400)]
    rates = [np.log2(a / b) for a, b in pairwise(errors)]
    assert all(abs(rate - order) < 0.2 for rate in rates), rates


@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("strength", STRENGTHS)
def test_heun_both_ways_brings_a_frame_back(strength, prediction):
    denoise = denoiser(Gaussian(1.0).predicted(prediction), prediction)
    down = from_strength(model_sigmas(50), strength)
    x = latents()
    noisy = invert(denoise, x, upward(down, down[0]), method="heun").x
    assert relative(sample(denoise, noisy, down, method="heun"), x) < 1e-3


@pytest.mark.parametrize("method", sorted(METHODS))
@pytest.mark.parametrize("prediction", PREDICTIONS)
@pytest.mark.parametrize("strength", STRENGTHS)
@pytest.mark.parametrize("sd", [0.2, 0.5, 1.0, "each its own"])
def test_corrected_steps_bring_a_frame_back_exactly(strength, prediction, method, sd):
    x = latents()
    sd = np.random.default_rng(7).uniform(0.2, 1, x.shape[1:]) if isinstance(sd, str) else sd
    denoise = denoiser(Gaussian(sd).predicted(prediction), prediction)
    down = from_strength(model_sigmas(50), strength)
    made = invert(denoise, x * sd, upward(down, down[0]), method=method, iterations=10, tolerance=1e-9)
    assert relative(sample(denoise, made.x, down, method=method), x * sd) < 1e-5
    assert made.evaluations <= 10 * (len(down) - 1)


@settings(max_examples=60, deadline=None)
@given(gaps=st.lists(st.floats(0.02, 0.6), min_size=2, max_size=25), lowest=st.floats(0.02, 0.3), sd=st.floats(0.2, 1.0),
       method=st.sampled_from(sorted(METHODS)), seed=st.integers(0, 99))
def test_any_schedule_can_be_undone(gaps, lowest, sd, method, seed):
    up = (0.0, *(lowest * np.exp(np.cumsum([0, *gaps]))))
    data, x = Gaussian(sd), latents(seed=seed, sd=sd)
    made = invert(data.denoise, x, up, method=method, iterations=30, tolerance=1e-10)
    back = sample(data.denoise, made.x, up[::-1], method=method)
    assert relative(back, x) < 1e-6
    assert len(made.residuals) == len(x)


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 999), sd=st.floats(0.1, 0.5), strength=st.sampled_from(STRENGTHS),
       method=st.sampled_from(["euler", "heun"]))
def test_data_in_clusters_comes_back_too(seed, sd, strength, method):
    """Between clusters the denoiser is so steep that plain iteration diverges."""
    rng = np.random.default_rng(seed)
    data = Mixture(rng.standard_normal((5, 4, 3, 3)), sd)
    x = data.centres[rng.integers(0, 5, 3)] + sd * rng.standard_normal((3, 4, 3, 3))
    down = from_strength(model_sigmas(50), strength)
    up = upward(down, down[0])
    made, plain = (invert(data.denoise, x, up, method=method, iterations=many, tolerance=1e-9) for many in (30, 0))
    back, worse = (relative(sample(data.denoise, one.x, down, method=method), x) for one in (made, plain))
    assert back < 1e-3 + 50 * max(made.residuals)
    assert back <= worse + 1e-6


def test_frames_of_a_batch_do_not_see_each_other():
    rng = np.random.default_rng(3)
    data = Mixture(rng.standard_normal((4, 4, 3, 3)), 0.3)
    x = np.concatenate([data.centres + 0.1, latents(2, (4, 3, 3)) * 5, np.zeros((1, 4, 3, 3))])
    up = upward(model_sigmas(20), model_sigmas(20)[0])
    for iterations in (0, 1, 6):
        made = invert(data.denoise, x, up, iterations=iterations)
        alone = [invert(data.denoise, frame[None], up, iterations=iterations) for frame in x]
        np.testing.assert_allclose(made.x, np.concatenate([one.x for one in alone]), rtol=1e-9, atol=1e-9)
        np.testing.assert_allclose(made.residuals, [r for one in alone for r in one.residuals], rtol=1e-5, atol=1e-12)


def test_half_precision_is_walked_in_single():
    data, x = Gaussian(1.0), latents().astype(np.float16)
    up = upward(model_sigmas(50), model_sigmas(50)[0])
    made = invert(data.denoise, x, up, method="heun", iterations=4)
    assert made.x.dtype == np.float32
    back = sample(data.denoise, made.x, up[::-1], method="heun")
    assert relative(back, x.astype(np.float32)) < 1e-4


def test_a_denoiser_that_answers_in_half_precision_costs_only_its_own_rounding():
    data, x = Gaussian(1.0), latents().astype(np.float32)

    def denoise(x, sigma):
        scale = np.float32((sigma ** 2 + 1) ** 0.5)
        eps = ((x - data.denoise(x, sigma)) / np.float32(sigma)).astype(np.float16)  # a half-precision UNet
        assert abs(x / scale).max() < 100  # its input would fit in float16
        return x - np.float32(sigma) * eps.astype(np.float32)

    up = upward(model_sigmas(50), model_sigmas(50)[0])
    made = invert(denoise, x, up, iterations=6)
    assert np.isfinite(made.x).all()
    assert relative(sample(denoise, made.x, up[::-1]), x) < 0.01


def test_a_nan_ends_in_a_nan_and_soon():
    calls = []

    def denoise(x, sigma):
        calls.append(sigma)
        return x * np.nan

    made = invert(denoise, latents(1), (0, 1, 2), iterations=50)
    assert np.isnan(made.x).all() or not np.isfinite(made.residuals).all()
    assert len(calls) <= 100


def test_the_watcher_sees_each_step_and_may_stop():
    seen = []

    def watch(done, of, x):
        seen.append((done, of))
        if done == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        invert(Gaussian().denoise, latents(), evenly(5), iterations=1, callback=watch)
    assert seen == [(1, 5), (2, 5)]


def test_the_levels_end_where_sampling_starts():
    down = model_sigmas(20)
    assert upward(down, down[8]) == tuple(reversed(down[8:]))
    assert upward(down, 5.0)[-1] == 5.0
    assert list(upward(down, 5.0)[:-1]) == sorted(level for level in down if level < 5)


def test_torch_takes_the_same_steps():
    torch = pytest.importorskip("torch")
    data, x, up = Gaussian(0.5), latents(), upward(model_sigmas(20), model_sigmas(20)[4])
    for method in METHODS:
        for iterations in (0, 5):
            ours = invert(data.denoise, x, up, method=method, iterations=iterations)
            theirs = invert(data.denoise, torch.from_numpy(x), up, method=method, iterations=iterations)
            np.testing.assert_allclose(theirs.x.numpy(), ours.x, rtol=1e-9, atol=1e-9)
            assert theirs.evaluations == ours.evaluations
    halved = invert(data.denoise, torch.from_numpy(x).bfloat16(), up, iterations=3)
    assert halved.x.dtype == torch.float32
