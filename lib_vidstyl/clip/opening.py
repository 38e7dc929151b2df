"""From a name to a clip, whatever the name says."""

from __future__ import annotations

import difflib
import os
import re
import stat
from fractions import Fraction
from pathlib import Path

from lib_vidstyl.clip.animation import AnimationClip
from lib_vidstyl.clip.folder import FolderClip
from lib_vidstyl.clip.media import open_regular
from lib_vidstyl.clip.model import Clip
from lib_vidstyl.clip.sniff import HEAD_BYTES, Sniffed, sniffed
from lib_vidstyl.clip.video import VideoClip
from lib_vidstyl.errors import ClipError

FOLDER_RATE = Fraction(25)
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]{1,30}:/", re.ASCII)


def open_clip(path: str | os.PathLike[str], *, fps: Fraction = FOLDER_RATE) -> Clip:
    """A clip from a video file, a folder of pictures, or one picture, animated or not. A context manager.

    What a file is goes by its content, never by its name. Nothing but the file itself is opened: playlists, scripts
    and addresses are refused. fps: frames a second of pictures that do not say so themselves.

    Raises ClipError for anything that cannot be read as a clip.
    """
    named = Path(path)
    if not 0 < fps <= 1000:
        raise ClipError(f"{fps} frames a second make no clip", where=named, remedy="Give 1 to 1000.")
    if stat.S_ISDIR(_mode(named, str(path))):
        return FolderClip(named, fps=fps)
    found = _content(named)
    if found.kind == "video":
        return VideoClip(named, found.name)
    if found.kind == "picture":
        return AnimationClip(named, fps=fps)
    raise _refusal(named, found)


def _mode(path: Path, text: str) -> int:
    """The kind of a file that exists. Raises ClipError with a way out if there is none."""
    try:
        return path.stat().st_mode
    except FileNotFoundError as error:
        raise _missing(path, text) from error
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise ClipError(f"cannot be read ({reason})", where=path, remedy="Check the name and your rights to it.") from error


def _content(path: Path) -> Sniffed:
    with open_regular(path) as handle:
        try:
            head = handle.read(HEAD_BYTES)
        except OSError as error:
            raise ClipError(f"cannot be read ({error.strerror})", where=path, remedy="Check the disk.") from error
    if not head:
        raise ClipError("is an empty file", where=path, remedy="Copy or export it again.")
    return sniffed(head)


def _missing(path: Path, text: str) -> ClipError:
    if _URL.match(text):
        return ClipError("is an address, not a file", where=text, remedy="Download the clip and give the file.")
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ClipError("no such file, and no such folder either", where=path, remedy="Check the path.")
    close = difflib.get_close_matches(path.name, names, n=1)
    remedy = f"Did you mean {path.parent / close[0]}?" if close else "Check the name."
    return ClipError("no such file or folder", where=path, remedy=remedy)


def _refusal(path: Path, found: Sniffed) -> ClipError:
    if found.kind == "sound":
        return ClipError("holds sound only, no pictures", where=path, remedy="Give a clip with pictures.")
    if found.kind == "text":
        return ClipError("is a text, a script or a playlist, not a clip", where=path,
                         remedy="Give the video file itself.")
    return ClipError("is no video or picture that is known here", where=path,
                     remedy="Export it as MP4, MOV, MKV or WebM, or give a folder of PNG or JPEG pictures.")
