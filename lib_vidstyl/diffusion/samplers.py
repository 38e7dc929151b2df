"""Which samplers an inversion can undo."""

from __future__ import annotations

from dataclasses import dataclass

ONE_STEP = {"Euler": "euler", "Heun": "heun", "DPM2": "dpm2", "DDIM": "euler"}
"""Deterministic samplers whose every step depends on its own x alone, and the method that is the same step.

DDIM is Euler once x is divided by its share of the picture (Song et al. 2021, "Denoising Diffusion Implicit Models", eq. 13).
"""
MULTISTEP = frozenset({"DPM++ 2M", "LMS", "PLMS", "UniPC", "DDIM CFG++"})
"""Deterministic, but a step uses more than the denoiser at its own x: undone up to its error."""
INSTEAD = "Euler"


@dataclass(frozen=True)
class Match:
    """How frames are inverted for a sampler.

    sampler: the one to sample with. method: of `ode.invert`. exact: whether its steps are the sampler's own. notice: a
    sentence for the user, "" where everything is as asked.
    """

    sampler: str
    method: str
    exact: bool
    notice: str = ""


def match_sampler(name: str) -> Match:
    """What to do for a sampler, by the name that the webui gives it. One that adds noise of its own is replaced."""
    if name in ONE_STEP:
        return Match(name, ONE_STEP[name], exact=True)
    if name in MULTISTEP:
        return Match(name, "heun", exact=False, notice=f"The sampler {name} cannot be undone step by step: frames come back with "
                     "the sampler's own error. Euler, Heun, DPM2 and DDIM are undone exactly.")
    return Match(INSTEAD, ONE_STEP[INSTEAD], exact=True, notice=f"The sampler {name} adds noise of its own, so that no frame would "
                 f"come back: {INSTEAD} is used instead.")
