"""The screened Poisson equation on a picture, solved at once by cosine transforms."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import dctn, idctn  # scikit-image brings scipy

Field = NDArray[np.float32]


def screened(right: Field, screen: float) -> Field:
    """The u with screen * u - laplace(u) = right, nothing flowing over the picture's border.

    right: (H, W[, C]) float32; screen > 0, per squared pixel. The five-point Laplacian becomes a product under the cosine
    transform (Bhat et al., "Fourier analysis of the 2D screened Poisson equation", ECCV 2008), so there is no wrap-around.
    """
    if screen <= 0:
        raise ValueError(f"screen is {screen}, it must be above 0")
    height, width = right.shape[:2]
    down, across = (2 - 2 * np.cos(np.pi * np.arange(n, dtype=np.float32) / n) for n in (height, width))
    factor = screen + down[:, None] + across[None, :]
    spectrum = dctn(right, axes=(0, 1), norm="ortho")
    spectrum /= factor if right.ndim == 2 else factor[..., None]
    return idctn(spectrum, axes=(0, 1), norm="ortho").astype(np.float32, copy=False)


def divergence(right: Field, down: Field) -> Field:
    """(H, W[, C]): what flows out of each pixel. right, down: flow over a pixel's right and lower side; none over the border."""
    out = np.zeros_like(right)
    out[:, :-1] += right[:, :-1]
    out[:, 1:] -= right[:, :-1]
    out[:-1] += down[:-1]
    out[1:] -= down[:-1]
    return out
