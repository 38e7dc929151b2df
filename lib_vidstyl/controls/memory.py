"""What has been painted before a frame, for units that look back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Image = NDArray[np.uint8]
Moved = Callable[[Image, Image, Image], Image]
"""(frame, the frame before, that frame's painting) to the painting as seen from `frame`."""


@dataclass(frozen=True)
class Memory:
    """The latest frame that was painted, its painting, and the first painting of the shot; nothing at a shot's start.

    All (H, W, 3) uint8 RGB of the frame's size.
    """

    frame: Image | None = None
    painting: Image | None = None
    first: Image | None = None

    def after(self, frame: Image, painting: Image) -> Memory:
        """The memory once a frame has been painted."""
        return Memory(frame, painting, painting if self.first is None else self.first)


def remembered(source: str, frame: Image, memory: Memory, moved: Moved) -> Image:
    """The picture that "previous", "warped" or "first" stands for at a frame; where nothing was painted yet, the frame.

    Raises KeyError for another source.
    """
    if memory.frame is None or memory.painting is None or memory.first is None:
        return frame
    if source == "warped":
        return moved(frame, memory.frame, memory.painting)
    return {"previous": memory.painting, "first": memory.first}[source]


def filled(painting: Image, seen: NDArray[np.bool_], frame: Image) -> Image:
    """A moved painting with the frame where nothing of it is seen. (H, W, 3) uint8, (H, W) bool, (H, W, 3) uint8."""
    return np.where(seen[..., None], painting, frame)


def nearest(numbers: list[int], index: int) -> int:
    """The keyframe nearest to a frame, the earlier of two. Raises ValueError if there is none."""
    return min(sorted(numbers), key=lambda number: abs(number - index))
