"""The protocol of everyone who paints a frame."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from lib_vidstyl.clip.model import Image, Plane

Who = Mapping[str, object]
"""JSON-like facts that decide the pixels: a painted frame is repainted when they change."""


@dataclass(frozen=True)
class Task:
    """One frame to paint.

    index: the clip's frame number. image: (H, W, 3) uint8 RGB. seed: of this frame, the seed rule already applied.
    mask: (H, W) uint8, 255 = paint here, or None for everywhere. prompt, negative_prompt: those valid at this frame.
    """

    index: int
    image: Image
    seed: int
    prompt: str = ""
    negative_prompt: str = ""
    mask: Plane | None = None


@dataclass(frozen=True)
class Abilities:
    """What a stylizer can do.

    batch: frames per call at most. least: frames that a call is given whatever the recipe says, where that decides no pixels:
    several who share the frames all need one. masks: it paints within `Task.mask` itself (else the pipeline blends). resizes: its
    pictures may have another size than the frame's. size: (width, height) of all its pictures, None: the frame's, or, where it
    `resizes`, any. deterministic: the same tasks give the same bytes on one machine.
    """

    batch: int = 1
    least: int = 1
    masks: bool = False
    resizes: bool = False
    size: tuple[int, int] | None = None
    deterministic: bool = True


class Stylizer(Protocol):
    """Paints frames. Entered once per run, so that costly set-up is done once and undone at the end.

    `paint` returns one picture per task, in order: (H, W, 3) uint8 RGB, or (H, W, 4) with an alpha of its own. It raises
    `PaintError` for a frame it cannot paint, `PaintingHopeless` where no other frame or try would fare better, `NobodyThere`
    to have said (among its `notices`) what it waits for when it is asked again, `Skipped` for frames that the user told its host
    to leave out, and `Cancelled` when its host was told to stop.

    A stylizer may have a list `notices` of sentences for the user; `keep_in(open_store)`, told where it may keep pictures of
    its own between runs (`open_store(name)` is a `store.Store`); and `made(task, image)`, told of every frame's picture in
    order, also of those that an earlier run has painted. Its `facts`, JSON-like, go on record with every frame that it paints;
    they decide no pixels, and `recall(facts)` tells it those of frames that are taken as they are.
    `watch(stop)` gives it a function to ask, while it paints, whether the run is to stop: it then raises `Cancelled`.
    """

    @property
    def abilities(self) -> Abilities:
        """What it can do."""

    def who(self) -> Who:
        """Who it is: all that decides the pixels of every frame, besides the tasks."""

    def fingerprint(self, task: Task) -> str:
        """What else decides this one frame's pixels (a file's content, a control map); "" if nothing does."""
        return ""

    def paint(self, tasks: Sequence[Task]) -> list[Image]:
        """One (H, W, 3 or 4) uint8 picture per task."""

    def __enter__(self) -> Stylizer: ...

    def __exit__(self, *exc: object) -> None: ...
