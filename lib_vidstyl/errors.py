"""Errors for the user: what failed, where, and what to do about it."""

from __future__ import annotations

import errno
from collections.abc import Collection


class VidStylError(Exception):
    """Something a user can understand and mend. `str(error)` is one line: what, where, remedy.

    `exit_code` is what the command line ends with.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: object = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, str(where), remedy
        super().__init__(what, self.where, remedy)

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        remedy = f" {self.remedy}" if self.remedy else ""
        return " ".join(f"{place}{self.what}.{remedy}".split())


class ClipError(VidStylError):
    """A clip, picture folder or sound track that cannot be read as asked."""


class SettingsError(VidStylError):
    """A recipe or a single value that makes no sense here."""

    exit_code = 2


class OutputError(VidStylError):
    """A film, picture or folder that cannot be written."""


class ProjectError(VidStylError):
    """A project folder that cannot be used: foreign, locked, damaged, or of another clip."""


class PaintError(VidStylError):
    """A stylizer that could not paint."""


class PaintingHopeless(PaintError):
    """A stylizer that will paint no frame, however often it is asked: the run stops, what is done is kept."""


class NobodyThere(PaintError):
    """Nobody is there just now who could paint. Asked again for the same frames, the stylizer waits for somebody."""


class Skipped(PaintError):
    """The user skipped some frames while they were painted; `frames` are their numbers."""

    def __init__(self, frames: Collection[int]) -> None:
        super().__init__("skipped", remedy="Run it again to paint it.")
        self.frames = frozenset(frames)


class IncompleteFilm(VidStylError):
    """The run went to its end, but some frames could not be made."""

    exit_code = 3


class Cancelled(VidStylError):
    """The user stopped the run; what is done is kept."""

    exit_code = 130


_REMEDIES = {
    errno.ENOSPC: ("the disk is full", "Free some space, then run the same command again: it goes on where it stopped."),
    errno.EDQUOT: ("the disk quota is used up", "Free some space, then run the same command again: it goes on where it stopped."),
    errno.EACCES: ("it may not be written", "Close it where it is open, or choose a folder that you may write to."),
    errno.EPERM: ("it may not be written", "Close it where it is open, or choose a folder that you may write to."),
    errno.EROFS: ("the disk is read-only", "Choose a folder that you may write to."),
    errno.ENOENT: ("the folder does not exist", "Make the folder first, or choose another."),
    errno.ENOTDIR: ("a part of the path is a file, not a folder", "Choose another folder."),
    errno.EISDIR: ("it is a folder, not a file", "Choose another name."),
    errno.ENAMETOOLONG: ("the name is too long for this disk", "Choose a shorter name."),
    errno.EIO: ("the disk reports an error", "Check the disk, then run the same command again: it goes on where it stopped."),
}


def write_failed(error: OSError, where: object) -> OutputError:
    """The OutputError that tells a user what an OSError while writing `where` means and what to do."""
    plain = (error.strerror or str(error)).lower() or type(error).__name__
    what, remedy = _REMEDIES.get(error.errno or 0, (f"it could not be written ({plain})", "Try another folder or disk."))
    return OutputError(what, where=where, remedy=remedy)
