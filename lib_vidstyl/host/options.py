"""The webui's options while a job runs: set once, held against changes from outside, put back at the end."""

from __future__ import annotations

from typing import Any

QUIET = {"return_mask": False, "return_mask_composite": False, "save_init_img": False, "return_grid": False}
"""Off during a job: pictures among the results that are no frames, and copies of every frame on the disk."""


class HeldOptions:
    """The options of one job. A context manager.

    wanted: the request's own override_settings, applied as the webui does it, but once: a VAE among them would else be
    loaded twice for every frame. restore: whether they are put back, as the request says. Options that decide pixels are
    remembered; `drifted` tells which of them somebody has changed since, so that the frames of one film are painted alike.
    """

    def __init__(self, wanted: dict[str, Any], *, restore: bool = True) -> None:
        from modules import shared

        self.opts, self.restore = shared.opts, restore
        self.wanted = {key: value for key, value in wanted.items() if key in self.opts.data_labels}
        self._before: dict[str, Any] = {}
        self._set: dict[str, Any] = {}
        self.held: dict[str, Any] = {}

    def __enter__(self) -> HeldOptions:
        try:
            for key, value in QUIET.items():
                self.force(key, value)
            self._apply()
        except BaseException:
            self.__exit__()
            raise
        self.held = {key: self._now(key) for key, info in self.opts.data_labels.items() if _decides_pixels(key, info)}
        return self

    def __exit__(self, *exc: object) -> None:
        for key, before in reversed(self._before.items()):
            if self._now(key) == self._set[key]:  # whoever changed it meanwhile wants it so
                self.opts.data[key] = before
                _load(key)
        self._before.clear()

    def force(self, key: str, value: Any) -> None:
        """Set an option until the end of the job, even where the settings are frozen."""
        if key in self.opts.data_labels:
            self._before.setdefault(key, self._now(key))
            self.opts.data[key] = self._set[key] = value
            if key in self.held:
                self.held[key] = value

    def drifted(self) -> dict[str, Any]:
        """Options that were changed from outside since the job began, with the values they must have for a frame."""
        return {key: value for key, value in self.held.items() if self._now(key) != value}

    def _now(self, key: str) -> Any:
        return self.opts.data[key] if key in self.opts.data else self.opts.get_default(key)

    def _apply(self) -> None:
        from modules import sd_models

        checkpoint = self.wanted.get("sd_model_checkpoint")
        if getattr(sd_models, "checkpoint_aliases", {}).get(checkpoint) is None:
            self.wanted.pop("sd_model_checkpoint", None)
            _load_chosen()
        for key, value in sorted(self.wanted.items(), key=lambda wanted: wanted[0] != "sd_model_checkpoint"):
            before = self._now(key)
            if self.opts.set(key, value, is_api=True, run_callbacks=False):
                if self.restore:
                    self._before.setdefault(key, before)
                self._set[key] = self._now(key)
                _load(key, checkpoint=True)


def can_hold() -> bool:
    """Whether this webui loads checkpoint and VAE when it is told to; else it must see the overrides with every frame.

    Forge has the functions' names, but they do nothing there.
    """
    from modules import sd_models, sd_vae

    named = hasattr(sd_models, "reload_model_weights") and hasattr(sd_vae, "reload_vae_weights")
    return named and not hasattr(sd_models, "forge_model_reload")


def _load_chosen() -> None:
    """Load the chosen checkpoint. Forge and Neo else do it with the first picture, and until then do not say who paints."""
    from modules import sd_models

    load = getattr(sd_models, "reload_model_weights" if can_hold() else "forge_model_reload", None)
    if load is not None:
        load()


def _load(key: str, *, checkpoint: bool = False) -> None:
    """Load what an option names. The checkpoint is put back lazily, by the webui's next request, as it does itself."""
    from modules import sd_models, sd_vae

    if key == "sd_model_checkpoint" and checkpoint:
        sd_models.reload_model_weights()
    if key == "sd_vae":
        sd_vae.reload_vae_weights()


_PIXELS = frozenset({"sd_model_checkpoint", "sd_vae", "upcast_attn", "img2img_color_correction", "overlay_inpaint",
                     "img2img_fix_steps", "img2img_background_color"})


def _decides_pixels(key: str, info: Any) -> bool:
    """Options that the webui itself writes into a picture's parameters, and some that it forgets."""
    return key in _PIXELS or bool(getattr(info, "infotext", None))
