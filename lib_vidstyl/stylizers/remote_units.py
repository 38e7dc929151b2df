"""ControlNet units sent to a remote webui, each with its own picture for every frame."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.controls import Feed, Plan, completed, model_named, module_of, spelled
from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.feeding import Feeder, cut_between


@dataclass(frozen=True)
class Offer:
    """What a server's ControlNet has, as it calls them. It would paint without a unit that names anything else, and not say so."""

    models: tuple[str, ...]
    modules: tuple[str, ...]

    def fitted(self, number: int, unit: dict[str, Any], server: str) -> dict[str, Any]:
        """The unit in the server's own names. Raises SettingsError for a model or preprocessor that is not there."""
        name, model = str(unit.get("module") or "none"), str(unit.get("model") or "None")
        module, wanted, where = spelled(name, self.modules), module_of(name).needs_model, f"control unit {number}, {server}"
        if not module:
            raise SettingsError(f"there is no preprocessor '{name}'", where=where,
                                remedy="Choose another, or update ControlNet there.")
        if wanted and model.lower() == "none":
            raise SettingsError("no model is chosen", where=where, remedy="Name one; ControlNet would paint without control.")
        known = model_named(model, self.models)
        if wanted and not known:
            raise SettingsError(f"there is no model '{model}'", where=where,
                                remedy=f"There are: {', '.join(self.models[:8]) or 'none'}.")
        return {**unit, "module": module, "model": known or model}


class RemoteUnits:
    """Units as the API takes them. A context manager: entering opens the sources' files.

    units: dictionaries; feeds: what was said of them by number. A unit of which nothing is said follows the frame, or
    keeps the image that stands in it. Raises SettingsError for a feed without a unit.
    """

    def __init__(self, units: Sequence[dict[str, Any]], feeds: Sequence[Feed]) -> None:
        self.units = list(units)
        said = {feed.unit for feed in feeds}
        enabled = [number for number, unit in enumerate(self.units) if unit.get("enabled")]
        found = [Feed(feed.unit, "own") if feed.unit not in said and "image" in self.units[feed.unit] else feed
                 for feed in completed(feeds, enabled)]
        for feed in found:
            if feed.source == "own" and "image" not in self.units[feed.unit]:
                raise SettingsError(f"control unit {feed.unit} holds no picture", remedy="Give it an image, or another source.")
        self._feeder = Feeder(found, cut=cut_between)
        self._lock = threading.Lock()

    @property
    def plan(self) -> Plan:
        """What the sources ask of the painting."""
        return self._feeder.plan

    def who(self) -> list[Any]:
        """Units and sources, as JSON-like facts."""
        return [self.units, [[feed.unit, feed.source] for feed in self._feeder.feeds]]

    def fingerprint(self, task: Task) -> str:
        """What the units get at a frame and the frame itself does not decide; "" if all follow the frame."""
        if all(feed.source in ("frame", "own") for feed in self._feeder.feeds):
            return ""
        with self._lock:
            return self._feeder.fingerprint(task.index, task.image)

    def made(self, task: Task, image: Image) -> None:
        """A frame is painted, now or before. To be told of every frame, in order."""
        self._feeder.made(task.image, image)

    def fitted(self, units: Sequence[dict[str, Any]], offer: Offer, server: str) -> list[dict[str, Any]]:
        """Units as a server calls what they name. Raises SettingsError for what it does not have."""
        return [offer.fitted(number, unit, server) if unit.get("enabled") else unit for number, unit in enumerate(units)]

    def at(self, task: Task) -> list[dict[str, Any]]:
        """The units for a frame."""
        units = list(self.units)
        for feed in self._feeder.feeds:
            if feed.source not in ("frame", "own"):
                with self._lock:
                    pictures = self._feeder.pictures(feed, task.index, task.image)
                units[feed.unit] = _with_pictures(units[feed.unit], feed, pictures, task)
        return units

    def __enter__(self) -> RemoteUnits:
        self._feeder.__enter__()
        return self

    def __exit__(self, *exc: object) -> None:
        self._feeder.__exit__(*exc)


def _with_pictures(unit: dict[str, Any], feed: Feed, pictures: Sequence[Image], task: Task) -> dict[str, Any]:
    if feed.source == "maps":
        unit = {**unit, "module": "none"}
    if len(pictures) == 1:
        return {**unit, "image": coded(pictures[0])}
    if not module_of(str(unit.get("module", "none"))).several:
        raise PaintError(f"control unit {feed.unit} takes one picture, but {len(pictures)} are meant for it",
                         where=f"frame {task.index}", remedy="Give it one line in the control files for each range of frames.")
    return {**unit, "image": [{"image": coded(picture)} for picture in pictures]}


def read_units(text: str) -> list[dict[str, Any]]:
    """Control units from their JSON. Raises SettingsError for anything but a list of objects."""
    if not text.strip():
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError("the control units are no JSON", remedy='Write a list, as in [{"module": "canny"}].') from error
    if not isinstance(found, list) or not all(isinstance(unit, dict) for unit in found):
        raise SettingsError("the control units are no list of objects", remedy='Write a list, as in [{"module": "canny"}].')
    return [{"enabled": True, "pixel_perfect": True, **unit} for unit in found]


def coded(image: Image) -> str:
    """A picture as the API takes it: a PNG in base64."""
    return base64.b64encode(encode_png(image)).decode("ascii")
