"""The film cut into spans: from one key to the next, or to the end of the shot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from lib_vidstyl.clip.model import Plane
from lib_vidstyl.stages.base import Frame, Progress, Stream


@dataclass(frozen=True)
class Span:
    """Frames between two keys of one shot.

    before: the key that the span begins after, already passed on. between: frames to be made. after: the key that ends
    it, not passed on yet. Either key may be None: where the shot begins or ends, or a key could not be painted.
    masks: frame number -> (H, W) uint8, where the look may be; empty if it may be everywhere.
    """

    before: Frame | None
    between: tuple[Frame, ...]
    after: Frame | None
    masks: Mapping[int, Plane] = field(default_factory=dict)

    @property
    def keys(self) -> tuple[Frame, ...]:
        """The keys there are."""
        return tuple(key for key in (self.before, self.after) if key is not None)

    @property
    def frames(self) -> tuple[Frame, ...]:
        """All frames in order, keys included."""
        return (*((self.before,) if self.before else ()), *self.between, *((self.after,) if self.after else ()))


def spans(stream: Stream) -> Iterator[Span | Progress]:
    """Collect a stream of frames into spans, in order; Progress values pass at once.

    A frame is a key if it was to be painted and has a picture.
    """
    before: Frame | None = None
    between: list[Frame] = []
    for item in stream:
        if isinstance(item, Progress):
            yield item
            continue
        if item.cut:
            if between:
                yield Span(before, tuple(between), None)
            before, between = None, []
        if item.to_paint and item.image is not None:
            yield Span(before, tuple(between), item)
            before, between = item, []
        else:
            between.append(item)
    if between:
        yield Span(before, tuple(between), None)
