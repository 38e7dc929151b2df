"""Frames painted from the noise that their own picture leads to: a part of every img2img call of the webui."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from lib_vidstyl.cache import Cache
from lib_vidstyl.diffusion import Match, invert, match_sampler, mixed, scaled_like, script_noise
from lib_vidstyl.hashes import digest
from lib_vidstyl.host.denoiser import EULER, Denoiser, Prompts, loaded, networks_of
from lib_vidstyl.host.guard import NotFinite
from lib_vidstyl.host.hooks import Hook
from lib_vidstyl.host.identity import checkpoint, embeddings, networks, vae
from lib_vidstyl.host.levels import Passage, passage
from lib_vidstyl.stylizers.base import Task, Who
from lib_vidstyl.stylizers.inversion import MATCHED, SCRIPT, InversionSettings

VERSION = 1
"""Raised whenever the same settings lead to other noise, so that what is kept is found no more."""
TOLERANCE = 1e-5
"""A step that undoes the sampler's this closely is not corrected further."""
NEUTRAL = {"img2img_extra_noise": 0.0, "s_churn": 0.0, "eta_ddim": 0.0, "initial_noise_multiplier": 1.0}
"""Options that would add to a frame's own noise while it is sampled."""
PLAIN = {"skip_early_cond": 0.0}
"""Options that would leave guidance out of some steps while noise is looked for."""

UNGUIDED = {"skip_early_cond": 1.0}
"""The same where there is no guidance: the negative prompt, which would have no weight, is not evaluated in any step."""


class Inversion(Hook):
    """Gives each frame the noise from which the model comes back to it by the original prompt.

    settings: with its preset, if any. cache: keeps noise between runs; None keeps none. units: tells which control is at
    work for a frame ("" for none), which decides its noise too.

    `hits` and `misses` count frames whose noise was kept or had to be found; `notices` are sentences for the user.
    """

    def __init__(self, settings: InversionSettings, *, cache: Cache | None = None,
                 units: Callable[[Task], str] = lambda task: "") -> None:
        self.settings, self.cache, self.units = settings.resolved(), cache, units
        self.notices: list[str] = []
        self.hits = self.misses = 0
        self._match = Match(EULER, "euler", exact=True)
        self._prompts: Prompts | None = None

    def who(self) -> Who:
        """Every setting, and the networks and embeddings of the original prompts."""
        texts = (self.settings.original_prompt, self.settings.original_negative_prompt)
        return {**dataclasses.asdict(self.settings), "version": VERSION,
                "named": [fact for text in texts for fact in (*networks(text), *embeddings(text))]}

    def enter(self, p: Any) -> None:
        """Carry out the overrides, and choose how the sampler is undone."""
        settings = self.settings
        if settings.override_sampler:
            p.sampler_name = EULER
        if settings.override_steps and settings.decode_steps:
            p.steps = settings.decode_steps
        if settings.override_strength:
            p.denoising_strength = 1.0
        p.eta = None  # left to the option, which is held at 0
        self._match = self._matched(p)
        p.sampler_name = self._match.sampler
        self._prompts = Prompts(settings.original_prompt, settings.original_negative_prompt, settings.decode_cfg)

    def before(self, pc: Any, tasks: Sequence[Task]) -> None:
        """Find the frames' noise when the webui is about to draw it, and hand it over in its place."""
        if self.settings.override_prompt:
            pc.prompt, pc.negative_prompt = self.settings.original_prompt, self.settings.original_negative_prompt
        whole = pc.sample

        def sample(*args: Any, **named: Any) -> Any:
            from modules import sd_samplers_common

            pc.initial_noise_multiplier = 1.0
            try:
                if hasattr(pc.sd_model, "forge_objects"):
                    self._hand_to_sampler(pc, tasks)
                else:
                    pc.rng = _Given(self._noise(pc, tasks, pc.rng.next), pc.rng)
                with options_as(NEUTRAL):
                    return whole(*args, **named)
            except sd_samplers_common.InterruptedException:
                return pc.init_latent  # the half-made picture is dropped, as every other

        pc.sample = sample

    def _hand_to_sampler(self, pc: Any, tasks: Sequence[Task]) -> None:
        """Forge sets up control inside of `pc.sample`, when noise is drawn already: ours takes its place behind that."""
        whole = pc.sampler.sample_img2img

        def sample_img2img(p: Any, x: Any, noise: Any, *args: Any, **named: Any) -> Any:
            return whole(p, x, self._noise(pc, tasks, lambda: noise).to(noise), *args, **named)

        pc.sampler.sample_img2img = sample_img2img

    def _matched(self, p: Any) -> Match:
        match = match_sampler(p.sampler_name)
        if self.settings.method == SCRIPT:
            suits = _goes_by_sigma(p)
            match = Match(p.sampler_name if suits else EULER, "script", exact=False, notice="" if suits else
                          f"The inversion method 'script' cannot serve the sampler {p.sampler_name}: {EULER} is used instead.")
        if match.notice:
            self.notices.append(match.notice)
        return match

    def _noise(self, pc: Any, tasks: Sequence[Task], draw: Callable[[], Any]) -> Any:
        """The noise (N, C, h, w) for a batch, in float32: kept or found, with the wanted share of drawn noise."""
        way, latent = passage(pc, self.settings.decode_steps), pc.init_latent.float()
        drawn = draw().to(latent) if self.settings.randomness else None
        keys = [self._key(pc, way, row, task) for row, task in enumerate(tasks)]
        kept = [self.cache.array(key) if self.cache else None for key in keys]
        missing = [row for row, found in enumerate(kept) if found is None or found.shape != tuple(latent.shape[1:])]
        self.hits, self.misses = self.hits + len(tasks) - len(missing), self.misses + len(missing)
        noise = latent.new_zeros(latent.shape)
        for row, found in enumerate(kept):
            if row not in missing:
                noise[row] = latent.new_tensor(found)
        if missing:
            noise[missing] = self._found(pc, way, missing)
            _refuse_nonsense(noise)
            for row in missing:
                if self.cache:
                    self.cache.put_array(keys[row], noise[row].cpu().numpy())
        return self._with_drawn(noise, drawn, latent, way)

    def _found(self, pc: Any, way: Passage, rows: list[int]) -> Any:
        """The noise of some frames: what the sampler is handed or, by the method 'script', that of unit scale."""
        with loaded(pc):
            return self._integrated(pc, way, rows)

    def _integrated(self, pc: Any, way: Passage, rows: list[int]) -> Any:
        prompts, latent = self._prompts, pc.init_latent[rows].float()
        assert prompts is not None, "a job begins with enter()"
        if self.settings.method == SCRIPT:
            with options_as(PLAIN):
                levels = _script_levels(pc, self.settings.decode_steps or pc.steps)
                return script_noise(Denoiser(pc, prompts, rows=rows, levels=levels), latent, levels,
                                    adjusted=self.settings.sigma_adjustment)
        method, iterations = self.settings.method, 0
        if method == MATCHED:
            method, iterations = self._match.method, self.settings.iterations if self._match.exact else 0
        with networks_of(pc, prompts.networks), options_as(UNGUIDED if prompts.unguided(pc) else PLAIN):
            denoise = Denoiser(pc, prompts, rows=rows, levels=way.levels)
            state = invert(denoise, way.start(latent), way.levels, method=method, iterations=iterations, tolerance=TOLERANCE).x
        return way.noise(state, latent)

    def _with_drawn(self, noise: Any, drawn: Any, latent: Any, way: Passage) -> Any:
        share = self.settings.randomness
        if self.settings.method == SCRIPT:
            return (noise if drawn is None else mixed(noise, drawn, share)) - latent / way.largest
        return noise if drawn is None else mixed(noise, scaled_like(drawn, noise), share)

    def _key(self, pc: Any, way: Passage, row: int, task: Task) -> object:
        """All that decides a frame's noise, and nothing else: not the prompt it is painted by, its seed or CFG."""
        settings = self.settings
        texts = (settings.original_prompt, settings.original_negative_prompt)
        levels = _script_levels(pc, settings.decode_steps or pc.steps) if settings.method == SCRIPT else [*way.levels, way.added]
        model = [checkpoint(), vae(), shared_option("CLIP_stop_at_last_layers")]
        named = [fact for text in texts for fact in (*networks(text), *embeddings(text))]
        method = [settings.method, self._match.method, settings.iterations, settings.sigma_adjustment, settings.decode_cfg]
        other = [networks(task.prompt)] if settings.method == SCRIPT else []
        return ["inverted noise", VERSION, model, texts, named, method, levels, other, self.units(task),
                _content(pc.init_latent[row]), _content(pc.image_conditioning[row]), str(getattr(pc.sd_model, "dtype", ""))]


class _Given:
    """Stands for the webui's source of noise: the first draw is given, what is drawn after comes from the source."""

    def __init__(self, noise: Any, source: Any) -> None:
        self._noise, self._source = noise, source

    def next(self) -> Any:
        """The given noise, once."""
        if self._noise is None:
            return self._source.next()
        noise, self._noise = self._noise, None
        return noise

    def __getattr__(self, name: str) -> Any:
        return getattr(self._source, name)


@contextmanager
def options_as(wanted: dict[str, Any]) -> Iterator[None]:
    """The webui's options as wanted; then as they were."""
    from modules import shared

    data = shared.opts.data
    before = {key: data[key] for key in wanted if key in data}
    data.update(wanted)
    try:
        yield
    finally:
        for key in wanted:
            data.pop(key, None)
        data.update(before)


def shared_option(key: str) -> Any:
    """An option of the webui, None if it does not know it."""
    from modules import shared

    return getattr(shared.opts, key, None)


def _goes_by_sigma(p: Any) -> bool:
    from modules import sd_samplers

    return hasattr(sd_samplers.create_sampler(p.sampler_name, p.sd_model), "get_sigmas")


def _script_levels(pc: Any, steps: int) -> list[float]:
    """The model's own schedule, whatever scheduler is chosen, ascending from 0."""
    return [float(sigma) for sigma in reversed(list(pc.sampler.model_wrap.get_sigmas(steps)))]


def _content(values: Any) -> str:
    plain = values.detach().float().cpu().contiguous().numpy()
    return digest(plain.shape, plain.data)


def _refuse_nonsense(noise: Any) -> None:
    """In half precision a model can overflow: the guard then raises the precision and asks again."""
    if not bool((noise.abs() < float("inf")).all()):
        raise NotFinite("the noise of the frame's own")
