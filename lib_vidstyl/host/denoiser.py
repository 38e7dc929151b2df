"""The webui's own guided denoiser as `denoise(x, sigma)`: whatever model, conditioning, networks and control it has at work."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lib_vidstyl.host.found import attribute

_SAMPLING = ("backend.sampling.sampling_function", "modules_forge.forge_sampler")
EULER = "Euler"
"""The sampler that lends its denoiser: all that go by sigma have the same one."""


class Prompts:
    """What the frames show, and how strongly that guides the inversion. Keeps its encoding for the next frames."""

    def __init__(self, positive: str, negative: str, cfg: float) -> None:
        from modules import extra_networks

        self.positive, self.negative, self.cfg = positive, negative, cfg
        texts, self.networks = extra_networks.parse_prompts([positive])
        self._text = texts[0]
        self._kept: tuple[list[Any], list[Any]] = ([None, None], [None, None])

    def unguided(self, pc: Any) -> bool:
        """Whether the negative prompt has no weight, and the webui can leave it out.

        Joined prompts ("AND") are weighed against it even at a CFG scale of 1. Where it is left out, v1.10.1 forgets to leave
        out an inpainting model's picture of what is masked (sd_samplers_cfg_denoiser.py:229-231).
        """
        inner = getattr(pc.sd_model, "model", None)
        if getattr(inner, "conditioning_key", "crossattn") not in (None, "crossattn"):
            return False
        return self.cfg == 1 and " AND " not in self._text and getattr(pc, "image_cfg_scale", None) in (None, 1.0)

    def encoded(self, pc: Any, frames: int) -> tuple[Any, Any]:
        """(conditioning, unconditional conditioning) for so many frames, as the webui's samplers take them."""
        from modules import prompt_parser

        size = {"width": pc.width, "height": pc.height}
        positive = prompt_parser.SdConditioning([self._text] * frames, **size)
        negative = prompt_parser.SdConditioning([self.negative] * frames, is_negative_prompt=True, **size)
        steps = getattr(pc, "firstpass_steps", None) or pc.steps
        return (pc.get_conds_with_caching(prompt_parser.get_multicond_learned_conditioning, positive, steps, [self._kept[0]],
                                          self.networks),
                pc.get_conds_with_caching(prompt_parser.get_learned_conditioning, negative, steps, [self._kept[1]], self.networks))


class Denoiser:
    """`denoise(x, sigma)` for some frames of a request that is about to be sampled.

    rows: which frames of pc's batch x holds. levels: those that sampling will pass, ascending; prompts that change with the
    step and control units that begin or end at one see the step at which sampling will be there.
    Masks, refiner and skipped guidance have no part in it. Raises the webui's InterruptedException when it is to stop.
    """

    def __init__(self, pc: Any, prompts: Prompts, *, rows: Sequence[int], levels: Sequence[float]) -> None:
        from modules import sd_samplers

        self.levels, self.multiplier = sorted(levels), getattr(pc, "step_multiplier", None) or 1
        self.sampler = sd_samplers.create_sampler(EULER, pc.sd_model)
        self.sampler.p = quiet(pc)
        guided = self.sampler.model_wrap_cfg
        guided.p, guided.mask, guided.nmask = self.sampler.p, None, None
        guided.init_latent = pc.init_latent[list(rows)]
        guided.steps = guided.total_steps = len(self.levels)
        guided.image_cfg_scale = getattr(pc, "image_cfg_scale", None)
        cond, uncond = prompts.encoded(pc, len(rows))
        _mark_for_controlnet(pc, cond, uncond)
        self.sampler.sampler_extra_args = {"cond": cond, "uncond": uncond, "cond_scale": prompts.cfg, "s_min_uncond": 0.0,
                                           "image_cond": pc.image_conditioning[list(rows)]}

    def __call__(self, x: Any, sigma: float) -> Any:
        """The clean latents (N, C, h, w) that the model expects behind x, in float32."""
        from modules import shared

        above = sum(level > sigma * (1 + 1e-6) for level in self.levels)
        self.sampler.model_wrap_cfg.step = above * self.multiplier
        shared.state.sampling_step, shared.state.sampling_steps = above, len(self.levels)
        guided = self.sampler.model_wrap_cfg
        return guided(x, x.new_full((len(x),), sigma), **self.sampler.sampler_extra_args).float()


@contextmanager
def loaded(pc: Any) -> Iterator[None]:
    """Forge and its kin fetch the weights of model and control for each sampling, and let them go after it; so for ours.

    Forge: backend/sampling/sampling_function.py:366-408; reForge: modules_forge/forge_sampler.py.
    """
    unet = getattr(getattr(pc.sd_model, "forge_objects", None), "unet", None)
    fetch, let_go = attribute(_SAMPLING, "sampling_prepare"), attribute(_SAMPLING, "sampling_cleanup")
    if unet is None or fetch is None or let_go is None:
        yield
        return
    fetch(unet, x=pc.init_latent)
    try:
        yield
    finally:
        let_go(unet)


def quiet(pc: Any) -> Any:
    """A copy of a request that leaves no trace in its infotext and switches to no refiner."""
    made = copy.copy(pc)
    made.extra_generation_params, made.refiner_checkpoint_info, made.scripts = {}, None, None
    return made


@contextmanager
def networks_of(pc: Any, wanted: Any) -> Iterator[None]:
    """Only the networks (LoRA, ...) of the original prompt at work, then again those of the request."""
    from modules import extra_networks

    own = getattr(pc, "extra_network_data", None) or {}
    if pc.disable_extra_networks or _shown(wanted) == _shown(own):
        yield
        return
    extra_networks.activate(quiet(pc), wanted)
    try:
        yield
    finally:
        extra_networks.activate(quiet(pc), own)


def _shown(networks: Any) -> dict[str, list[Any]]:
    return {kind: [entry.items for entry in entries] for kind, entries in networks.items() if entries}


def _mark_for_controlnet(pc: Any, cond: Any, uncond: Any) -> None:
    """ControlNet wraps `pc.sample` and marks which conditioning is which; those it has not seen must be marked alike."""
    mark = getattr(pc.sample, "__globals__", {}).get("mark_prompt_context")
    if mark:
        mark(cond, positive=True)
        mark(uncond, positive=False)
