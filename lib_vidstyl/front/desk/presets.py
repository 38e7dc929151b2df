"""Presets: settings under a name, with a picture. Some come with the page; others the user keeps."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.errors import SettingsError, write_failed
from lib_vidstyl.front.desk.names import UnknownId

MOST = 200
MOST_LETTERS = 60
_ID = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True)
class BuiltIn:
    """A preset of ours: what it changes, the rest stays as it is. painter: who must be there for it; "": anybody."""

    name: str
    settings: Mapping[str, Any]
    on: Sequence[str] = ()
    off: Sequence[str] = ()
    painter: str = ""
    look: str = ""

    def described(self) -> dict[str, Any]:
        """For a page."""
        return {"name": self.name, "settings": dict(self.settings), "on": list(self.on), "off": list(self.off), "look": self.look}


KEYED = ("keyframes", "propagate")
BUILT_IN = (
    BuiltIn("Steady painting", {"paint.painter": "paint", "look.look": "oil", "look.scale": 1.5}, on=(*KEYED, "deflicker"),
            look="oil"),
    BuiltIn("Drawn by hand", {"paint.painter": "paint", "look.look": "pencil", "paint.seed_rule": "each", "decode.every": 2},
            off=(*KEYED, "deflicker"), look="pencil"),
    BuiltIn("Comic", {"paint.painter": "paint", "look.look": "cartoon"}, on=("deflicker",), off=KEYED, look="cartoon"),
    BuiltIn("Quick draft", {"decode.longest_side": 512, "decode.every": 2}),
    BuiltIn("Keyframes by the model", {"paint.painter": "webui", "paint.denoising_strength": 0.5, "keyframes.choice": "motion"},
            on=(*KEYED, "deflicker"), painter="webui"),
    BuiltIn("Every frame, close to the clip", {"paint.painter": "webui", "paint.denoising_strength": 0.35,
                                               "paint.seed_rule": "fixed"}, on=("deflicker",), off=KEYED, painter="webui"),
    BuiltIn("Every frame from its own noise", {"paint.painter": "webui", "paint.denoising_strength": 0.6, "inversion.invert": True},
            on=("deflicker",), off=KEYED, painter="webui"),
)
"""The ways that the usual guides describe, each in one click."""


@dataclass
class Presets:
    """The user's own presets, a pair of files each."""

    folder: Path

    def all(self) -> list[dict[str, Any]]:
        """Every preset, the oldest first; files that make no sense are left out."""
        found = []
        for path in sorted(self.folder.glob("*.json"), key=lambda each: each.stat().st_mtime) if self.folder.is_dir() else ():
            try:
                kept = json.loads(path.read_text(encoding="utf-8"))
                found.append({"id": path.stem, "name": str(kept["name"]), "recipe": kept["recipe"],
                              "picture": path.with_suffix(".jpg").is_file()})
            except (OSError, ValueError, KeyError, TypeError, RecursionError):
                continue
        return found

    def save(self, name: str, recipe: Mapping[str, Any], picture: bytes | None) -> str:
        """Keep a recipe under a name, in place of one of the same name; its id. Raises SettingsError, OutputError."""
        name = " ".join(name.split())[:MOST_LETTERS]
        if not name:
            raise SettingsError("a preset needs a name")
        there = self.all()
        known = next((each["id"] for each in there if each["name"] == name), secrets.token_hex(8))
        if len(there) >= MOST:
            raise SettingsError(f"there are {MOST} presets already", remedy="Delete some first.")
        path = self.folder / f"{known}.json"
        try:
            self.folder.mkdir(exist_ok=True)
            write_whole(path, json.dumps({"name": name, "recipe": recipe}).encode("ascii"))
            if picture:
                write_whole(path.with_suffix(".jpg"), picture)
        except OSError as error:
            raise write_failed(error, self.folder) from error
        return known

    def picture(self, known: str) -> bytes:
        """A preset's picture, JPEG. Raises UnknownId."""
        return self._file(known, ".jpg").read_bytes()

    def delete(self, known: str) -> None:
        """Forget one. Raises UnknownId."""
        self._file(known, ".json").unlink()
        (self.folder / f"{known}.jpg").unlink(missing_ok=True)

    def _file(self, known: str, suffix: str) -> Path:
        path = self.folder / f"{known}{suffix}"
        if not _ID.fullmatch(known) or not path.is_file() or path.is_symlink():
            raise UnknownId("there is no such preset")
        return path
