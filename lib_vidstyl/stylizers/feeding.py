"""Brings each control unit the picture that its source stands for: reads files, remembers what was painted, follows motion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import lru_cache
from pathlib import Path

from lib_vidstyl.clip import InStep, read_picture, resized
from lib_vidstyl.clip.folder import numbered_files
from lib_vidstyl.clip.model import Image
from lib_vidstyl.controls import Feed, Memory, filled, nearest, plan, remembered
from lib_vidstyl.errors import ClipError, PaintError, SettingsError
from lib_vidstyl.hashes import digest
from lib_vidstyl.motion.flow import dense
from lib_vidstyl.motion.occlusion import visible
from lib_vidstyl.motion.shots import SIDE, cuts, measure
from lib_vidstyl.motion.warp import warp

Cut = Callable[[Image, Image], bool]
"""(a frame, the next) to whether the film is cut between them."""


class Feeder:
    """Pictures for control units. A context manager: its files are opened and checked on entering, closed on leaving.

    feeds: one per enabled unit. cut: tells where a new shot begins, so that units which look back start afresh.
    Entering raises SettingsError for a file or folder that is not there or holds no picture.
    """

    def __init__(self, feeds: Sequence[Feed], *, cut: Cut) -> None:
        self.feeds, self.plan = tuple(feeds), plan(feeds)
        self._cut, self._memory = cut, Memory()
        self._asked: tuple[Image, Image, bool] | None = None
        self._maps: dict[int, InStep | dict[int, Path]] = {}
        self._keys: dict[int, dict[int, Path]] = {}
        self._open = ExitStack()
        self._moved = _Moved()
        self._read = lru_cache(maxsize=8)(_read)

    def __enter__(self) -> Feeder:
        with ExitStack() as opened:
            for feed in self.feeds:
                self._enter(feed, opened)
            self._open = opened.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._open.close()
        self._read.cache_clear()

    def pictures(self, feed: Feed, index: int, frame: Image) -> list[Image]:
        """What a unit gets at a frame: (h, w, 3) uint8 RGB each, of any size; [] where the unit keeps its own picture.

        Raises PaintError or ClipError if a file for this frame is missing or cannot be read.
        """
        if feed.source == "own":
            return []
        if feed.source == "frame":
            return [frame]
        if feed.source == "picture":
            return [self._read(Path(path)) for path in feed.paths(index)]
        if feed.source == "maps":
            return [self._map(feed, index)]
        if feed.source == "keyframe":
            keys = self._keys[feed.unit]
            return [self._read(keys[nearest(list(keys), index)])]
        return [remembered(feed.source, frame, self._at(frame), self._moved)]

    def made(self, frame: Image, painting: Image) -> None:
        """A frame has been painted, or found painted already. To be told of every frame, in order."""
        if self.plan.in_order:
            self._memory = self._at(frame).after(frame, resized(painting, (frame.shape[1], frame.shape[0])))

    def fingerprint(self, index: int, frame: Image) -> str:
        """Hash of all that the units get at a frame and that the frame itself does not decide."""
        parts: list[object] = [[feed.unit, feed.source] for feed in self.feeds]
        for feed in self.feeds:
            if feed.source in ("picture", "maps", "keyframe"):
                parts += [part for image in self.pictures(feed, index, frame) for part in (image.shape, image.data)]
        memory = self._at(frame)
        if self.plan.in_order and memory.painting is not None and memory.first is not None and memory.frame is not None:
            parts += [memory.frame.data, memory.painting.data, memory.first.data]
        return digest(*parts)

    def _at(self, frame: Image) -> Memory:
        """What is remembered at a frame: nothing, where a new shot begins or the size has changed."""
        before = self._memory.frame
        if before is None or before is frame:
            return self._memory
        if self._asked is None or self._asked[0] is not before or self._asked[1] is not frame:
            self._asked = (before, frame, before.shape != frame.shape or self._cut(before, frame))
        return Memory() if self._asked[2] else self._memory

    def _enter(self, feed: Feed, opened: ExitStack) -> None:
        try:
            if feed.source == "maps":
                place = Path(feed.files[0].path)
                self._maps[feed.unit] = (_numbered(place) if place.is_dir()
                                         else opened.enter_context(InStep(place, what="control map")))
            elif feed.source == "keyframe":
                self._keys[feed.unit] = _numbered(Path(feed.files[0].path))
            else:
                for file in feed.files:
                    self._read(Path(file.path))
        except (ClipError, OSError) as error:
            where = error.where if isinstance(error, ClipError) else feed.files[0].path
            what = error.what if isinstance(error, ClipError) else "it cannot be read"
            raise SettingsError(f"control unit {feed.unit}: {what}", where=where, remedy="Correct its line in the control files."
                                ) from error

    def _map(self, feed: Feed, index: int) -> Image:
        maps = self._maps[feed.unit]
        if isinstance(maps, InStep):
            return maps.at(index).image
        if index not in maps:
            raise PaintError(f"control unit {feed.unit} has no map for frame {index}", where=feed.files[0].path,
                             remedy=f"Put one there, named as in {index:06d}.png.")
        return self._read(maps[index])


def cut_between(before: Image, after: Image) -> bool:
    """Whether two frames in a row are of different shots."""
    height, width = before.shape[:2]
    shrink = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * shrink)), max(1, round(height * shrink)))
    one, other = resized(before, size), resized(after, size)
    return bool(cuts([measure(None, one), measure(one, other)]))


class _Moved:
    """Paintings moved along with the film; remembers the latest, which several units may ask for."""

    def __init__(self) -> None:
        self._latest: tuple[Image, Image, Image, Image] | None = None

    def __call__(self, frame: Image, before: Image, painting: Image) -> Image:
        if self._latest is None or any(a is not b for a, b in zip(self._latest, (frame, before, painting), strict=False)):
            back = dense(frame, before)
            seen = visible(back, dense(before, frame))
            self._latest = (frame, before, painting, filled(warp(painting, back), seen, frame))
        return self._latest[3]


def _numbered(folder: Path) -> dict[int, Path]:
    files = numbered_files(folder)
    if not files:
        raise ClipError("holds no picture with a number in its name", where=folder)
    for number, same in files.items():
        if len(same) > 1:
            raise ClipError(f"'{same[0].name}' and '{same[1].name}' both are frame {number}", where=folder)
    return {number: same[0] for number, same in files.items()}


def _read(path: Path) -> Image:
    return read_picture(path)[0]
