"""ControlNet units that get their own picture for every frame, and an error where control would silently be missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Any

import numpy as np

from lib_vidstyl.clip.model import Image
from lib_vidstyl.controls import SOURCES, Feed, completed, module_of, translated
from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.hashes import digest
from lib_vidstyl.host.hooks import Hook
from lib_vidstyl.host.identity import plain
from lib_vidstyl.host.maps import Maps, can_keep
from lib_vidstyl.host.request import padded
from lib_vidstyl.host.swallowed import Swallowed
from lib_vidstyl.host.units import MISSING, Units, changed, holds_picture, value, with_pictures, without_picture
from lib_vidstyl.store import Store
from lib_vidstyl.stylizers.base import Task, Who
from lib_vidstyl.stylizers.control import ControlSettings
from lib_vidstyl.stylizers.feeding import Cut, Feeder


class ControlUnits(Hook):
    """Feeds the units that the user has set up in ControlNet; does nothing where none is enabled and none is asked for.

    cut: tells where a new shot begins. free_size: the webui resizes the frames; maps are then left to ControlNet.
    """

    def __init__(self, settings: ControlSettings, *, cut: Cut, free_size: bool = False) -> None:
        self.settings, self._cut, self.free_size = settings, cut, free_size
        self.notices: list[str] = []
        self._units: Units | None = None
        self._enabled: dict[int, Any] = {}
        self._feeder = Feeder((), cut=cut)
        self._maps: Maps | None = None
        self._open_store: Callable[[str], Store] | None = None
        self._job = ExitStack()

    def keep_in(self, open_store: Callable[[str], Store]) -> None:
        """Where maps are kept: a place for pictures by its name."""
        self._open_store = open_store
        if self._units and self.settings.keep_maps:
            self._maps = Maps(self._units, open_store)

    def alone(self) -> str:
        """Units that follow the film allow no batches."""
        return self._feeder.plan.alone

    def who(self) -> Who:
        """Sources, and what the enabled units are."""
        return {"feeds": [[feed.unit, feed.source] for feed in self._feeder.feeds], "keeps": self.settings.keep_maps}

    def fingerprint(self, task: Task) -> str:
        """The pictures that the units get at a frame, as far as the frame itself does not decide them."""
        if not self._feeder.feeds:
            return ""
        try:
            maps = [self._map(feed, task) for feed in self._feeder.feeds]
            return digest(self._feeder.fingerprint(task.index, task.image),
                          *(part for image in maps if image is not None for part in (image.shape, image.data)))
        except PaintError as error:  # said again when the frame is painted
            return digest(str(error))

    def identity(self, task: Task) -> str:
        """All that control does to a frame: units and pictures; "" where there is none. For noise found with control at work."""
        if not self._enabled:
            return ""
        return digest([plain(unit) for unit in self._enabled.values()], self.fingerprint(task))

    def enter(self, p: Any) -> None:
        """Read the units and the sources; raises SettingsError for whatever would leave frames without control."""
        asked = self.settings.feeds()
        try:
            self._units = Units(p)
        except SettingsError:
            if asked:
                raise
            return
        self._enabled = self._units.enabled(p)
        self._feeder = Feeder([self._defaulted(feed, asked) for feed in completed(asked, self._enabled)], cut=self._cut)
        if not self._enabled:
            return
        for number, unit in self._enabled.items():
            self._check(number, unit, next(feed for feed in self._feeder.feeds if feed.unit == number))
            model = str(value(unit, "model", "None") or "None")
            module = str(value(unit, "module", "none"))
            self._enabled[number] = changed(unit, model=self._units.model_named(model) or model,
                                            module=self._units.module_named(module) or module)
        self._job.enter_context(self._feeder)
        self._swallowed = self._job.enter_context(Swallowed(self._units.script))
        self._maps = Maps(self._units, self._open_store) if self.settings.keep_maps else None
        if self._feeder.plan.in_order:
            self.notices.append("Some control units take what was painted before: a frame is painted again when one before it is.")

    def before(self, pc: Any, tasks: Sequence[Task]) -> None:
        """Give each unit its picture for these frames; look, while they are sampled, whether all units are at work."""
        if not self._enabled or self._units is None:
            return
        self._swallowed.taken()
        units = {feed.unit: self._fed(feed, tasks) for feed in self._feeder.feeds}
        self._units.put(pc, units)
        begin, whole, known = pc.init, pc.sample, self._units

        def init(*args: Any, **named: Any) -> Any:
            known.separate()  # before noise is inverted, which control takes part in
            return begin(*args, **named)

        def sample(*args: Any, **named: Any) -> Any:
            at_work = known.at_work()
            if at_work is not None and at_work < len(units):
                raise self._failed(tasks, self._swallowed.taken() or "it took no part")
            known.separate()  # with a refiner, the units are set up only now
            return whole(*args, **named)

        pc.init, pc.sample = init, sample

    def after(self, pc: Any, tasks: Sequence[Task], images: Sequence[Image]) -> None:
        """Refuse frames during which ControlNet failed."""
        said = self._swallowed.taken() if self._enabled else ""
        if said:
            raise self._failed(tasks, said)

    def made(self, task: Task, image: Image) -> None:
        """A frame is painted, now or in an earlier run: what the following ones may look back at."""
        self._feeder.made(task.image, image)

    def leave(self) -> None:
        """Close the sources' files."""
        self._job.close()

    def _defaulted(self, feed: Feed, asked: Sequence[Feed]) -> Feed:
        """A unit that takes references keeps the picture in it, unless something else was asked for."""
        unit = self._enabled[feed.unit]
        named = any(other.unit == feed.unit for other in asked)
        if not named and holds_picture(unit):
            if module_of(str(value(unit, "module", "none"))).reference:
                return Feed(feed.unit, "own")
            self.notices.append(f"The picture in ControlNet unit {feed.unit} is not used: the unit follows the film. "
                                f"To use it, write '{feed.unit}: own' into the control sources.")
        return feed

    def _check(self, number: int, unit: Any, feed: Feed) -> None:
        where, units = f"ControlNet unit {number}", self._units
        assert units is not None, "units are read before they are checked"
        name, model = str(value(unit, "module", "none")), str(value(unit, "model", "None") or "None")
        if not units.module_named(name):
            there = units.module_named(translated(name, units.dialect))
            raise SettingsError(f"there is no preprocessor '{name}'", where=where, remedy=f"Here it is called '{there}'."
                                if there else "Choose another, or update ControlNet.")
        if module_of(name).needs_model and model.lower() == "none":
            raise SettingsError("no model is chosen", where=where, remedy="Choose one; ControlNet would paint without control.")
        if module_of(name).needs_model and not units.model_named(model):
            listed = ", ".join((units.models() or [])[:8]) or "none"
            raise SettingsError(f"there is no model '{model}'", where=where, remedy=f"There are: {listed}. Put models into "
                                "models/ControlNet, then refresh the list in ControlNet.")
        if feed.source == "own" and not holds_picture(unit):
            raise SettingsError("the unit holds no picture", where=where, remedy="Give it one, or choose another source.")

    def _fed(self, feed: Feed, tasks: Sequence[Task]) -> Any:
        """The unit for these frames. A batch has the same pictures for all of them, or is a single frame."""
        unit, task = changed(self._enabled[feed.unit], save_detected_map=False), tasks[0]
        if feed.source == "own":
            return unit
        map_ = self._map(feed, task)
        if map_ is not None:
            return self._with_pictures(changed(unit, module=self._no_module), [map_])
        if feed.source == "frame":
            return without_picture(unit)
        pictures = self._feeder.pictures(feed, task.index, task.image)
        if len(pictures) > 1 and not module_of(str(value(unit, "module", "none"))).several:
            raise PaintError(f"ControlNet unit {feed.unit} takes one picture, but {len(pictures)} are meant for it",
                             where=f"frame {task.index}", remedy="Give it one line in the control files for each range of frames.")
        if feed.source == "maps":
            unit = changed(unit, module=self._no_module)
        elif SOURCES[feed.source].looks_back and not self.free_size:
            pictures = [padded(picture) for picture in pictures]
        return self._with_pictures(unit, pictures)

    def _with_pictures(self, unit: Any, pictures: Sequence[Image]) -> Any:
        assert self._units is not None, "units are read before pictures are given to them"
        return with_pictures(unit, pictures, self._units.drawn)

    def _map(self, feed: Feed, task: Task) -> Image | None:
        """The kept map of a unit that follows the frame itself; None where ControlNet is to preprocess."""
        unit = self._enabled[feed.unit]
        if feed.source != "frame" or self._maps is None or self.free_size or not can_keep(unit):
            return None
        return self._maps.map(feed.unit, unit, task.index, np.ascontiguousarray(padded(task.image)))

    @property
    def _no_module(self) -> str:
        return self._units.no_module if self._units else "none"

    def _failed(self, tasks: Sequence[Task], said: str) -> PaintError:
        return PaintError(f"ControlNet failed: {said[:300]}", where=f"frame {tasks[0].index}",
                          remedy=f"The webui's console says more. {MISSING if self._units is None else ''}")
