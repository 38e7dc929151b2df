"""The noise that the webui's own "img2img alternative test" finds, so that recipes from guides give the same frames.

Not the reverse of any sampler: kept as it is, fault for fault, except that each frame is treated alone whatever the batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from lib_vidstyl.diffusion.arrays import Batch, variance, widened
from lib_vidstyl.diffusion.ode import Denoise, Watch


def script_noise(denoise: Denoise, x: Batch, sigmas: Sequence[float], *, adjusted: bool,
                 callback: Watch | None = None) -> Batch:
    """Noise of unit scale (N, ...) for clean latents x (N, ...); for networks that predict noise.

    sigmas: ascending, from 0 to the model's largest. Plain: each step's slope is taken at the level it leads to, and
    the result is divided by its own deviation. `adjusted` ("sigma adjustment"): at the level it comes from, the step
    from 0 does nothing, and the result is divided by the last sigma.
    """
    levels, x = [float(sigma) for sigma in sigmas], widened(x)
    for done, (a, b) in enumerate(pairwise(levels), 1):
        level = a if adjusted else b
        if level > 0:
            x = x + (b - a) * (x - denoise(x, level)) / level
        if callback:
            callback(done, len(levels) - 1, x)
    return x / levels[-1] if adjusted else x / variance(x, ddof=1) ** 0.5
