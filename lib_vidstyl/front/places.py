"""Which files a page or a program at the other end of a wire may name: those in folders that the owner has opened.

The command line and Python run with their user's own rights and need none of this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from lib_vidstyl.errors import VidStylError

_ODD = re.compile(r"[\x00-\x1f]|%2e|%2f|%5c|%00", re.IGNORECASE)
_STREAM = re.compile(r":(?!\\|/)|:.*:")
"""A colon other than a drive's: names an alternate stream on Windows."""
_DEVICE = re.compile(r"(?:con|prn|aux|nul|com[\d¹²³]|lpt[\d¹²³]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
_SHARE = re.compile(r"[\\/]{2}")
"""Either slash may begin a network share on Windows; asking whether it is there would already open a connection."""


class PlaceError(VidStylError):
    """A path that leads outside of the folders that are open, or is no plain path."""

    exit_code = 2


class Places:
    """The open folders, the first of which is where relative paths begin.

    Every check is made on the path that the system itself arrives at, links followed; so a link inside an open folder that
    leads out of it is refused too.
    """

    def __init__(self, folders: Iterable[str | Path]) -> None:
        self.folders = tuple(Path(folder).resolve() for folder in folders)

    def path(self, text: str | Path) -> Path:
        """The absolute path of a file or folder inside an open folder; it need not exist.

        Raises PlaceError, which names the open folders, for everything else.
        """
        named = str(text).strip()
        if not named or not self.folders or not _plain(named):
            raise self._refusal(named)
        try:
            found = (self.folders[0] / Path(named)).resolve()
        except (OSError, ValueError, RuntimeError) as error:  # a loop of links, a name too long
            raise self._refusal(named) from error
        if not self.holds(found):
            raise self._refusal(named)
        return found

    def holds(self, path: Path) -> bool:
        """Whether a resolved path lies in an open folder."""
        return any(path == folder or folder in path.parents for folder in self.folders)

    def _refusal(self, named: str) -> PlaceError:
        shown = ", ".join(str(folder) for folder in self.folders) or "none"
        return PlaceError("this place may not be used from here", where=repr(named[:80]),
                          remedy=f"Open folders are: {shown}. More are opened in the settings, by the owner of this machine.")


def _plain(named: str) -> bool:
    """Without control characters, encoded dots and slashes, network shares, device names and alternate streams."""
    if _ODD.search(named) or _SHARE.match(named) or named.startswith("~") or _STREAM.search(named):
        return False
    parts = re.split(r"[\\/]", named)
    return ".." not in parts and not any(_DEVICE.fullmatch(part.strip()) for part in parts)
