"""The frames that are to be painted, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from lib_vidstyl.stages.base import Frame, Progress, Stream


def grouped(stream: Stream, size: int) -> Iterator[list[Frame] | Frame | Progress]:
    """Collect frames to paint in lists of `size`; a shorter one ends where a frame follows that is not to be painted.

    Such a frame passes alone and without a picture: waiting for the next keyframe would hold all frames between two.
    Progress values pass at once.
    """
    batch: list[Frame] = []
    for item in stream:
        if isinstance(item, Progress):
            yield item
            continue
        if item.to_paint:
            batch.append(item)
        if batch and (len(batch) == size or not item.to_paint):
            yield batch
            batch = []
        if not item.to_paint:
            yield replace(item, image=None)
    if batch:
        yield batch
