"""Where a stage keeps its frames between runs."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

from lib_vidstyl.clip.alpha import joined, split
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.errors import ProjectError
from lib_vidstyl.hashes import sha_of_bytes
from lib_vidstyl.project import Project, is_by_hand

WRITERS = 2
"""Threads that compress and write frames while the next ones are painted."""


class Store(Protocol):
    """Keeps a stage's frames, or does not. A context manager: leaving it waits until everything is on disk."""

    keeps: bool
    by_hand: list[int]
    """Numbers of the frames that `get` or `has` has found put there, or changed, by somebody."""

    def get(self, index: int, inputs: str, settings: str) -> Image | None:
        """The frame, if it is there and was made from this input by these settings."""

    def has(self, index: int, inputs: str, settings: str) -> bool:
        """Whether `get` would give the frame; it is not decoded."""

    def put(self, index: int, image: Image, *, inputs: str, settings: str, seconds: float, **facts: Any) -> None:
        """Keep a frame, what it was made from, and further JSON-like facts about it."""

    def facts(self, index: int) -> Mapping[str, Any]:
        """What is on record about a frame."""

    def failed(self, index: int, problem: str, *, inputs: str, settings: str) -> None:
        """Note that a frame could not be made."""

    def __enter__(self) -> Store: ...

    def __exit__(self, *exc: object) -> None: ...


class NoStore(Store):
    """Keeps nothing."""

    keeps = False

    def __init__(self) -> None:
        self.by_hand: list[int] = []

    def get(self, index: int, inputs: str, settings: str) -> Image | None:
        """Nothing is ever there."""
        return None

    def has(self, index: int, inputs: str, settings: str) -> bool:
        """Nothing is ever there."""
        return False

    def put(self, index: int, image: Image, *, inputs: str, settings: str, seconds: float, **facts: Any) -> None:
        """Forget the frame."""

    def facts(self, index: int) -> Mapping[str, Any]:
        """Nothing is on record."""
        return {}

    def failed(self, index: int, problem: str, *, inputs: str, settings: str) -> None:
        """Forget the failure."""

    def __enter__(self) -> NoStore:
        return self

    def __exit__(self, *exc: object) -> None: ...


class FrameStore(Store):
    """Frames as PNG files FOLDER/000012.png of a project, named by the clip's frame number.

    A frame counts as there when its file is whole and was made from the same input by the same settings, or when the
    user has put or changed it: a frame painted by hand stands until its file is taken away. alpha: pictures may have
    a fourth channel; else it is left out.
    """

    keeps = True

    def __init__(self, project: Project, name: str, *, alpha: bool = False) -> None:
        self.project, self.name, self.alpha = project, name, alpha
        self.by_hand: list[int] = []
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="vidstyl-store")
        self._pending: deque[Future[None]] = deque()

    def path(self, index: int) -> Path:
        """The file of a frame."""
        return self.project.folder / self.name / f"{index:06d}.png"

    def get(self, index: int, inputs: str, settings: str) -> Image | None:
        """The stored frame, (H, W, 3) uint8 RGB or (H, W, 4) with alpha, or None if it has to be made (again).

        Raises ProjectError if a file stands in its place that is neither ours nor a picture.
        """
        data = self._valid(index, inputs, settings)
        if data is None:
            return None
        image, plane = decode_picture(data, where=self.path(index))
        return joined(image, plane) if self.alpha else image

    def has(self, index: int, inputs: str, settings: str) -> bool:
        """Whether `get` would give the frame; it is not decoded. Raises ProjectError like `get`."""
        return self._valid(index, inputs, settings) is not None

    def _valid(self, index: int, inputs: str, settings: str) -> bytes | None:
        """The file's bytes, if it holds the frame that is asked for, or one put there by hand."""
        path = self.path(index)
        if not path.is_file():
            return None
        data = path.read_bytes()
        record = self.project.manifest.latest(self.project.name_of(path))
        sha = sha_of_bytes(data)
        if record and self.project.manifest.wrote(record["file"], sha):
            same = record.get("input") == inputs and record.get("settings") == settings
            return data if same and record["sha"] == sha else None
        if is_by_hand(data):
            if index not in self.by_hand:
                self.by_hand.append(index)
            return data
        if record is None:
            raise ProjectError("this file was not written here and is no picture", where=path, remedy="Move it away.")
        return None

    def put(self, index: int, image: Image, *, inputs: str, settings: str, seconds: float, **facts: Any) -> None:
        """Write a frame in the background. Raises what went wrong with an earlier one."""
        while len(self._pending) >= 2 * WRITERS:
            self._pending.popleft().result()
        known = {"stage": self.name, "frame": index, "input": inputs, "settings": settings, "state": "done",
                 "seconds": round(seconds, 3), **facts}
        self._pending.append(self._pool.submit(self._write, index, image, known))

    def facts(self, index: int) -> Mapping[str, Any]:
        """The newest record of a frame in the manifest."""
        return self.project.manifest.latest(self.project.name_of(self.path(index))) or {}

    def failed(self, index: int, problem: str, *, inputs: str, settings: str) -> None:
        """Note that a frame could not be made."""
        self.project.record(self.path(index), "", stage=self.name, frame=index, input=inputs, settings=settings,
                            state="failed", problem=self.project.clean(problem))

    def __enter__(self) -> FrameStore:
        return self

    def __exit__(self, *exc: object) -> None:
        self._pool.shutdown(wait=True)
        for future in self._pending:
            trouble = future.exception()
            if trouble is not None and exc[0] is None:
                raise trouble
        self._pending.clear()

    def _write(self, index: int, image: Image, facts: dict[str, object]) -> None:
        path, data = self.path(index), encode_png(*split(image))
        self.project.guard_disk(len(data))
        if not self.project.owns(path) and is_by_hand(path.read_bytes()):
            return  # somebody has put a picture there while this one was painted
        self.project.write(path, data, **facts)
