"""The control units of a request, whichever ControlNet it is and whether they are objects or an API's dictionaries."""

from __future__ import annotations

import copy
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from lib_vidstyl.clip.model import Image
from lib_vidstyl.controls.names import EXTENSION, FORGE, model_named, spelled, translated
from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.host.found import attribute, called

MISSING = "Install the extension 'sd-webui-controlnet' (Forge has its own), then restart the webui."
_PICTURES = ("image", "mask", "mask_image", "input_image", "image_fg")
_FIELDS = ("enabled", "module", "model")
PLAIN, BESIDE, PAIRED = "plain", "beside", "paired"
"""Where a unit keeps what was drawn over its picture: nowhere (the extension), in a field beside it (Forge), with it (reForge)."""


class Units:
    """All units of a request, and how to change them. They are counted from 0, as in the page.

    Raises SettingsError if there is no ControlNet in the request.
    """

    def __init__(self, p: Any) -> None:
        always = getattr(p.scripts, "alwayson_scripts", None) or ()
        self.script: Any = next((script for script in always if str(script.title()).lower() == "controlnet"), None)
        if self.script is None:
            raise SettingsError("there is no ControlNet in this webui", where="control sources", remedy=MISSING)
        self.dialect = FORGE if "lib_controlnet" in type(self.script).__module__ or _loaded("lib_controlnet") else EXTENSION

    def all(self, p: Any) -> dict[int, Any]:
        """Place in `script_args` -> unit, in order."""
        arguments = p.script_args or ()
        first, end = self.script.args_from, min(self.script.args_to, len(arguments))
        return {place: arguments[place] for place in range(first, end) if _is_unit(arguments[place])}

    def enabled(self, p: Any) -> dict[int, Any]:
        """Number of a unit -> the unit, of those that are enabled."""
        return {number: unit for number, unit in enumerate(self.all(p).values()) if value(unit, "enabled", self.dialect == FORGE)}

    def put(self, pc: Any, units: Mapping[int, Any]) -> None:
        """Give a copy of the request these units by number, without touching the arguments it shares with others.

        Raises PaintError if ControlNet would not see them.
        """
        places = list(self.all(pc))
        arguments = list(pc.script_args)
        for number, unit in units.items():
            arguments[places[number]] = unit
        pc.script_args = tuple(arguments) if isinstance(pc.script_args, tuple) else arguments
        seen = list(self.all(pc).values())
        if any(number >= len(seen) or seen[number] is not unit for number, unit in units.items()):
            raise PaintError("the control units did not arrive in the webui's request",
                             remedy="Switch off other extensions that change ControlNet's arguments.")

    def models(self) -> list[str] | None:
        """Names of the models that are there; None if this ControlNet does not say."""
        names = called(("internal_controlnet.external_code", "scripts.external_code"), "get_models")
        found = names if names is not None else called(("lib_controlnet.global_state",), "get_all_controlnet_names")
        return None if found is None else [str(name) for name in found]

    def model_named(self, name: str) -> str:
        """The model's name as ControlNet lists it, whatever hash stands behind it elsewhere; "" if it is not there."""
        names = self.models()
        return name if names is None else model_named(name, names)

    def modules(self) -> list[str] | None:
        """Names of the preprocessors that are there; None if this ControlNet does not say."""
        extension = ("internal_controlnet.external_code", "scripts.external_code")
        names = [name for aliases in (False, True) for name in called(extension, "get_modules", aliases) or ()]
        found = names or called(("lib_controlnet.global_state",), "get_all_preprocessor_names")
        return None if found is None else [str(name) for name in found]

    def module_named(self, name: str) -> str:
        """The preprocessor's name as ControlNet lists it; as it is where ControlNet does not say, "" if it is not there."""
        names = self.modules()
        return name if names is None else spelled(name, names)

    @property
    def no_module(self) -> str:
        """The name of the preprocessor that does nothing."""
        return self.module_named("none") or translated("none", self.dialect)

    @property
    def drawn(self) -> str:
        """Where a unit keeps what was drawn over its picture: PLAIN, BESIDE or PAIRED."""
        kind = attribute(("lib_controlnet.external_code",), "ControlNetUnit")
        if self.dialect != FORGE:
            return PLAIN
        return BESIDE if kind is None or hasattr(kind, "image_fg") else PAIRED

    def preprocessor(self, name: str) -> Any:
        """The preprocessor of a name. Raises PaintError if there is none."""
        found = called(("lib_controlnet.global_state",), "get_preprocessor", name) if self.dialect == FORGE else None
        if found is None:
            known = attribute(("scripts.supported_preprocessor", "internal_controlnet.external_code"), "Preprocessor")
            found = known.get_preprocessor(name) if known else None
        if found is None:
            raise PaintError(f"ControlNet has no preprocessor '{name}'", remedy="Choose another, or update ControlNet.")
        return found

    def at_work(self) -> int | None:
        """How many units are at work while a frame is sampled; None if this ControlNet does not say."""
        if hasattr(self.script, "latest_network"):
            return len(getattr(self.script.latest_network, "control_params", None) or ())
        current = getattr(self.script, "current_params", None)
        return None if current is None else len(current)

    def separate(self) -> None:
        """Let units that share a model each keep its own picture.

        A T2I-Adapter remembers in itself what it made of the first picture, so that a second unit with the same model would
        be given the first one's. The copies share the weights.
        """
        network, seen = getattr(self.script, "latest_network", None), list[Any]()
        for work in getattr(network, "control_params", None) or ():
            model: Any = getattr(work, "control_model", None)
            if any(model is other for other in seen) and hasattr(model, "reset"):
                model = work.control_model = copy.copy(model)
                model.reset()
            seen.append(model)


def value(unit: Any, name: str, default: Any = None) -> Any:
    """A field of a unit."""
    return unit.get(name, default) if isinstance(unit, Mapping) else getattr(unit, name, default)


def changed(unit: Any, **values: Any) -> Any:
    """A copy of a unit with some fields changed; fields that an object does not have are left out."""
    if isinstance(unit, Mapping):
        return {**unit, **values}
    made = copy.copy(unit)
    if vars(made) is vars(unit):  # pydantic 1, whose models share their fields with a plain copy
        made = unit.copy()
    for name, wanted in values.items():
        if hasattr(made, name):
            setattr(made, name, wanted)
    return made


def with_pictures(unit: Any, pictures: Sequence[Image], drawn: str = PLAIN) -> Any:
    """A copy of a unit with one picture, or several where it is one that takes several. drawn: see `Units.drawn`.

    Forge and its kin look at what was drawn over a black picture; nothing was.
    """
    if len(pictures) > 1:
        return changed(unit, image=[{"image": np.ascontiguousarray(picture)} for picture in pictures], mask=None)
    picture = np.ascontiguousarray(pictures[0])
    nothing = np.zeros((*picture.shape[:2], 4), np.uint8)
    fields = {"image": {"image": picture, "mask": nothing[..., :3]} if drawn == PAIRED else picture,
              **({"image_fg": nothing} if drawn == BESIDE else {})}
    if isinstance(unit, Mapping):
        return {**without_picture(unit), **fields}
    return changed(unit, **fields, mask=None, use_preview_as_input=False)


def without_picture(unit: Any) -> Any:
    """A copy of a unit without a picture: ControlNet takes img2img's own."""
    if isinstance(unit, Mapping):
        return {name: kept for name, kept in unit.items() if name not in _PICTURES}
    return changed(unit, image=None, mask=None, use_preview_as_input=False)


def holds_picture(unit: Any) -> bool:
    """Whether the user has given the unit a picture."""
    return value(unit, "image") is not None or value(unit, "input_image") is not None


def _is_unit(argument: Any) -> bool:
    if isinstance(argument, Mapping):
        return any(name in argument for name in _FIELDS)
    return all(hasattr(argument, name) for name in _FIELDS)


def _loaded(package: str) -> bool:
    return any(name == package or name.startswith(f"{package}.") for name in list(sys.modules))
