"""A small stand-in for the webui's `modules.*`: what this extension relies on, and nothing else.

Every fact carries the place it was read from: file:line of A1111 v1.10.1 (commit 82a973c0), below `modules/`.
Latents are numpy arrays; where torch is installed, the model is a torch module whose dtypes can be looked at.
"""

from __future__ import annotations

import copy
import dataclasses
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

try:
    import torch
except ImportError:
    torch = None

HALF = torch.float16 if torch else "float16"
FLOAT = torch.float32 if torch else "float32"


class State:
    """shared_state.py:13-66."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, job: str = "") -> None:
        self.job, self.job_no, self.job_count, self.textinfo = job, 0, -1, None  # job_count -1: shared_state.py:110
        self.skipped = self.interrupted = self.stopping_generation = False
        self.sampling_step = self.sampling_steps = 0
        self.time_start, self.job_timestamp = 0.0, "20240101000000"
        self.previews: list[Image.Image] = []

    def end(self) -> None:
        self.job, self.job_count = "", 0

    def nextjob(self) -> None:
        self.job_no += 1
        self.sampling_step = 0

    def assign_current_image(self, image: Image.Image) -> None:
        self.previews.append(image)


class Options:
    """options.py:85-190."""

    def __init__(self, labels: dict[str, SimpleNamespace]) -> None:
        self.__dict__["data_labels"] = labels
        self.__dict__["data"] = {key: info.default for key, info in labels.items()}

    def __getattr__(self, key: str) -> Any:
        if key in self.data:
            return self.data[key]
        if key in self.data_labels:
            return self.data_labels[key].default
        raise AttributeError(key)

    def __setattr__(self, key: str, value: Any) -> None:
        self.data[key] = value

    def set(self, key: str, value: Any, is_api: bool = False, run_callbacks: bool = True) -> bool:
        if self.data.get(key) == value:
            return False
        self.data[key] = value
        return True

    def get_default(self, key: str) -> Any:
        return self.data_labels[key].default if key in self.data_labels else None

    def add_option(self, key: str, info: Any) -> None:
        self.data_labels[key] = info
        self.data.setdefault(key, info.default)


def option(default: Any, infotext: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(default=default, infotext=infotext, onchange=None)


class NansException(Exception):
    """devices.py:237."""


class Model(torch.nn.Module if torch else object):
    """As much of a model as has weights and a dtype; `first_stage_model` is the VAE (sd_models.py:465-520)."""

    def __init__(self, info: SimpleNamespace) -> None:
        super().__init__()
        self.sd_checkpoint_info, self.sd_model_hash, self.sd_model_checkpoint = info, info.sha256[:10], info.filename
        self.lowvram = False
        if torch:
            self.first_stage_model = torch.nn.Linear(4, 4)
            self.model = torch.nn.Module()
            self.model.diffusion_model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4))
            self.model.diffusion_model.dtype = HALF

    def encode_first_stage(self, x: np.ndarray) -> np.ndarray:
        return x


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

    def sample(self, conditioning: Any, unconditional_conditioning: Any, seeds: list[int], **more: Any) -> np.ndarray:
        return WEBUI.sampled(self, seeds)

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


class ScriptRunner:
    """scripts.py:515-560, 830-960: errors of scripts are printed and swallowed."""

    def __init__(self) -> None:
        self.alwayson_scripts: list[Any] = []
        self.selectable_scripts: list[Any] = []
        self.inputs: list[Any] = [None]

    @property
    def scripts(self) -> list[Any]:
        return self.alwayson_scripts + self.selectable_scripts

    def call(self, name: str, p: Img2Img, *more: Any) -> None:
        for script in self.alwayson_scripts:
            try:
                getattr(script, name, lambda *_: None)(p, *more, *p.script_args[script.args_from:script.args_to])
            except Exception as error:  # noqa: BLE001 - as in scripts.py:833
                WEBUI.printed.append(str(error))
                WEBUI.errors.report(f"Error running {name}: {getattr(script, 'filename', '')}", exc_info=True)


class Script:
    """scripts.py:50-120."""

    alwayson = False
    is_img2img = True
    args_from = args_to = None
    infotext_fields = paste_field_names = None

    def elem_id(self, item_id: str) -> str:
        return f"script_{self.title().lower().replace(' ', '_')}_{item_id}"  # scripts.py:334-342


class PasteField(tuple):
    """infotext_utils.py:34."""

    def __new__(cls, component: Any, target: Any, *, api: str | None = None) -> PasteField:
        return super().__new__(cls, (component, target))

    def __init__(self, component: Any, target: Any, *, api: str | None = None) -> None:
        self.component, self.api = component, api


class Webui:
    """The whole host. `on_step` is called at every sampling step; `calls` holds every request that was processed.

    faults: "vae" (NaN unless the VAE is float32), "attention" (unless upcast), "half" (unless all is float32), "always",
    "black" (pictures of zeros, always). corner: the NaN sits in the one element that the webui itself looks at.
    memory: frames that fit into one call. skip_check: as with --disable-nan-check.
    """

    def __init__(self) -> None:
        self.on_step: Callable[[int], None] = lambda step: None
        self.calls: list[Img2Img] = []
        self.saved: list[str] = []
        self.printed: list[str] = []
        self.loads: list[str] = []
        self.faults: set[str] = set()
        self.corner = False
        self.memory = 1000
        self.large_weight = 0.5
        self.extra_pictures: list[Image.Image] = []
        self.decoded_count = 0
        self.fault_at: Callable[[int], bool] = lambda call: True
        self.modules = self._modules()

    def _modules(self) -> dict[str, ModuleType]:
        made = {name: ModuleType(name) for name in (
            "modules", "modules.shared", "modules.devices", "modules.processing", "modules.sd_models", "modules.sd_vae",
            "modules.sd_samplers", "modules.scripts", "modules.script_callbacks", "modules.infotext_utils", "modules.images",
            "modules.errors", "modules.call_queue", "modules.paths", "modules.options", "modules.sd_hijack",
            "modules.ui_components")}
        for name, module in made.items():
            if "." in name:
                setattr(made["modules"], name.split(".")[1], module)
        made["modules"].__path__ = []
        return made

    def __getattr__(self, name: str) -> ModuleType:
        try:
            return self.__dict__["modules"][f"modules.{name}"]
        except KeyError:
            raise AttributeError(name) from None

    def fill(self, outputs: str) -> None:
        self._fill_shared(outputs)
        self._fill_models()
        d = self.devices
        d.dtype = d.dtype_vae = d.dtype_unet = d.dtype_inference = HALF  # devices.py:125-128
        d.unet_needs_upcast = d.force_fp16 = d.fp8 = False
        d.NansException, d.torch_gc = NansException, lambda: None
        d.without_autocast = _Nothing
        pr = self.processing
        pr.StableDiffusionProcessingImg2Img, pr.Processed, pr.process_images = Img2Img, Processed, process_images
        pr.decode_latent_batch, pr.create_infotext = decode_latent_batch, create_infotext
        pr.fix_seed = lambda p: None
        self.scripts.Script, self.scripts.ScriptRunner, self.scripts.AlwaysVisible = Script, ScriptRunner, object()
        self.scripts.scripts_img2img = ScriptRunner()
        self.scripts.basedir = lambda: ""
        self.infotext_utils.PasteField = PasteField
        self.images.save_image = lambda image, path, *more, **named: self.saved.append(path)  # images.py:624
        self.call_queue.queue_lock = threading.Lock()
        self.errors.report = lambda message, **named: self.printed.append(message)
        self._fill_callbacks()

    def _fill_shared(self, outputs: str) -> None:
        s = self.shared
        s.state = State()
        s.opts = Options({
            "sd_model_checkpoint": option("toy.safetensors"), "sd_vae": option("Automatic"), "upcast_attn": option(False),
            "CLIP_stop_at_last_layers": option(1, "Clip skip"), "return_mask": option(False), "return_grid": option(True),
            "return_mask_composite": option(False), "save_init_img": option(False), "samples_save": option(True),
            "outdir_samples": option(""), "outdir_img2img_samples": option(f"{outputs}/img2img-images"), "outdir_grids": option(""),
            "outdir_img2img_grids": option(f"{outputs}/img2img-grids"), "save_to_dirs": option(False),
            "directories_filename_pattern": option("[date]"), "live_previews_enable": option(True),
            "face_restoration": option(False), "tiling": option(False)})
        s.cmd_opts = SimpleNamespace(no_half=False, no_half_vae=False, precision="autocast", disable_nan_check=False, medvram=False,
                                     hide_ui_dir_config=False, nowebui=False)
        s.total_tqdm = SimpleNamespace(clear=lambda: None, updateTotal=lambda total: None)
        s.prompt_styles = SimpleNamespace(apply_styles_to_prompt=lambda text, styles: ", ".join([text, *styles]),
                                          apply_negative_styles_to_prompt=lambda text, styles: text)
        self.paths.data_path = self.paths.script_path = outputs
        self.options.OptionInfo = s.OptionInfo = lambda default=None, label="", *a, **k: option(default)

    def _fill_models(self) -> None:
        checkpoints = {name: SimpleNamespace(name=name, title=name, filename=f"/models/{name}", sha256=name * 4)
                       for name in ("toy.safetensors", "other.safetensors")}
        self.sd_models.checkpoint_aliases = checkpoints
        self.sd_models.reload_model_weights = self.reload_model_weights
        self.sd_models.checkpoints_list = checkpoints
        self.sd_vae.loaded_vae_file = None
        self.sd_vae.reload_vae_weights = self.reload_vae_weights
        self.sd_vae.get_loaded_vae_name = lambda: None
        self.sd_vae.get_loaded_vae_hash = lambda: "vaehash"
        self.shared.sd_model = self._loaded("toy.safetensors")

    def _fill_callbacks(self) -> None:
        self.callbacks: dict[str, list[Callable[..., Any]]] = {}
        for name in ("on_ui_settings", "on_ui_tabs", "on_app_started", "on_script_unloaded"):
            setattr(self.script_callbacks, name, lambda function, name=name: self.callbacks.setdefault(name, []).append(function))

    def _loaded(self, name: str) -> Model:
        model = Model(self.sd_models.checkpoint_aliases[name])
        if torch:
            model.first_stage_model.bias.data[0] = self.large_weight
        return model.half() if torch else model

    def reload_model_weights(self, sd_model: Any = None, info: Any = None, forced_reload: bool = False) -> None:
        """sd_models.py:940-1000: nothing is loaded while the right one is there, unless it is forced.

        The file's weights go into the model's own, whatever their precision is (435), which is then that of the flags.
        """
        if forced_reload and torch:
            self.loads.append("forced")
            for weight in self.shared.sd_model.parameters():
                weight.data.copy_(torch.full_like(weight.data, 0.5, dtype=torch.float32))
            self.shared.sd_model.first_stage_model.bias.data[0] = self.large_weight
        wanted = self.shared.opts.sd_model_checkpoint
        if self.shared.sd_model.sd_checkpoint_info.name != wanted:
            self.loads.append(wanted)
            self.shared.sd_model = self._loaded(wanted)

    def reload_vae_weights(self) -> None:
        """sd_vae.py:240-270."""
        wanted = self.shared.opts.sd_vae
        file = None if wanted == "Automatic" else f"/models/VAE/{wanted}"
        if self.sd_vae.loaded_vae_file != file:
            self.loads.append(str(wanted))
            self.sd_vae.loaded_vae_file = file

    def sampled(self, p: Img2Img, seeds: list[int]) -> np.ndarray:
        """A sampler: `steps` steps from the frame to what the prompt wants; interrupted, it returns what it has.

        sd_samplers_cfg_denoiser.py:157: the flags are looked at in every step.
        """
        if len(seeds) > self.memory:
            raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 GiB")
        state = self.shared.state
        latent = p.init_latent.copy()
        wanted = np.stack([painted(frame, prompt, seed, p.denoising_strength)
                           for frame, prompt, seed in zip(latent, p.prompts, seeds, strict=True)])
        state.sampling_steps = p.steps
        for step in range(p.steps):
            state.sampling_step = step
            self.on_step(step)
            if state.interrupted or state.skipped:
                return latent
            latent = latent + (wanted - latent) / (p.steps - step)
        return self._spoiled(wanted, self._sampling_fails())

    def _sampling_fails(self) -> bool:
        half = self.devices.dtype_unet == HALF
        return self.fault_at(len(self.calls)) and (
            "always" in self.faults or ("half" in self.faults and half)
            or ("attention" in self.faults and half and not self.shared.opts.upcast_attn))

    def spoiled_decode(self, images: np.ndarray) -> np.ndarray:
        if "black" in self.faults and self.fault_at(len(self.calls)):
            return np.full_like(images, -1)
        if "lost" in self.faults and not bool(self.shared.sd_model.first_stage_model.bias.isfinite().all()):
            return self._spoiled(images, True)
        return self._spoiled(images, "vae" in self.faults and self.devices.dtype_vae == HALF and self.fault_at(len(self.calls)))

    def _spoiled(self, values: np.ndarray, fails: bool) -> np.ndarray:
        values = values.copy()
        if fails:
            values[(0, 0, 0, 0) if self.corner else (-1, 1, 5, 5)] = np.nan
        return values


WEBUI: Webui


class _Nothing:
    def __init__(self, *arguments: Any) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


def painted(frame: np.ndarray, prompt: str, seed: int, strength: float) -> np.ndarray:
    """What the toy model makes of a frame, (C, H, W) in -1..1: its negative, a tint by the prompt, grain by the seed."""
    tint = (sum(prompt.encode()) % 17 - 8) / 80
    grain = np.random.default_rng(seed).standard_normal(frame.shape).astype(np.float32) / 50
    return (1 - strength) * frame + strength * (tint + grain - frame)


def test_for_nans(values: np.ndarray) -> None:
    """devices.py:242-247: the first element only, and nothing with --disable-nan-check."""
    if not WEBUI.shared.cmd_opts.disable_nan_check and np.isnan(values[(0,) * values.ndim]):
        raise NansException("A tensor with NaNs was produced.")


def decode_latent_batch(model: Any, batch: np.ndarray, target_device: Any = None, check_for_nans: bool = False) -> list[np.ndarray]:
    """processing.py:623-670."""
    if check_for_nans:
        test_for_nans(batch)
    images = list(WEBUI.spoiled_decode(batch))
    if check_for_nans:
        for image in images:
            test_for_nans(image)
    return images


def process_images(p: Img2Img) -> Processed:
    """processing.py:819-868: overrides are set and put back in every call."""
    webui = WEBUI
    opts = webui.shared.opts
    if p.scripts is not None:
        p.scripts.call("before_process", p)
    stored = {key: opts.data[key] for key in p.override_settings if key in opts.data}
    try:
        if webui.sd_models.checkpoint_aliases.get(p.override_settings.get("sd_model_checkpoint")) is None:
            p.override_settings.pop("sd_model_checkpoint", None)
            webui.sd_models.reload_model_weights()
        for key, value in p.override_settings.items():
            opts.set(key, value, is_api=True, run_callbacks=False)
            if key == "sd_model_checkpoint":
                webui.sd_models.reload_model_weights()
            if key == "sd_vae":
                webui.sd_vae.reload_vae_weights()
        return _process_images_inner(p)
    finally:
        if p.override_settings_restore_afterwards:
            for key, value in stored.items():
                setattr(opts, key, value)
                if key == "sd_vae":
                    webui.sd_vae.reload_vae_weights()


def _process_images_inner(p: Img2Img) -> Processed:
    """processing.py:871-1152."""
    webui, state, opts = WEBUI, WEBUI.shared.state, WEBUI.shared.opts
    webui.calls.append(p)
    frames = p.batch_size * p.n_iter
    p.all_prompts = p.prompt if isinstance(p.prompt, list) else [p.prompt] * frames
    p.all_seeds = p.seed if isinstance(p.seed, list) else [int(p.seed) + i for i in range(frames)]
    if p.scripts is not None:
        p.scripts.call("process", p)
    _init(p)
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
        webui.processing_cond = p.cached_c[1] = p.cached_c[1] or object()
        latents = p.sample(conditioning=None, unconditional_conditioning=None, seeds=p.all_seeds[:p.batch_size], subseeds=p.subseed,
                           subseed_strength=p.subseed_strength, prompts=p.prompts)
        test_for_nans(latents)
        decoded = webui.processing.decode_latent_batch(p.sd_model, latents, target_device="cpu", check_for_nans=True)
        state.nextjob()
        for at, latent in enumerate(decoded):
            picture = _overlaid(p, at, _picture(latent))
            if opts.samples_save and not p.do_not_save_samples:
                webui.images.save_image(picture, p.outpath_samples)
            infotexts.append(create_infotext(p, p.prompts, p.all_seeds, None, index=at))
            images.append(picture)
            if p.image_mask is not None and opts.return_mask:
                images.append(p.image_mask.convert("RGB"))
    first = int(opts.return_grid and not p.do_not_save_grid and len(images) > 1)
    images[:0] = images[:1] * first
    result = Processed(p, images, p.all_seeds[0], infotexts[0] if infotexts else "", first, infotexts)
    if p.scripts is not None:
        p.scripts.call("postprocess", p, result)
    result.images += webui.extra_pictures  # as detected maps are appended
    return result


def create_infotext(p: Img2Img, all_prompts: list[str], all_seeds: list[int], all_subseeds: Any, index: int = 0) -> str:
    """processing.py:700-816."""
    more = ", ".join(f"{key}: {value}" for key, value in p.extra_generation_params.items())
    return f"{all_prompts[index]}\nSteps: {p.steps}, Seed: {all_seeds[index]}, {more}"


def _picture(latent: np.ndarray) -> Image.Image:
    values = np.clip((latent + 1) / 2, 0, 1)
    with np.errstate(invalid="ignore"):
        return Image.fromarray((np.moveaxis(values, 0, 2) * 255 + 0.5 / 255).astype(np.uint8))


def _init(p: Img2Img) -> None:
    """processing.py:1634-1760: as many pictures as the batch, or one for all."""
    if len(p.init_images) > p.batch_size:
        raise RuntimeError(f"bad number of images passed: {len(p.init_images)}; expecting {p.batch_size} or less")
    if p.width % 8 or p.height % 8:
        raise RuntimeError("sizes must be multiples of 8")
    frames = [image.convert("RGB").resize((p.width, p.height)) for image in p.init_images]
    stack = np.stack([np.moveaxis(np.asarray(frame, np.float32) / 127.5 - 1, 2, 0) for frame in frames])
    p.init_latent = np.repeat(stack, p.batch_size, 0) if len(frames) == 1 else stack
    p.init_latent = WEBUI.shared.sd_model.encode_first_stage(p.init_latent)


def _overlaid(p: Img2Img, at: int, picture: Image.Image) -> Image.Image:
    """processing.py:1057-1093: outside of the mask the source is kept."""
    if p.image_mask is None:
        return picture
    source = p.init_images[min(at, len(p.init_images) - 1)].convert("RGB").resize(picture.size)
    return Image.composite(picture, source, p.image_mask.convert("L").resize(picture.size))


def install(monkeypatch: Any, outputs: Any) -> Webui:
    """Put a fresh stand-in into sys.modules for the length of a test."""
    global WEBUI
    WEBUI = Webui()
    WEBUI.fill(str(outputs))
    for name, module in WEBUI.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    Img2Img.cached_c[:] = Img2Img.cached_uc[:] = [None, None]
    return WEBUI


def request(**facts: Any) -> Img2Img:
    """The user's img2img, ready to generate."""
    where = WEBUI.shared.opts.outdir_img2img_samples
    p = Img2Img(**{"prompt": "a painting", "seed": 5, "denoising_strength": 0.5, "outpath_samples": where, **facts})
    p.scripts = WEBUI.scripts.scripts_img2img
    p.script_args = [0]
    return p


def fields_of(p: Img2Img) -> dict[str, Any]:
    """A request's fields, to see that none has changed."""
    values = {f.name: getattr(p, f.name) for f in dataclasses.fields(p)}
    return {name: copy.copy(value) if isinstance(value, (list, dict)) else value for name, value in values.items()}
