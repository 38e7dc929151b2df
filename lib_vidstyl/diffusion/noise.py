"""Noise fields: drawn from a seed and a frame's number, and mixed without changing their strength."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from lib_vidstyl.diffusion.arrays import Batch, variance


def frame_noise(shape: tuple[int, ...], *, seed: int, index: int) -> npt.NDArray[np.float32]:
    """Gaussian noise of mean 0 and variance 1 for one frame: always the same for the same seed and frame number."""
    return np.random.default_rng((seed, index)).standard_normal(shape, dtype=np.float32)


def scaled_like(other: Batch, noise: Batch) -> Batch:
    """Frames of `other` (N, ...), of variance 1, brought to the variance that the same frame of `noise` has."""
    return other * variance(noise) ** 0.5


def mixed(noise: Batch, other: Batch, share: float) -> Batch:
    """Mix independent fields (N, ...) of equal variance; the mixture has that variance too.

    share: 0 gives `noise`, 1 gives `other`. The weights 1 - share and share are divided by their Euclidean length.
    """
    if share == 0:
        return noise
    return ((1 - share) * noise + share * other) / ((1 - share) ** 2 + share ** 2) ** 0.5
