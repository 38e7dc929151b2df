"""Data whose ideal denoiser is known in closed form, and the schedules of a Stable Diffusion model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Gaussian:
    """Data of mean 0 and deviation `sd` (a number or an array of the latent's shape): denoiser and ODE are linear."""

    sd: Any = 1.0

    def denoise(self, x, sigma):
        return x * (self.sd ** 2 / (self.sd ** 2 + sigma ** 2))

    def carried(self, x, a, b):
        """Where the ODE takes x from noise level a to b."""
        return x * ((self.sd ** 2 + b ** 2) / (self.sd ** 2 + a ** 2)) ** 0.5

    def predicted(self, kind):
        """The network that would predict this data's noise or velocity."""

        def network(scaled, sigma):
            x = scaled * (sigma ** 2 + 1) ** 0.5
            clean = self.denoise(x, sigma)
            noise = (x - clean) / sigma
            length = (sigma ** 2 + 1) ** 0.5
            return noise if kind == "eps" else (noise - sigma * clean) / length  # v = alpha * eps - sigma' * x0

        return network


@dataclass(frozen=True)
class Mixture:
    """Equal shares of Gaussians around some centres (K, ...): the denoiser is steep between them."""

    centres: np.ndarray
    sd: float = 0.2

    def denoise(self, x, sigma):
        spread = self.sd ** 2 + sigma ** 2
        apart = x[:, None] - self.centres
        likely = -(apart.reshape(*apart.shape[:2], -1) ** 2).sum(2) / (2 * spread)
        weights = np.exp(likely - likely.max(1, keepdims=True))
        weights = (weights / weights.sum(1, keepdims=True)).reshape(weights.shape + (1,) * (x.ndim - 1))
        return (weights * (self.centres + apart * (self.sd ** 2 / spread))).sum(1)


def model_sigmas(steps):
    """The descending schedule of an SD1 model: times evenly spaced, then 0."""
    betas = np.linspace(0.00085 ** 0.5, 0.012 ** 0.5, 1000) ** 2
    kept = np.cumprod(1 - betas)
    levels = np.log(((1 - kept) / kept) ** 0.5)
    return (*np.exp(np.interp(np.linspace(999, 0, steps), np.arange(1000), levels)).tolist(), 0.0)


def from_strength(sigmas, strength):
    """The part of a descending schedule that img2img passes at a denoising strength."""
    steps = len(sigmas) - 1
    return sigmas[steps - int(min(strength, 0.999) * steps) - 1:]


def relative(made, wanted):
    """Each frame's distance from where it should be, the largest of them."""
    apart = np.asarray(made - wanted, np.float64).reshape(len(made), -1)
    return (np.linalg.norm(apart, axis=1) / np.linalg.norm(np.asarray(wanted, np.float64).reshape(len(made), -1), axis=1)).max()


def latents(frames=2, shape=(4, 6, 5), sd=1.0, seed=0):
    return np.random.default_rng(seed).standard_normal((frames, *shape)) * sd
