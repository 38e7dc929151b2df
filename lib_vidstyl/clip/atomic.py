"""Files that appear complete or not at all: write under a temporary name in the same folder, flush, then rename."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

RETRY_SECONDS = (0.01, 0.03, 0.1, 0.3, 1.0)
"""On Windows a virus scanner may hold a fresh file for a moment; so often and so long a rename is tried again."""


def temporary(path: Path) -> Path:
    """A name in the same folder for the unfinished file: `.NAME.PID-random.part`, shortened for long names."""
    return path.with_name(f".{short(path.name, 120)}.{os.getpid()}-{secrets.token_hex(4)}.part")


def short(name: str, most: int) -> str:
    """A file's name, cut off where it has more than `most` bytes; disks take 255 for name and suffix together."""
    whole = os.fsencode(name)
    return name if len(whole) <= most else whole[:most].decode("utf-8", "ignore")


def replace(unfinished: Path, path: Path) -> None:
    """Give a finished, closed file its name; an older file of that name is gone in the same instant."""
    with unfinished.open("rb+") as file:
        os.fsync(file.fileno())
    for pause in (*RETRY_SECONDS, None):
        try:
            os.replace(unfinished, path)  # noqa: PTH105 - the very call that Windows may refuse for a moment
            break
        except PermissionError:
            if pause is None:
                raise
            time.sleep(pause)
    _flush_folder(path.parent)


def write_whole(path: Path, data: bytes, *, before_rename: Callable[[Path], None] = lambda unfinished: None) -> None:
    """Write a small file whole. `before_rename(unfinished)` is called when the bytes are written, before they have their name."""
    unfinished = temporary(path)
    try:
        unfinished.write_bytes(data)
        before_rename(unfinished)
        replace(unfinished, path)
    except BaseException:
        with suppress(OSError):
            unfinished.unlink()
        raise


def _flush_folder(folder: Path) -> None:
    """Make the rename itself durable; Windows neither needs nor allows it."""
    if os.name == "nt":
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
