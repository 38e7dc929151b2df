"""A bounded store on disk of what can be recomputed: flow, inverted noise, control maps. Safe to delete at any time.

    FOLDER/
      CACHEDIR.TAG       tells backup programs to leave the folder out
      3f/3fa4...91.bin   an entry: magic, checksum, content; named by its key

An entry that is torn, damaged or foreign counts as absent. Nothing but files of these very names is ever read or removed.
"""

from __future__ import annotations

import json
import os
import re
import secrets
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.hashes import digest

MAGIC = b"VIDSTYL-CACHE-1\0"
LIMIT = 4 << 30
"""Bytes that a cache holds at most, unless told otherwise."""
KEEP = 0.9
"""Share of the limit that is left after clearing, so that not every new entry has to clear again."""

_ENTRY = re.compile(r"[0-9a-f]{32}\.bin")
_PART = re.compile(r"\.[0-9a-f]{32}\.[0-9a-f]{8}\.part")
_STALE_SECONDS = 3600.0
_TAG = "Signature: 8a477f597d28d172789f06886806bc55\n# What lies here can be recomputed by Video Stylize; it is safe to delete.\n"


class Cache:
    """Entries by key, the least recently used removed once `limit` bytes are passed. For many threads and processes.

    A cache never fails: where the disk is full or may not be written, entries are just not kept.
    """

    def __init__(self, folder: Path, *, limit: int = LIMIT) -> None:
        self.folder, self.limit = folder, limit
        self._lock = threading.Lock()
        self._size: int | None = None

    def get(self, key: object) -> bytes | None:
        """The entry's content, or None. key: a JSON-like value that decides the content, e.g. [hash of input, settings]."""
        path = self._path(key)
        try:
            data = path.read_bytes()
            os.utime(path)
        except OSError:
            return None
        content = _opened(data)
        if content is None:
            with suppress(OSError):
                path.unlink()
        return content

    def put(self, key: object, content: bytes) -> None:
        """Keep an entry. Without effect if it is larger than the whole cache may be, or cannot be written."""
        size = len(content) + len(MAGIC) + 4
        if size > self.limit:
            return
        path = self._path(key)
        with suppress(OSError):
            self._prepare(path.parent)
            before = _size(path)
            _write(path, MAGIC + zlib.crc32(content).to_bytes(4, "little") + content)
            self._account(size - before)

    def array(self, key: object) -> NDArray[Any] | None:
        """An entry that is an array, or None."""
        content = self.get(key)
        return None if content is None else _array(content)

    def put_array(self, key: object, array: NDArray[Any]) -> None:
        """Keep an array of numbers, with its shape and type."""
        head = json.dumps({"type": array.dtype.str, "shape": array.shape}).encode("ascii")
        self.put(key, head + b"\n" + np.ascontiguousarray(array).tobytes())

    def computed(self, key: object, compute: Callable[[], NDArray[Any]]) -> NDArray[Any]:
        """The array under this key; computed and kept if it is not there."""
        found = self.array(key)
        if found is None:
            found = compute()
            self.put_array(key, found)
        return found

    def size(self) -> int:
        """Bytes held by all entries."""
        return sum(_size(path) for path in self._entries())

    def _path(self, key: object) -> Path:
        name = digest(key)
        return self.folder / name[:2] / f"{name}.bin"

    def _prepare(self, place: Path) -> None:
        if not place.is_dir():
            place.mkdir(parents=True, exist_ok=True)
            tag = self.folder / "CACHEDIR.TAG"
            if not tag.exists():
                tag.write_text(_TAG, encoding="utf-8")

    def _account(self, more: int) -> None:
        with self._lock:
            self._size = self.size() if self._size is None else self._size + more
            if self._size > self.limit:
                self._size = self._cleared()

    def _cleared(self) -> int:
        """Remove what was used longest ago until KEEP of the limit is left; the bytes that remain."""
        self._sweep()
        found = []
        for path in self._entries():
            with suppress(OSError):
                facts = path.stat()
                found.append((facts.st_mtime_ns, facts.st_size, path))
        left = sum(size for _, size, _ in found)
        for _, size, path in sorted(found):
            if left <= KEEP * self.limit:
                break
            with suppress(OSError):
                path.unlink()
                left -= size
        return left

    def _sweep(self) -> None:
        """Remove unfinished files that a killed run has left."""
        for path in self._files(_PART):
            with suppress(OSError):
                if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                    path.unlink()

    def _entries(self) -> Iterator[Path]:
        return self._files(_ENTRY)

    def _files(self, pattern: re.Pattern[str]) -> Iterator[Path]:
        for number in range(256):
            with suppress(OSError):
                for path in (self.folder / f"{number:02x}").iterdir():
                    if pattern.fullmatch(path.name) and not path.is_symlink():
                        yield path


def _array(content: bytes) -> NDArray[Any] | None:
    """The array of an entry, or None if it is none. Not numpy's own format: its header is read by Python's parser, which is not
    safe in several threads before Python 3.12 ("AST constructor recursion depth mismatch").
    """
    head, _, data = content.partition(b"\n")
    try:
        facts = json.loads(head)
        kind = np.dtype(facts["type"])
        return np.frombuffer(data, kind).reshape(facts["shape"]).copy() if kind.kind in "biuf" else None
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _opened(data: bytes) -> bytes | None:
    """The content of an entry's bytes, or None if they are damaged."""
    head = len(MAGIC) + 4
    if len(data) < head or not data.startswith(MAGIC):
        return None
    content = data[head:]
    return content if zlib.crc32(content) == int.from_bytes(data[len(MAGIC):head], "little") else None


def _write(path: Path, data: bytes) -> None:
    """Under its name the entry is whole; after a loss of power its checksum tells, so nothing is flushed."""
    unfinished = path.with_name(f".{path.stem}.{secrets.token_hex(4)}.part")
    try:
        unfinished.write_bytes(data)
        unfinished.replace(path)
    except OSError:
        with suppress(OSError):
            unfinished.unlink()
        raise


def _size(path: Path) -> int:
    with suppress(OSError):
        return path.stat().st_size
    return 0
