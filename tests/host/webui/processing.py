"""img2img requests, and what happens to them."""

from __future__ import annotations

import copy
import dataclasses
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from PIL import Image

from tests.host.webui.model import test_for_nans
from tests.host.webui.now import webui


@dataclass
class Img2Img:
    """StableDiffusionProcessingImg2Img (processing.py:130-218, 1581-1632): the fields that are read or set."""

    sd_model: object = None
    outpath_samples: str | None = None
    outpath_grids: str | None = None
    prompt: Any = ""
    negative_prompt: Any = ""
    styles: list[str] | None = None
    seed: Any = -1
    subseed: Any = -1
    subseed_strength: float = 0
    sampler_name: str | None = "Euler"
    scheduler: str | None = "Automatic"
    batch_size: int = 1
    n_iter: int = 1
    steps: int = 4
    cfg_scale: float = 7.0
    width: int = 64
    height: int = 64
    restore_faces: bool | None = None
    tiling: bool | None = None
    do_not_save_samples: bool = False
    do_not_save_grid: bool = False
    extra_generation_params: dict | None = None
    overlay_images: list | None = None
    override_settings: dict | None = None
    override_settings_restore_afterwards: bool = True
    init_images: list | None = None
    resize_mode: int = 0
    denoising_strength: float = 0.75
    mask: Any = None
    mask_blur_x: int = 4
    inpainting_fill: int = 0
    scripts: Any = field(default=None, init=False)
    script_args: Any = field(default=(), init=False)
    comments: dict | None = None
    paste_to: Any = field(default=None, init=False)
    color_corrections: list | None = field(default=None, init=False)
    image_mask: Any = field(default=None, init=False)
    nmask: Any = field(default=None, init=False)
    mask_for_overlay: Any = field(default=None, init=False)
    init_latent: Any = field(default=None, init=False)
    user: str | None = field(default=None, init=False)
    is_api: bool = field(default=False, init=False)

    cached_c = [None, None]  # shared by all requests: processing.py:181-182
    cached_uc = [None, None]

    def __post_init__(self) -> None:
        self.comments, self.styles = {}, self.styles or []
        self.extra_generation_params = self.extra_generation_params or {}
        self.override_settings = self.override_settings or {}
        self.image_mask, self.mask = self.mask, None  # processing.py:1610-1611

    def comment(self, text: str) -> None:
        self.comments[text] = 1

    def init(self, all_prompts: list[str], all_seeds: list[int], all_subseeds: Any) -> None:
        """processing.py:1634-1760: as many pictures as the batch, or one for all."""
        if len(self.init_images) > self.batch_size:
            raise RuntimeError(f"bad number of images passed: {len(self.init_images)}; expecting {self.batch_size} or less")
        if self.width % 8 or self.height % 8:
            raise RuntimeError("sizes must be multiples of 8")
        frames = [image.convert("RGB").resize((self.width, self.height)) for image in self.init_images]
        stack = np.stack([np.moveaxis(np.asarray(frame, np.float32) / 127.5 - 1, 2, 0) for frame in frames])
        self.init_latent = np.repeat(stack, self.batch_size, 0) if len(frames) == 1 else stack
        self.init_latent = webui().shared.sd_model.encode_first_stage(self.init_latent)

    def sample(self, conditioning: Any, unconditional_conditioning: Any, seeds: list[int], **more: Any) -> np.ndarray:
        return webui().sampled(self, seeds)

    def close(self) -> None:
        self.cached_c[:] = self.cached_uc[:] = [None, None]


class Processed:
    """processing.py:515-570."""

    def __init__(self, p: Img2Img, images_list: list, seed: Any = -1, info: str = "", index_of_first_image: int = 0,
                 infotexts: list[str] | None = None, comments: str = "", **more: Any) -> None:
        self.images, self.seed, self.info, self.index_of_first_image = images_list, seed, info, index_of_first_image
        self.infotexts = infotexts or [info] * len(images_list)
        self.comments = "".join(f"{comment}\n" for comment in p.comments)
        self.extra_generation_params, self.width, self.height = p.extra_generation_params, p.width, p.height
        self.all_prompts, self.all_seeds = more.get("all_prompts", [p.prompt]), more.get("all_seeds", [seed])


def decode_latent_batch(model: Any, batch: np.ndarray, target_device: Any = None, check_for_nans: bool = False) -> list[np.ndarray]:
    """processing.py:623-670."""
    if check_for_nans:
        test_for_nans(batch)
    images = list(webui().spoiled_decode(batch))
    if check_for_nans:
        for image in images:
            test_for_nans(image)
    return images


def process_images(p: Img2Img) -> Processed:
    """processing.py:819-868: overrides are set and put back in every call."""
    opts = webui().shared.opts
    if p.scripts is not None:
        p.scripts.call("before_process", p)
    stored = {key: opts.data[key] for key in p.override_settings if key in opts.data}
    try:
        if webui().sd_models.checkpoint_aliases.get(p.override_settings.get("sd_model_checkpoint")) is None:
            p.override_settings.pop("sd_model_checkpoint", None)
            webui().sd_models.reload_model_weights()
        for key, value in p.override_settings.items():
            opts.set(key, value, is_api=True, run_callbacks=False)
            if key == "sd_model_checkpoint":
                webui().sd_models.reload_model_weights()
            if key == "sd_vae":
                webui().sd_vae.reload_vae_weights()
        return _process_images_inner(p)
    finally:
        if p.override_settings_restore_afterwards:
            for key, value in stored.items():
                setattr(opts, key, value)
                if key == "sd_vae":
                    webui().sd_vae.reload_vae_weights()


def _process_images_inner(p: Img2Img) -> Processed:
    """processing.py:871-1152."""
    state, opts = webui().shared.state, webui().shared.opts
    webui().calls.append(p)
    frames = p.batch_size * p.n_iter
    p.all_prompts = p.prompt if isinstance(p.prompt, list) else [p.prompt] * frames
    p.all_seeds = p.seed if isinstance(p.seed, list) else [int(p.seed) + i for i in range(frames)]
    if p.scripts is not None:
        p.scripts.call("process", p)
    p.init(p.all_prompts, p.all_seeds, p.subseed)
    images: list[Image.Image] = []
    infotexts: list[str] = []
    if state.job_count == -1:
        state.job_count = p.n_iter
    for _ in range(p.n_iter):
        if state.skipped:
            state.skipped = False
        if state.interrupted or state.stopping_generation:
            break
        p.prompts = p.all_prompts[:p.batch_size]
        webui().processing_cond = p.cached_c[1] = p.cached_c[1] or object()
        latents = p.sample(conditioning=None, unconditional_conditioning=None, seeds=p.all_seeds[:p.batch_size], subseeds=p.subseed,
                           subseed_strength=p.subseed_strength, prompts=p.prompts)
        test_for_nans(latents)
        decoded = webui().processing.decode_latent_batch(p.sd_model, latents, target_device="cpu", check_for_nans=True)
        state.nextjob()
        for at, latent in enumerate(decoded):
            picture = _overlaid(p, at, _picture(latent))
            if opts.samples_save and not p.do_not_save_samples:
                webui().images.save_image(picture, p.outpath_samples)
            infotexts.append(create_infotext(p, p.prompts, p.all_seeds, None, index=at))
            images.append(picture)
            if p.image_mask is not None and opts.return_mask:
                images.append(p.image_mask.convert("RGB"))
    first = int(opts.return_grid and not p.do_not_save_grid and len(images) > 1)
    images[:0] = images[:1] * first
    result = Processed(p, images, p.all_seeds[0], infotexts[0] if infotexts else "", first, infotexts)
    if p.scripts is not None:
        p.scripts.call("postprocess", p, result)
    result.images += webui().extra_pictures  # as detected maps are appended
    return result


def create_infotext(p: Img2Img, all_prompts: list[str], all_seeds: list[int], all_subseeds: Any, index: int = 0) -> str:
    """processing.py:700-816."""
    more = ", ".join(f"{key}: {value}" for key, value in p.extra_generation_params.items())
    return f"{all_prompts[index]}\nSteps: {p.steps}, Seed: {all_seeds[index]}, {more}"


def _picture(latent: np.ndarray) -> Image.Image:
    values = np.clip((latent + 1) / 2, 0, 1)
    with np.errstate(invalid="ignore"):
        return Image.fromarray((np.moveaxis(values, 0, 2) * 255 + 0.5 / 255).astype(np.uint8))


def _overlaid(p: Img2Img, at: int, picture: Image.Image) -> Image.Image:
    """processing.py:1057-1093: outside of the mask the source is kept."""
    if p.image_mask is None:
        return picture
    source = p.init_images[min(at, len(p.init_images) - 1)].convert("RGB").resize(picture.size)
    return Image.composite(picture, source, p.image_mask.convert("L").resize(picture.size))


def request(**facts: Any) -> Img2Img:
    """The user's img2img, ready to generate."""
    where = webui().shared.opts.outdir_img2img_samples
    p = Img2Img(**{"prompt": "a painting", "seed": 5, "denoising_strength": 0.5, "outpath_samples": where, **facts})
    p.scripts = webui().scripts.scripts_img2img
    p.script_args = [0]
    return p


def fields_of(p: Img2Img) -> dict[str, Any]:
    """A request's fields, to see that none has changed."""
    values = {f.name: getattr(p, f.name) for f in dataclasses.fields(p)}
    return {name: copy.copy(value) if isinstance(value, (list, dict)) else value for name, value in values.items()}
