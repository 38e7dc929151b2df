"""The whole host, put together."""

from __future__ import annotations

import threading
from collections.abc import Callable
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image

from tests.host.webui.model import HALF, Model, NansException, Nothing, painted, torch
from tests.host.webui.processing import Img2Img, Processed, create_infotext, decode_latent_batch, process_images
from tests.host.webui.scripts import PasteField, Script, ScriptRunner
from tests.host.webui.state import Options, State, option


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
        d.without_autocast = Nothing
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
