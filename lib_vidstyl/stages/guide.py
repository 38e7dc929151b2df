"""The clip that stylised frames were made from, where the film's own clip is not it: read along with the film."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from fractions import Fraction
from pathlib import Path

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.model import Clip, Picture
from lib_vidstyl.errors import SettingsError

APART = Fraction(1, 20)
"""Share by which film and guide may differ in length and still show the same."""


class Guide:
    """Gives each frame its source picture: by number where both clips have as many frames, else by time.

    path: the guide, or "" for none: then every frame is its own. A context manager; it streams forward.
    Raises ClipError for a guide that cannot be read, SettingsError for one of another length.
    """

    def __init__(self, path: str, clip: Clip, fps: Fraction) -> None:
        self.notice = ""
        self._stack = ExitStack()
        self._guide: Clip | None = None
        self._pictures: Iterator[Picture] = iter(())
        self._held: Picture | None = None
        self._next: Picture | None = None
        if path:
            self._guide = self._stack.enter_context(open_clip(Path(path), fps=fps))
            self._by_number = self._matched(clip, self._guide)

    def picture(self, film: Picture) -> Picture:
        """The source of a frame of the film; frames are asked for in order."""
        if self._guide is None:
            return film
        if self._held is None:
            first = film.index if self._by_number else min(self._guide.frame_at(film.time), self._guide.count() - 1)
            self._pictures = self._guide.pictures(max(0, first - (not self._by_number)))
            self._held, self._next = next(self._pictures), next(self._pictures, None)
        while self._next is not None and self._reaches(self._next, film):
            self._held, self._next = self._next, next(self._pictures, None)
        return self._held

    def __enter__(self) -> Guide:
        return self

    def __exit__(self, *exc: object) -> None:
        self._stack.close()

    def _reaches(self, ahead: Picture, film: Picture) -> bool:
        return ahead.index <= film.index if self._by_number else ahead.time <= film.time + film.duration / 4

    def _matched(self, clip: Clip, guide: Clip) -> bool:
        """Whether frames are matched by number. Raises SettingsError where they cannot be matched at all."""
        counts = clip.count(), guide.count()
        if counts[0] == counts[1]:
            return True
        lengths = clip.time_of(counts[0]), guide.time_of(counts[1])
        if abs(lengths[0] - lengths[1]) > APART * max(lengths):
            raise SettingsError(f"the guide has {counts[1]} frames in {float(lengths[1]):.2f} s, the film {counts[0]} in "
                                f"{float(lengths[0]):.2f} s: they cannot be matched", where=guide.info.path,
                                remedy="Give the clip that the film was made from, cut to the same range; of folders, say how "
                                       "fast they play with --folder-fps.")
        self.notice = f"The film has {counts[0]} frames and its guide {counts[1]}: they are matched by time."
        return False
