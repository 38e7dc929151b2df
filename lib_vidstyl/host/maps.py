"""Control maps: computed once for each source frame by ControlNet's own preprocessor, and kept as pictures in the project."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np

from lib_vidstyl.clip.model import Image
from lib_vidstyl.controls import module_of
from lib_vidstyl.errors import PaintError
from lib_vidstyl.hashes import digest
from lib_vidstyl.host.units import Units, value
from lib_vidstyl.store import NoStore, Store

VERSION = 1


class Maps:
    """Maps of frames by unit. open_store: gives a place for pictures by name; without, maps are made anew each time."""

    def __init__(self, units: Units, open_store: Callable[[str], Store] | None) -> None:
        self.units, self._open = units, open_store
        self._stores: dict[str, Store] = {}
        self._latest: dict[int, tuple[str, Image]] = {}
        self.made = self.found = 0

    def map(self, number: int, unit: Any, index: int, frame: Image) -> Image:
        """(H, W, 3) uint8: the map of a frame for a unit, kept or made. frame: at the size it will be painted in.

        Raises PaintError if the preprocessor fails.
        """
        inputs, settings = digest(frame.shape, frame.data), _settings(unit, frame)
        key = digest(inputs, settings, index)
        if number in self._latest and self._latest[number][0] == key:
            return self._latest[number][1]
        store = self._store(str(value(unit, "module")))
        image = store.get(index, inputs, settings)
        if image is None:
            image = self._preprocessed(unit, frame)
            store.put(index, image, inputs=inputs, settings=settings, seconds=0.0)
            self.made += 1
        else:
            self.found += 1
        self._latest[number] = (key, image)
        return image

    def _store(self, module: str) -> Store:
        name = "maps-" + (re.sub(r"[^a-z0-9]+", "-", module.lower()).strip("-") or "unnamed")
        if name not in self._stores:
            self._stores[name] = NoStore() if self._open is None else self._open(name)
        return self._stores[name]

    def _preprocessed(self, unit: Any, frame: Image) -> Image:
        name = str(value(unit, "module"))
        preprocessor = self.units.preprocessor(name)
        wanted = {"resolution": _resolution(unit, frame, preprocessor),
                  "slider_1": _slider(unit, "threshold_a", preprocessor, "slider_1"),
                  "slider_2": _slider(unit, "threshold_b", preprocessor, "slider_2")}
        try:
            made = np.asarray(preprocessor(np.ascontiguousarray(frame).copy(), **wanted))
        except Exception as error:  # a preprocessor may raise anything
            raise PaintError(f"ControlNet's preprocessor '{name}' failed ({error})",
                             remedy="Try it in ControlNet's own preview; its models may have to be downloaded.") from error
        if made.ndim == 2 or made.shape[2] == 1:
            made = np.repeat(made.reshape(*made.shape[:2], 1), 3, 2)
        return np.ascontiguousarray(made[..., :3].clip(0, 255).astype(np.uint8))


def can_keep(unit: Any) -> bool:
    """Whether a unit's preprocessor makes a picture from the frame and its own settings alone."""
    return module_of(str(value(unit, "module", "none"))).keeps


def _settings(unit: Any, frame: Image) -> str:
    return digest(VERSION, [str(value(unit, "module")), bool(value(unit, "pixel_perfect", False)), *frame.shape[:2],
                            *(float(value(unit, name, -1)) for name in ("processor_res", "threshold_a", "threshold_b"))])


def _resolution(unit: Any, frame: Image, preprocessor: Any) -> int:
    """The frame's shorter side where it is to be pixel perfect: it is painted at its own size."""
    if value(unit, "pixel_perfect", False):
        return min(frame.shape[:2])
    return int(_slider(unit, "processor_res", preprocessor, "slider_resolution"))


def _slider(unit: Any, name: str, preprocessor: Any, slider: str) -> float:
    """A unit's value, or the preprocessor's own where it is out of range, as ControlNet has it."""
    wanted, slid = value(unit, name, -1), getattr(preprocessor, slider)
    facts = getattr(slid, "gradio_update_kwargs", None) or vars(slid)  # Forge keeps them for the page's slider
    return wanted if facts["minimum"] <= wanted <= facts["maximum"] else facts["value"]
