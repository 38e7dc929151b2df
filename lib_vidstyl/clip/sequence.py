"""A film as a folder of PNG pictures, named by the clip's frame numbers."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

from lib_vidstyl.clip.atomic import replace, write_whole
from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import write_failed

METADATA = "film.json"
"""The file beside the pictures that says what a video would hold in its metadata."""


class Sequence:
    """Pictures 000012.png and so on; each file appears whole. Implements `Film`.

    Where `path` is another at the end than it was at the beginning, the pictures go there then.
    """

    def __init__(self, path: Path, *, record: Callable[[Path, Path], None], metadata: Mapping[str, str]) -> None:
        self.path, self._record, self._metadata = path, record, metadata
        self._place = path
        self.notices: list[str] = []
        self.files: set[Path] = set()

    def write(self, image: Image, *, time: Fraction, duration: Fraction, index: int, alpha: Plane | None = None) -> None:
        """Write one picture. Raises OutputError."""
        self._file(f"{index:06d}.png", encode_png(image, alpha))

    def close(self) -> None:
        """Write the metadata beside the pictures, and let all of them have their place. Raises OutputError."""
        if self._metadata:
            self._file(METADATA, json.dumps(dict(self._metadata), ensure_ascii=False, indent=1).encode("utf-8"))
        if self.path != self._place:
            self.files = {self._moved(path) for path in sorted(self.files)}
            with suppress(OSError):
                self._place.rmdir()

    def abort(self) -> None:
        """The pictures that are there are whole and stay."""

    def __enter__(self) -> Sequence:
        return self

    def __exit__(self, *exc: object) -> None:
        if exc[0] is None:
            self.close()

    def _file(self, name: str, data: bytes) -> None:
        path = self._place / name
        try:
            self._place.mkdir(exist_ok=True)
            write_whole(path, data, before_rename=lambda unfinished: self._record(path, unfinished))
        except OSError as error:
            raise write_failed(error, path) from error
        self.files.add(path)

    def _moved(self, file: Path) -> Path:
        path = self.path / file.name
        try:
            self.path.mkdir(exist_ok=True)
            self._record(path, file)
            replace(file, path)
        except OSError as error:
            raise write_failed(error, path) from error
        return path


def read_notes(folder: Path) -> dict[str, str]:
    """What is noted beside a folder's pictures; empty if nothing is."""
    try:
        notes = json.loads((folder / METADATA).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return {str(name): str(value) for name, value in notes.items()} if isinstance(notes, dict) else {}
