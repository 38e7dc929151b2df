"""What a network predicts, turned into `denoise(x, sigma)`."""

from __future__ import annotations

from collections.abc import Callable

from lib_vidstyl.diffusion.arrays import Batch
from lib_vidstyl.diffusion.ode import Denoise

Network = Callable[[Batch, float], Batch]
"""(x scaled to unit variance (N, ...), sigma) to the network's own prediction (N, ...)."""


def denoiser(network: Network, prediction: str) -> Denoise:
    """The denoiser of a network that predicts noise ("eps") or velocity ("v").

    Karras et al. 2022, table 1 (VP column: c_in, c_out) for eps; Salimans and Ho 2022, "Progressive Distillation for
    Fast Sampling of Diffusion Models", section 4, for v. Raises KeyError for another prediction.
    """
    combine = {"eps": _from_noise, "v": _from_velocity}[prediction]

    def denoise(x: Batch, sigma: float) -> Batch:
        return combine(x, network(x / (sigma ** 2 + 1) ** 0.5, sigma), sigma)

    return denoise


def _from_noise(x: Batch, noise: Batch, sigma: float) -> Batch:
    return x - sigma * noise


def _from_velocity(x: Batch, velocity: Batch, sigma: float) -> Batch:
    return x / (sigma ** 2 + 1) - velocity * (sigma / (sigma ** 2 + 1) ** 0.5)
