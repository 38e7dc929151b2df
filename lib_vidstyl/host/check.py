"""Does a frame come back? Inverted and sampled again by the original prompt, with source and difference beside it."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.clip.model import Image
from lib_vidstyl.host.hooks import Hook
from lib_vidstyl.host.inversion import Inversion
from lib_vidstyl.host.stylizer import WebuiStylizer
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.inversion import InversionSettings

FITS = 1.2
"""A frame has come back if its mean error is at most this many times that of the VAE alone."""
SHOWN = 4
"""Differences are shown so many times as large as they are."""


@dataclass(frozen=True)
class Check:
    """A frame, what came back of it, and what the VAE alone makes of it. (H, W, 3) uint8 RGB each."""

    source: Image
    reconstruction: Image
    vae: Image

    @property
    def difference(self) -> Image:
        """How far the reconstruction is from the source, SHOWN times as large."""
        apart = np.abs(self.reconstruction.astype(np.int16) - self.source)
        return np.minimum(apart * SHOWN, 255).astype(np.uint8)

    @property
    def pictures(self) -> tuple[Image, Image, Image]:
        """Source, reconstruction, difference."""
        return self.source, self.reconstruction, self.difference

    def sentences(self) -> list[str]:
        """What the user should know."""
        error, least = mean_error(self.source, self.reconstruction), mean_error(self.source, self.vae)
        said = [f"Source, reconstruction, difference ({SHOWN} times as large).",
                f"PSNR {psnr(self.source, self.reconstruction):.1f} dB; the VAE alone: {psnr(self.source, self.vae):.1f} dB.",
                f"Mean error {error:.1f} of 255; the VAE alone: {least:.1f}."]
        if error <= FITS * max(least, 0.5):
            return [*said, "The frame comes back: original prompt and decode CFG scale fit."]
        return [*said, "The frame does not come back. Describe it better in the original prompt, lower the decode CFG scale to 1, "
                "take more steps or more corrections, or a sampler that can be undone (Euler, Heun, DPM2, DDIM)."]


def check(p: Any, task: Task, settings: InversionSettings) -> Check:
    """Paint a frame by its original prompt from its own noise, at the request's denoising strength; p stays as it is."""
    own = settings.resolved().replaced(invert=True, override_prompt=True, randomness=0.0)
    back = copy.copy(p)
    back.cfg_scale = own.decode_cfg
    plain = copy.copy(p)
    plain.denoising_strength, plain.steps = 0.0, 1
    return Check(task.image, _painted(back, task, Inversion(own)), _painted(plain, task, Unsampled()))


def psnr(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Peak signal-to-noise ratio in dB, of 8-bit pictures; infinite where they are equal."""
    square = float(np.square(one.astype(np.float64) - other).mean())
    return float("inf") if square == 0 else 10 * np.log10(255 ** 2 / square)


def mean_error(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> float:
    """Mean absolute difference of 8-bit pictures, in levels."""
    return float(np.abs(one.astype(np.int16) - other).mean())


class Unsampled(Hook):
    """Leaves a frame's latent as it is: what comes out is what the VAE alone makes of the frame."""

    def before(self, pc: Any, tasks: Sequence[Task]) -> None:
        """Sample nothing."""
        pc.sample = lambda *args, **named: pc.init_latent


def _painted(p: Any, task: Task, hook: Any) -> Image:
    with WebuiStylizer(p, hooks=[hook]) as stylizer:
        return stylizer.paint([task])[0]
