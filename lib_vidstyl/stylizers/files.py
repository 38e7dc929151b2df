"""Frames painted elsewhere: a folder of pictures, matched to the clip's frames by the number in their names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lib_vidstyl.clip.alpha import joined
from lib_vidstyl.clip.folder import numbered_files
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import read_bytes, read_picture
from lib_vidstyl.errors import ClipError, PaintError
from lib_vidstyl.hashes import digest
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stylizers.base import Abilities, Task, Who


@dataclass(frozen=True)
class FilesSettings(Settings):
    """Where the painted frames are."""

    painted: str = setting("", "Painted frames", "Folder of frames painted elsewhere, for the painter 'files'; the number in a "
                           "name is the clip's frame number.", path=True, flag="painted")


class PaintedFiles:
    """A `Stylizer` that reads each frame's picture from a folder, at whatever size it has.

    Raises PaintError if there is no folder, or a frame has no picture or two.
    """

    abilities = Abilities(batch=64, resizes=True)

    def __init__(self, settings: FilesSettings) -> None:
        if not settings.painted:
            raise PaintError("no folder of painted frames was given", remedy="Give it with --painted FOLDER.")
        self.folder = Path(settings.painted)
        self._files: dict[int, list[Path]] = {}

    def who(self) -> Who:
        """The painter; which picture it is lies in the fingerprint."""
        return {"painter": "files"}

    def fingerprint(self, task: Task) -> str:
        """The content of the frame's file, "" if it has none."""
        files = self._files.get(task.index, [])
        return digest(read_bytes(files[0])) if len(files) == 1 else ""

    def paint(self, tasks: Sequence[Task]) -> list[Image]:
        """Each frame's picture, with its alpha if it has one."""
        return [joined(*read_picture(self._file(task.index))) for task in tasks]

    def __enter__(self) -> PaintedFiles:
        try:
            self._files = numbered_files(self.folder)
        except (ClipError, OSError) as error:
            raise PaintError("the folder of painted frames cannot be read", where=self.folder,
                             remedy="Give a folder of pictures with --painted FOLDER.") from error
        return self

    def __exit__(self, *exc: object) -> None: ...

    def _file(self, index: int) -> Path:
        files = self._files.get(index, [])
        if len(files) > 1:
            raise PaintError(f"'{files[0].name}' and '{files[1].name}' both are frame {index}", where=self.folder,
                             remedy="Move one of them away.")
        if not files:
            raise PaintError(f"there is no picture for frame {index}", where=self.folder,
                             remedy=f"Put one there, named as in {index:06d}.png.")
        return files[0]
