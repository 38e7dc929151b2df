"""Files that somebody has uploaded: only real ones, inside the upload folder, not too large, with a clip's or picture's content."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Collection
from pathlib import Path
from typing import Any

from lib_vidstyl.clip.sniff import HEAD_BYTES, sniffed
from lib_vidstyl.errors import ClipError, VidStylError

MOST_BYTES = 4 << 30
"""Size of the largest upload: 4 GB."""


class UploadError(VidStylError):
    """A file that was not uploaded here, is too large, or is no clip and no picture."""

    exit_code = 2


def upload_folder() -> Path:
    """Where Gradio puts uploads."""
    return Path(os.environ.get("GRADIO_TEMP_DIR") or Path(tempfile.gettempdir()) / "gradio").resolve()


def uploaded(value: Any, *, most: int = MOST_BYTES, kinds: Collection[str] = ("video", "picture")) -> Path | None:
    """The file that a component's raw value means; None for no file.

    value: what the browser sent, as Gradio 3 ({"name", "is_file"}) or 4 (an object with `path`) hands it over, or a list
    whose first item is that. kinds: what its content may be (see `clip.sniff`). Raises UploadError.
    """
    if isinstance(value, (list, tuple)):
        value = value[0] if value else None
    if not value:
        return None
    named = _named(value)
    path = inside(named)
    check_content(path, most=most, kinds=kinds)
    return path


def inside(named: object) -> Path:
    """The resolved path of an uploaded file. Raises UploadError for everything that is not a file in the upload folder."""
    folder = upload_folder()
    try:
        path = Path(str(named)).resolve() if isinstance(named, (str, Path)) and named else folder
        fits = folder in path.parents and path.is_file()
    except (OSError, ValueError, RuntimeError):  # NUL, a loop of links, a name too long
        fits = False
    if not fits:
        raise UploadError("this file was not uploaded here", remedy="Choose the file again, or type its path.")
    return path


def check_content(path: Path, *, most: int = MOST_BYTES, kinds: Collection[str] = ("video", "picture")) -> None:
    """Raise UploadError for a file that is too large, or ClipError for one whose content is none of `kinds`."""
    size = path.stat().st_size
    if size > most:
        raise too_large(path.name, most)
    with path.open("rb") as file:
        found = sniffed(file.read(HEAD_BYTES))
    if found.kind not in kinds:
        raise ClipError(f"is no {' or '.join(kinds)}", where=path.name, remedy="Choose a video such as MP4, MOV, MKV or WebM.")


def too_large(name: str, most: int) -> UploadError:
    """What to tell about a file of more than `most` bytes."""
    return UploadError(f"the file is larger than {most / 1e9:.1f} GB", where=name,
                       remedy="Give its path on this machine instead of uploading it, or cut it first.")


def _named(value: Any) -> object:
    """The path in a raw value, if it is one that names an uploaded file."""
    if isinstance(value, dict):
        return value.get("path") or (value.get("name") if value.get("is_file") else None)
    return getattr(value, "path", value)
