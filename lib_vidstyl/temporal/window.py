"""A window that runs along a stream: each item with those around it, without holding the stream."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")
View = tuple[list[T], int]
"""Items in order, and which of them is meant."""


class Window(Generic[T]):
    """Holds 2 * radius + 1 items at most. `add` and `end` give the views that have become whole, in the items' order."""

    def __init__(self, radius: int) -> None:
        self.radius = radius
        self._held: deque[T] = deque()
        self._given = 0

    def add(self, item: T) -> Iterator[View[T]]:
        """Take the next item; yield the view of the one that now has `radius` items after it."""
        self._held.append(item)
        if len(self._held) - self._given > self.radius:
            yield self._view()

    def end(self) -> Iterator[View[T]]:
        """Yield the views of what is left; the window is empty afterwards."""
        while self._given < len(self._held):
            yield self._view()
        self._held.clear()
        self._given = 0

    def _view(self) -> View[T]:
        view = list(self._held)[:self._given + self.radius + 1], self._given
        if self._given == self.radius:
            self._held.popleft()
        else:
            self._given += 1
        return view
