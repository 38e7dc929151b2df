"""What the hosts call their preprocessors, in one table.

Two dialects are known: that of the ControlNet extension of AUTOMATIC1111's webui, and that of the one built into Forge.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EXTENSION, FORGE = "extension", "forge"
AGAIN = "_variant"
"""What reForge puts behind the names of preprocessors that it has twice, Forge's way and the extension's."""


@dataclass(frozen=True)
class Module:
    """A preprocessor, by its names in each dialect ("" where a host has none).

    reference: its picture says who or what is shown, not where; it does not follow the film by itself. several: it takes
    several pictures at once. needs_model: a unit with it and no model is a mistake. keeps: its result is a picture that
    depends on its input and its own settings alone, so that it can be kept.
    """

    extension: tuple[str, ...]
    forge: tuple[str, ...] = ()
    reference: bool = False
    several: bool = False
    needs_model: bool = True
    keeps: bool = False


def _adapter(*extension: str, forge: str = "") -> Module:
    return Module(extension, (forge,) if forge else (), reference=True, several=True)


def _map(*names: str) -> Module:
    return Module(names, names, keeps=True)


TABLE = (
    Module(("none", "None"), ("None", "none")),
    _adapter("ip-adapter-auto"),
    _adapter("ip-adapter_clip_h", "ip-adapter_clip_sd15", forge="CLIP-ViT-H (IPAdapter)"),
    _adapter("ip-adapter_clip_g", "ip-adapter_clip_sdxl", forge="CLIP-ViT-bigG (IPAdapter)"),
    _adapter("ip-adapter_clip_sdxl_plus_vith"),
    _adapter("ip-adapter_face_id"),
    _adapter("ip-adapter_face_id_plus", forge="InsightFace+CLIP-H (IPAdapter)"),
    _adapter("ip-adapter_pulid"),
    _adapter("instant_id_face_embedding", forge="InsightFace (InstantID)"),
    Module((), ("ClipVision (Photomaker)",), reference=True),
    Module(("clip_vision", "t2ia_style_clipvision"), (), reference=True),
    Module(("revision_clipvision",), ("CLIP-G (Revision)",), reference=True, needs_model=False),
    Module(("revision_ignore_prompt",), ("CLIP-G (Revision ignore prompt)",), reference=True, needs_model=False),
    *(Module((name,), (name,), reference=True, needs_model=False)
      for name in ("reference_only", "reference_adain", "reference_adain+attn")),
    Module(("inpaint_global_harmonious", "inpaint"), ("inpaint_global_harmonious",)),
    Module(("inpaint_only",), ("inpaint_only",)),
    Module(("inpaint_only+lama",), ("inpaint_only+lama",)),
    Module((), ("inpaint_noobai", "inpaint_noobai_xl")),
    Module(("shuffle",), ("shuffle",)),  # shuffles by the frame's seed
    Module(("recolor_intensity",), ("recolor_intensity",)),  # put back into the finished frame by their names
    Module(("recolor_luminance",), ("recolor_luminance",)),
    Module(("tile_colorfix",), ("tile_colorfix",)),
    Module(("tile_colorfix+sharp",), ("tile_colorfix+sharp",)),
    _map("tile_resample"), _map("canny"), _map("invert", "invert (from white bg & black line)"), _map("blur_gaussian"),
    _map("scribble_xdog"), _map("threshold"),
)
"""Any preprocessor not named here makes a map that is kept, and needs a model."""


def module_of(name: str) -> Module:
    """What is known of a preprocessor, by any of its names, in upper or lower case."""
    wanted = name.strip().lower().removesuffix(AGAIN)
    for module in TABLE:
        if wanted in {known.lower() for known in (*module.extension, *module.forge)}:
            return module
    return Module((name,), (name,), keeps=True)


def spelled(name: str, names: Sequence[str]) -> str:
    """A preprocessor's name as it stands among a host's own; "" if it is not there.

    Whatever its capitals, as Forge knows 'None' alone and others 'none', and by its other name: 'invert' is short for a longer one.
    """
    if name in names:
        return name
    module, wanted = module_of(name), name.strip().lower()
    same = next((group for group in (module.extension, module.forge) if wanted in [known.lower() for known in group]), ())
    return next((known for one in (wanted, *same) for known in names if known.lower() == one.lower()), "")


def translated(name: str, dialect: str) -> str:
    """A preprocessor's name in a dialect ("extension" or "forge"); "" if that host has none like it."""
    module = module_of(name)
    names = module.forge if dialect == FORGE else module.extension
    return name if name in names else next(iter(names), "")


def model_named(name: str, names: Sequence[str]) -> str:
    """A model's name as it stands among a host's own, whatever hash and suffix stand behind it elsewhere; "" if it is not there."""
    return name if name in names else next((known for known in names if _stem(known) == _stem(name)), "")


def _stem(model: str) -> str:
    """A model's name without the hash behind it and without its suffix."""
    return model.split(" [")[0].rsplit(".safetensors", 1)[0].rsplit(".pth", 1)[0].strip().lower()
