"""Hashes: of values that decide a picture, and of files."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path


def digest(*parts: object) -> str:
    """Hash of JSON-like values and byte buffers, in order: 32 hexadecimal digits."""
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        data = part if isinstance(part, bytes | memoryview) else json.dumps(part, sort_keys=True).encode("utf-8")
        state.update(memoryview(data).nbytes.to_bytes(8, "little"))
        state.update(data)
    return state.hexdigest()


def sha_of_bytes(data: bytes) -> str:
    """Hash of a file's bytes as the manifest holds it."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def sha_of(path: Path) -> str:
    """Hash of a file, read in pieces; "" if it cannot be read."""
    state = hashlib.blake2b(digest_size=16)
    try:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                state.update(piece)
    except OSError:
        return ""
    return state.hexdigest()
