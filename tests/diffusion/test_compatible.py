"""The host script's two modes, against a plain transcription of what it computes, network calls and all."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.diffusion import denoiser, mixed, script_noise
from tests.diffusion.known import latents, model_sigmas

MIXING = (np.random.default_rng(5).standard_normal((4, 4)) / 2).astype(np.float32)


def network(scaled, sigma):
    """Some noise prediction: not linear, not the same for all channels, different at every level."""
    return np.tanh(np.einsum("oc,nchw->nohw", MIXING, scaled)) * (1 + 0.1 * float(np.sin(sigma)))


def script(x, steps, *, adjusted):
    """One frame (1, C, H, W), step by step as the script has it: scalings of an eps model, time told apart from scale."""
    sigmas = model_sigmas(steps)[::-1]
    for i in range(1, len(sigmas)):
        level = sigmas[i - 1] if adjusted else sigmas[i]
        time = sigmas[i] if i == 1 else level
        c_out, c_in = -level, 1 / np.sqrt(level ** 2 + 1)
        denoised = x + network(x * c_in, time) * c_out
        d = (x - denoised) / (2 * sigmas[i] if adjusted and i == 1 else level)
        x = x + d * (sigmas[i] - sigmas[i - 1])
    return x / sigmas[-1] if adjusted else x / x.std(ddof=1)


@pytest.mark.parametrize("adjusted", [False, True])
@pytest.mark.parametrize("steps", [1, 2, 50])
def test_the_noise_is_the_scripts(adjusted, steps):
    x = latents(frames=3)
    made = script_noise(denoiser(network, "eps"), x, model_sigmas(steps)[::-1], adjusted=adjusted)
    wanted = np.concatenate([script(frame[None], steps, adjusted=adjusted) for frame in x])
    np.testing.assert_allclose(made, wanted, rtol=1e-9, atol=1e-9)


def test_half_precision_does_not_drown():
    x = latents().astype(np.float16)
    made = script_noise(denoiser(network, "eps"), x, model_sigmas(50)[::-1], adjusted=True)
    wanted = script_noise(denoiser(network, "eps"), x.astype(np.float64), model_sigmas(50)[::-1], adjusted=True)
    assert made.dtype == np.float32
    np.testing.assert_allclose(made, wanted, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_randomness_is_the_scripts(share):
    ours, drawn = latents(seed=1), latents(seed=2)
    wanted = ((1 - share) * ours + share * drawn) / ((share ** 2 + (1 - share) ** 2) ** 0.5)
    np.testing.assert_allclose(mixed(ours, drawn, share), wanted)


def test_the_watcher_sees_each_step():
    seen = []
    script_noise(denoiser(network, "eps"), latents(), model_sigmas(4)[::-1], adjusted=True, callback=lambda *a: seen.append(a[:2]))
    assert seen == [(1, 4), (2, 4), (3, 4), (4, 4)]
