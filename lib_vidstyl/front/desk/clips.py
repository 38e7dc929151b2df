"""The clips that a page works on: known by id, uploaded or left where they are, with facts and thumbnails."""

from __future__ import annotations

import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from lib_vidstyl.clip import Clip, open_clip, resized
from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.model import ClipInfo, Image
from lib_vidstyl.clip.picture import encode_jpeg
from lib_vidstyl.clip.sniff import HEAD_BYTES, sniffed
from lib_vidstyl.errors import ClipError, SettingsError, write_failed
from lib_vidstyl.front.desk.names import UnknownId, file_name
from lib_vidstyl.front.places import Places
from lib_vidstyl.hashes import digest
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.looks import LOOKS
from lib_vidstyl.stylizers.paint import LookSettings, Painter

THUMBS = 24
THUMB_HEIGHT = 72
LOOK_SIDE = 360
IN_ORDER = 3000
"""Up to so many frames are decoded one after the other for thumbnails; longer clips are sought through."""
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class Card:
    """A clip: its id, the name to show, where it is, and our folder for what is made of it."""

    id: str
    name: str
    path: Path
    folder: Path


class Clips:
    """Knows clips by id. folder: where uploads and thumbnails go. places: the open folders, for clips that stay where they are."""

    def __init__(self, folder: Path, places: Places) -> None:
        self.folder, self.places = folder, places
        self._strips, self._looks = threading.Lock(), threading.Lock()
        self.pace: dict[str, float] = {}
        """Look -> seconds for a megapixel, as far as pictures in it have been painted here."""

    def add(self, text: str) -> Card:
        """A clip by its path on this machine. Raises PlaceError outside of the open folders, ClipError for no clip."""
        path = self.places.path(text)
        with open_clip(path):
            pass
        return self._noted(digest(str(path))[:16], path.name, path)

    @contextmanager
    def upload(self, name: str) -> Iterator[Upload]:
        """A file to write an upload's bytes to; its `card` is there once it was left without an error.

        Raises ClipError if what arrived is no clip; nothing of it is kept then.
        """
        new = secrets.token_hex(8)
        path = self.folder / new / file_name(name)
        try:
            path.parent.mkdir(parents=True)
            with path.open("xb") as file:
                incoming = Upload(file)
                yield incoming
            with open_clip(path):
                pass
        except OSError as error:
            _discard(path)
            raise write_failed(error, path.name) from error
        except BaseException:
            _discard(path)
            raise
        incoming.card = self._noted(new, path.name, path)

    def card(self, known: str) -> Card:
        """The clip of an id. Raises UnknownId."""
        note = self.folder / known / "clip.json"
        try:
            if not _ID.fullmatch(known):
                raise ValueError(known)
            facts = json.loads(note.read_text(encoding="utf-8"))
            card = Card(known, str(facts["name"]), Path(facts["path"]), note.parent)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise UnknownId("this clip is not known here", remedy="Choose it again.") from error
        if self.folder not in card.path.parents:
            self.places.path(card.path)  # its folder may have been closed since it was added, or replaced by a link
        return card

    def facts(self, card: Card) -> dict[str, Any]:
        """JSON-like facts of a clip, exact."""
        with open_clip(card.path) as clip:
            count = clip.count()
            return {"id": card.id, "name": card.name, "frames": count, "seconds": float(clip.time_of(count)),
                    **described(clip.info)}

    def frame(self, card: Card, index: int, side: int) -> bytes:
        """One frame as JPEG, `side` pixels on the longer side at most. Raises ClipError if there is none."""
        return encode_jpeg(shrunk(self.picture(card, index), side), quality=85)

    def picture(self, card: Card, index: int) -> Image:
        """One frame, (H, W, 3) uint8 RGB."""
        with open_clip(card.path) as clip:
            return clip.picture(index).image

    def strip(self, card: Card) -> bytes:
        """THUMBS frames, evenly spread, side by side in one JPEG; made once."""
        path = card.folder / "strip.jpg"
        with self._strips:
            if not path.is_file():
                with open_clip(card.path) as clip:
                    write_whole(path, encode_jpeg(filmstrip(clip), quality=80))
        return path.read_bytes()

    def look(self, card: Card, name: str) -> bytes:
        """The clip's middle frame, small, in one of the embedded looks, JPEG; made once. Raises UnknownId for no look."""
        if name not in LOOKS:
            raise UnknownId("there is no such look")
        path = card.folder / f"look-{name}.jpg"
        with self._looks:
            if not path.is_file():
                write_whole(path, encode_jpeg(self._painted(card, name), quality=85))
        return path.read_bytes()

    def _painted(self, card: Card, name: str) -> Image:
        with open_clip(card.path) as clip:
            small = shrunk(clip.picture(clip.count() // 2).image, LOOK_SIDE)
        painter = Painter(LookSettings(look=name))
        painter.paint([Task(0, small[:16, :16].copy(), seed=1)])  # so that nothing has to be loaded while it is timed
        began = time.thread_time()  # of this thread: while a page loads, much else is going on
        painted = painter.paint([Task(0, small, seed=1)])[0]
        self.pace[name] = (time.thread_time() - began) / (small.shape[0] * small.shape[1] / 1e6)
        return painted

    def _noted(self, known: str, name: str, path: Path) -> Card:
        folder = self.folder / known
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(folder / "clip.json", json.dumps({"name": name, "path": str(path)}).encode("ascii"))
        except OSError as error:
            raise write_failed(error, folder) from error
        return Card(known, name, path, folder)


class Upload:
    """Bytes on their way in. The first of them decide whether it can be a clip at all."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._head = b""
        self.card: Card | None = None

    def write(self, data: bytes) -> None:
        """Take the next bytes. Raises ClipError as soon as they show that this is no clip."""
        if len(self._head) < HEAD_BYTES:
            self._head = (self._head + data)[:HEAD_BYTES]
            if len(self._head) == HEAD_BYTES and sniffed(self._head).kind not in ("video", "picture"):
                raise ClipError("this file is no video and no picture", remedy="Choose a video such as MP4, MOV, MKV or WebM.")
        self._file.write(data)


def described(info: ClipInfo) -> dict[str, Any]:
    """What a page shows of a clip at once."""
    return {"kind": info.kind, "codec": info.codec, "width": info.width, "height": info.height, "fps": float(info.fps),
            "fps_exact": str(info.fps), "bits": info.bits, "rotation": info.rotation, "hdr": info.hdr, "alpha": info.alpha,
            "variable": info.variable, "notices": list(info.notices),
            "sounds": [{"codec": sound.codec, "rate": sound.rate, "channels": sound.channels} for sound in info.sounds]}


def thumbs(count: int) -> list[int]:
    """The frames of the filmstrip: the middles of THUMBS equal parts."""
    return [min(count - 1, int((number + 0.5) * count / THUMBS)) for number in range(THUMBS)]


def filmstrip(clip: Clip) -> Image:
    """The filmstrip's one picture. Raises ClipError for a clip without frames."""
    import numpy as np

    count = clip.count()
    if not count:
        raise ClipError("the clip has no frames", where=clip.info.path.name)
    wanted = thumbs(count)
    found: dict[int, Image] = {}
    if count <= IN_ORDER:
        for picture in clip.pictures(0, wanted[-1] + 1):
            if picture.index in wanted:
                found[picture.index] = _thumb(picture.image)
    else:
        found = {index: _thumb(clip.picture(index).image) for index in set(wanted)}
    return np.concatenate([found[index] for index in wanted], axis=1)


def _thumb(image: Image) -> Image:
    width = max(8, round(image.shape[1] * THUMB_HEIGHT / image.shape[0]))
    return resized(image, (min(width, 4 * THUMB_HEIGHT), THUMB_HEIGHT))


def shrunk(image: Image, side: int) -> Image:
    """A picture with `side` pixels on its longer side, or as it is if it is smaller."""
    height, width = image.shape[:2]
    scale = side / max(height, width)
    return image if scale >= 1 else resized(image, (max(1, round(width * scale)), max(1, round(height * scale))))


def position(text: object) -> int:
    """A frame number from a program. Raises SettingsError."""
    if isinstance(text, bool) or not re.fullmatch(r"[0-9]{1,10}", str(text)):
        raise SettingsError(f"{str(text)[:40]!r} is no frame number", remedy="Give a whole number from 0.")
    return int(str(text))


def _discard(path: Path) -> None:
    path.unlink(missing_ok=True)
    if path.parent.is_dir() and not any(path.parent.iterdir()):
        path.parent.rmdir()
