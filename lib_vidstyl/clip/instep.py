"""Another clip read in step with the film: masks, control maps."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lib_vidstyl.clip.model import Clip, Picture
from lib_vidstyl.clip.opening import open_clip
from lib_vidstyl.errors import ClipError


class InStep:
    """Gives the picture of a frame's number; a clip of one picture serves for all frames. A context manager.

    what: what the clip is to the user ("mask"), for messages. Raises ClipError if the clip cannot be opened.
    """

    def __init__(self, path: Path, *, what: str) -> None:
        self.path, self.what = path, what
        self._clip: Clip = open_clip(path)
        self._stream: Iterator[Picture] = iter(())
        self._latest: Picture | None = None

    def __enter__(self) -> InStep:
        return self

    def __exit__(self, *exc: object) -> None:
        self._clip.close()

    def at(self, index: int) -> Picture:
        """The picture of this number; frames are asked for in rising order, or the clip starts over.

        Raises ClipError if the clip ends before.
        """
        if self._latest is None or self._latest.index > index:
            self._stream = self._clip.pictures()
            self._latest = next(self._stream, None)
        while self._latest is not None and self._latest.index < index:
            following = next(self._stream, None)
            if following is None and self._latest.index == 0:
                return self._latest
            self._latest = following
        if self._latest is None:
            raise ClipError(f"the {self.what} ends before frame {index}", where=self.path,
                            remedy=f"Give a {self.what} as long as the clip, or one picture for all frames.")
        return self._latest
