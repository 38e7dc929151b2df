"""The webui's numeric precision, raised step by step during a job and put back exactly afterwards."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from lib_vidstyl.host.options import HeldOptions

_DEVICES = ("dtype", "dtype_vae", "dtype_unet", "dtype_inference", "unet_needs_upcast", "force_fp16")
STEPS = 3
_FLAGS = ("no_half", "no_half_vae", "precision")


class Precision:
    """The ladder: the VAE in float32, attention in float32, everything in float32 (what --no-half does at launch).

    A step that is taken already, by a launch flag or a setting, is left out, as is one that this webui does not know.
    """

    def __init__(self, p: Any, options: HeldOptions) -> None:
        self.p, self.options = p, options
        self.flags = launch_flags()
        self._undo = ExitStack()
        self._keep_host()
        self._steps: list[Callable[[], str | None]] = [self._vae, self._attention, self._everything]

    def raised(self, most: int = STEPS) -> str | None:
        """Take the next step up to level `most`; return what is done from now on, as a clause for the user, or None without one."""
        while self.level < most:
            said = self._steps.pop(0)()
            if said:
                self._forget_conditioning()
                return said
        return None

    @property
    def level(self) -> int:
        """How many steps of the ladder are taken, or were left out."""
        return STEPS - len(self._steps)

    def restore(self) -> None:
        """Put everything back: dtypes of devices, of every weight, flags. Options are put back by the job."""
        self._undo.close()
        if self.level:
            self._forget_conditioning()

    def _keep_host(self) -> None:
        """Put back also what the webui changes by itself: it turns a VAE that failed to bfloat16 or float32 for good."""
        from modules import devices, shared

        self._keep(devices, _DEVICES)
        vae = getattr(shared.sd_model, "first_stage_model", None)
        if hasattr(vae, "parameters"):
            self._keep_weights(vae)

    def _vae(self) -> str | None:
        import torch
        from modules import devices, shared

        forge = getattr(getattr(shared.sd_model, "forge_objects", None), "vae", None)
        vae = getattr(forge, "first_stage_model", None) or getattr(shared.sd_model, "first_stage_model", None)
        if vae is None or not (_half(vae) or _lost(vae)):  # the webui may have turned it to float32 itself, with what was lost
            return None
        if forge is None:
            devices.dtype_vae = torch.float32
            self._keep(shared.cmd_opts, _FLAGS)
            shared.cmd_opts.no_half_vae = True
            self._encode_as_it_is(shared.sd_model, devices)
        else:
            self._keep(forge, ("vae_dtype",))
            self._keep_weights(vae)
            forge.vae_dtype = torch.float32
        vae.to(torch.float32)
        _load_what_was_lost(vae)
        return "the VAE works in 32-bit floats"

    def _attention(self) -> str | None:
        import torch
        from modules import devices

        opts = self.options.opts
        known = "upcast_attn" in opts.data_labels
        if not known or opts.upcast_attn or getattr(devices, "dtype_unet", torch.float32) == torch.float32:
            return None
        self.options.force("upcast_attn", True)
        return "attention is calculated in 32-bit floats"

    def _everything(self) -> str | None:
        import torch
        from modules import devices, shared

        model = shared.sd_model
        if not hasattr(devices, "dtype_unet") or not hasattr(model, "parameters") or hasattr(model, "forge_objects"):
            return None
        if not _half(model) and devices.dtype == devices.dtype_inference == torch.float32:
            return None
        self._keep(shared.cmd_opts, _FLAGS)
        self._as_launched_without_half(devices, shared.cmd_opts)
        self._keep_weights(model)
        model.float()
        unet: Any = getattr(getattr(model, "model", None), "diffusion_model", None)
        if isinstance(getattr(unet, "dtype", None), torch.dtype):
            self._keep(unet, ("dtype",))
            unet.dtype = torch.float32
        _load_what_was_lost(model)
        return "everything is calculated in 32-bit floats, which takes more memory and time"

    def _as_launched_without_half(self, devices: Any, flags: Any) -> None:
        """Also the flags: a checkpoint that is loaded during the job, as a refiner is, must obey them."""
        import torch

        for name in ("dtype", "dtype_vae", "dtype_unet", "dtype_inference"):
            setattr(devices, name, torch.float32)
        devices.unet_needs_upcast = devices.force_fp16 = False
        flags.no_half = flags.no_half_vae = True
        flags.precision = "full"

    def _encode_as_it_is(self, model: Any, devices: Any) -> None:
        """The webui encodes under autocast, which would calculate in half precision whatever the weights are."""
        encode = getattr(model, "encode_first_stage", None)
        if encode is None or not hasattr(devices, "without_autocast"):
            return

        def plainly(*arguments: Any, **named: Any) -> Any:
            with devices.without_autocast():
                return encode(*arguments, **named)

        self._keep(model, ("encode_first_stage",))
        model.encode_first_stage = plainly

    def _keep(self, owner: Any, names: tuple[str, ...]) -> None:
        """Put these attributes back at the end; one that the object itself did not have is taken away again."""
        for name in names:
            if name in vars(owner):
                self._undo.callback(setattr, owner, name, vars(owner)[name])
            elif hasattr(owner, name):
                self._undo.callback(_take_away, owner, name)

    def _keep_weights(self, module: Any) -> None:
        """Put the dtype of every weight and buffer back at the end; half to float and back changes no bit."""
        parts = list(module.modules())
        tables: list[Any] = [table for part in parts for table in (part._parameters, part._buffers)]
        kept = [(table, name, value.dtype) for table in tables for name, value in table.items() if value is not None]
        noted = [(part, part._dtype) for part in parts if hasattr(part, "_dtype")]

        def back() -> None:
            for table, name, dtype in kept:
                value = table.get(name)  # found anew: a conversion replaces buffers
                if value is not None and value.dtype != dtype:
                    value.data = value.data.to(dtype)
            for part, dtype in noted:
                part._dtype = dtype

        self._undo.callback(back)

    def _forget_conditioning(self) -> None:
        """The webui caches what the text encoder has made; it was made in another precision."""
        for name in ("cached_c", "cached_uc"):
            cache = getattr(self.p, name, None)
            if isinstance(cache, list):
                cache[:] = [None] * len(cache)


def launch_flags() -> list[str]:
    """The flags that keep this webui from calculating in half precision and that it was not started with."""
    from modules import shared

    if hasattr(shared.sd_model, "forge_objects"):
        return ["--all-in-fp32"]
    flags = shared.cmd_opts
    wanted = [("--no-half", getattr(flags, "no_half", False)),
              ("--precision full", getattr(flags, "precision", "autocast") == "full")]
    return [flag for flag, there in wanted if not there]


def _half(module: Any) -> bool:
    """Whether any weight is kept in fewer than 32 bits."""
    return any(weight.is_floating_point() and weight.element_size() < 4 for weight in module.parameters())


def _lost(module: Any) -> bool:
    """Whether any weight is no finite number."""
    return any(not bool(weight.isfinite().all()) for weight in module.parameters() if weight.is_floating_point())


def _load_what_was_lost(module: Any) -> None:
    """Load the checkpoint again where a weight was too large for half precision: turned back, it stays infinite."""
    from modules import sd_models

    load = getattr(sd_models, "reload_model_weights", None)
    if _lost(module) and load is not None and "forced_reload" in inspect.signature(load).parameters:
        load(forced_reload=True)


def _take_away(owner: Any, name: str) -> None:
    if name in vars(owner):
        delattr(owner, name)
