"""Which noise levels the webui's sampler passes for a frame, and how it takes noise: for both families of samplers it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib_vidstyl.diffusion import upward


@dataclass(frozen=True)
class Passage:
    """The way up for an inversion, as it will be sampled down.

    levels: ascending; the inversion begins at the first, sampling at the last. The state there is latent / `shrunk` at the
    beginning. `kept` and `added`: the sampler will start at latent * kept + noise * added, which it takes for the state
    times `scaled`. largest: the model's largest level.
    """

    levels: tuple[float, ...]
    largest: float
    added: float
    kept: float = 1.0
    scaled: float = 1.0
    shrunk: float = 1.0

    def start(self, latent: Any) -> Any:
        """The state at the first level for a latent (N, C, h, w)."""
        return latent / self.shrunk

    def noise(self, state: Any, latent: Any) -> Any:
        """The noise that makes the sampler start from a state (N, C, h, w) at the last level."""
        return (state * self.scaled - latent * self.kept) / self.added


def passage(pc: Any, decode_steps: int = 0) -> Passage:
    """The way up for a request whose sampler has been made (`pc.sampler`).

    decode_steps: of the whole schedule; 0: those of sampling, so that each is the reverse of one of the sampler's.
    """
    from modules import sd_samplers_common

    steps, last = sd_samplers_common.setup_img2img_steps(pc)
    if hasattr(pc.sampler, "get_sigmas"):
        return _by_sigma(pc, (steps, last), decode_steps)
    return _by_time(pc, (steps, last))


def _by_sigma(pc: Any, counted: tuple[int, int], decode_steps: int) -> Passage:
    steps, last = counted
    sigmas = _floats(pc.sampler.get_sigmas(pc, steps))
    top = sigmas[steps - last - 1]
    between = sigmas if decode_steps in (0, pc.steps) else _floats(pc.sampler.get_sigmas(pc, decode_steps))
    return Passage(upward(between, top), _largest(pc), added=top)


def _by_time(pc: Any, counted: tuple[int, int]) -> Passage:
    """DDIM and its like: x is scaled to unit variance, levels are times; they start at the level below the one they noise to."""
    steps, last = counted
    kept = _floats(pc.sd_model.alphas_cumprod)
    times = [int(time) for time in pc.sampler.get_timesteps(pc, steps)]
    passed = [0, *times[:last]]
    levels = sorted({((1 - kept[time]) / kept[time]) ** 0.5 for time in passed})
    handed = kept[times[last]]
    return Passage(tuple(levels), ((1 - kept[-1]) / kept[-1]) ** 0.5, added=(1 - handed) ** 0.5, kept=handed ** 0.5,
                   scaled=kept[passed[-1]] ** 0.5, shrunk=kept[0] ** 0.5)


def _largest(pc: Any) -> float:
    return float(_floats(pc.sampler.model_wrap.get_sigmas(pc.steps))[0])


def _floats(values: Any) -> Sequence[float]:
    return [float(value) for value in values]
