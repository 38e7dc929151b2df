"""Names that come from elsewhere, made fit for this disk."""

from __future__ import annotations

import re
import unicodedata

from lib_vidstyl.errors import VidStylError

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*%]')
_EDGES = re.compile(r"^[\s.-]+|[\s.-]+$")
_DEVICE = re.compile(r"(con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³])(\..*)?", re.IGNORECASE)
MOST_BYTES = 120


class UnknownId(VidStylError):
    """An id that stands for nothing here, or no longer."""

    exit_code = 2


def file_name(given: str, default: str = "clip.mp4") -> str:
    """A file name like the given one, without folders, control characters, device names or too many bytes."""
    last = re.split(r"[\\/]", unicodedata.normalize("NFC", given))[-1]
    last = "".join(letter for letter in last if unicodedata.category(letter) not in ("Cc", "Cf", "Cs"))
    name = _EDGES.sub("", _UNFIT.sub("_", last))
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, suffix[:8]) if dot else (name, default.rpartition(".")[2])
    stem = _EDGES.sub("", stem.encode("utf-8")[:MOST_BYTES].decode("utf-8", "ignore"))
    name = f"{stem or 'clip'}.{suffix}"
    return f"_{name}" if _DEVICE.fullmatch(name) else name
