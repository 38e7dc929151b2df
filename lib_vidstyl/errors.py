"""Errors for the user: what failed, where, and what to do about it."""

from __future__ import annotations


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


class IncompleteFilm(VidStylError):
    """The run went to its end, but some frames could not be made."""

    exit_code = 3


class Cancelled(VidStylError):
    """The user stopped the run; what is done is kept."""

    exit_code = 130
