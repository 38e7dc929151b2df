"""A project's memory: an append-only journal, one checked JSON line per thing that was written."""

from __future__ import annotations

import json
import os
import threading
import zlib
from pathlib import Path
from typing import Any

Record = dict[str, Any]


class Manifest:
    """What was written into a project, and from what.

    A line holds `file` and `sha` (of the file's bytes), for a frame also `stage`, `frame`, `input`, `settings`, `state`
    ("done" or "failed") and `seconds`. Each line carries its own checksum, so that a torn or damaged line is known and
    skipped; a line is on disk before its file gets its name, so that every file of ours has a line.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damaged: list[int] = []
        self._latest: dict[str, Record] = {}
        self._written: dict[str, set[str]] = {}
        self._lock = threading.Lock()
        self._torn = False
        self._load()

    def latest(self, file: str) -> Record | None:
        """The newest record of a file, by its name relative to the project."""
        return self._latest.get(file)

    def wrote(self, file: str, sha: str) -> bool:
        """Whether a file with these bytes was written by us at some time."""
        return sha in self._written.get(file, ())

    def files(self) -> list[str]:
        """Names of all files on record, sorted."""
        return sorted(self._latest)

    def append(self, record: Record) -> None:
        """Add a record; it is on disk when this returns."""
        line = json.dumps({**record, "crc": _checksum(record)}, ensure_ascii=False) + "\n"
        with self._lock:
            torn, self._torn = self._torn, True  # a disk that is full may take half a line
            with self.path.open("ab") as file:
                file.write((b"\n" if torn else b"") + line.encode("utf-8", "surrogatepass"))
                file.flush()
                os.fsync(file.fileno())
            self._torn = False
            self._learn(record)

    def _load(self) -> None:
        data = self.path.read_bytes() if self.path.exists() else b""
        self._torn = bool(data) and not data.endswith(b"\n")
        for number, line in enumerate(data.split(b"\n"), start=1):
            if line.strip():
                record = _parsed(line)
                if record is None:
                    self.damaged.append(number)
                else:
                    self._learn(record)

    def _learn(self, record: Record) -> None:
        file = record["file"]
        self._latest[file] = record
        if record.get("sha"):
            self._written.setdefault(file, set()).add(record["sha"])


def _checksum(record: Record) -> str:
    return f"{zlib.crc32(json.dumps(record, sort_keys=True, ensure_ascii=False).encode('utf-8', 'surrogatepass')):08x}"


def _parsed(line: bytes) -> Record | None:
    try:
        record = json.loads(line.decode("utf-8", "surrogatepass"))
        checksum = record.pop("crc")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        return None
    return record if isinstance(record.get("file"), str) and checksum == _checksum(record) else None
