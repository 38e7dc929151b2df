"""Propagate: the look of the keyframes is carried to the frames between them.

Each frame between two keys is made from both and the two are joined. What is held at a time is one span from key to key.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue

from lib_vidstyl import synth
from lib_vidstyl.clip.alpha import joined, split
from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.compiling import CPU, DEVICES
from lib_vidstyl.hashes import digest
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Progress, Stage, Stream
from lib_vidstyl.stages.elsewhere import Elsewhere
from lib_vidstyl.stages.masks import MaskSource, within
from lib_vidstyl.stages.shares import Shares
from lib_vidstyl.stages.spans import Span, spans
from lib_vidstyl.stages.tween import VERSION, Made, Tweener
from lib_vidstyl.store import Store

FOLDER = "propagated"
"""The project's folder of frames made from keys."""


@dataclass(frozen=True)
class PropagateSettings(Settings):
    """How keys are carried on."""

    method: str = setting("patches", "Method", "'patches' repaints what the motion cannot explain from the key's own strokes; "
                          "'warp' only moves the key along, which is faster.", choices=("patches", "warp"), flag="propagation")
    sides: str = setting("both", "Sides", "'both': each frame is made from the key before and the key after it, and the two are "
                         "joined; 'before' or 'after': from that one, where there is one; 'nearest': from the nearer one.",
                         choices=("both", "before", "after", "nearest"), flag="sides")
    ranges: str = setting("", "Ranges of keys", "Which frames a key may reach, one line each: '45: 30-60'. Open ends are allowed, "
                          "ranges may overlap; a key without a line reaches to its neighbours.", lines=True, flag="key-ranges")
    curve: str = setting("smooth", "Cross-fade", "How the share of the next key grows between two keys.",
                         choices=("smooth", "linear", "steep"), flag="cross-fade")
    per_key: bool = setting(False, "A folder per key", "Keep also what each key alone made, in folders 'key-000045', for mixing in "
                            "an editor.", flag="per-key")
    elsewhere: str = setting("", "Frames made by EbSynth", "A folder with what EbSynth has made from each key, 'out-00000' and so "
                             "on: it is joined instead of making the frames here.", path=True, flag="ebsynth-output")
    device: str = setting(CPU, "Calculated on", "'cpu', or a graphics card by torch: 'cuda' (ROCm too) or 'mps'.", choices=DEVICES,
                          flag="device")
    threads: int = setting(0, "Threads", "Frames made at the same time; 0: one per processor. More need more memory.", minimum=0,
                           maximum=64, flag="threads")


def run(stream: Stream, settings: PropagateSettings, job: Job) -> Stream:
    """Yield every frame with a picture: keys as they were painted, the others made from their keys.

    A key that could not be painted is made from its neighbours like the frames around it. Without any key in its shot a
    frame is listed in `job.failed`.
    """
    workers = settings.threads or os.cpu_count() or 1
    with (job.store(FOLDER, alpha=True) as store, MaskSource(job.recipe["paint"].mask) as masks,
          ThreadPoolExecutor(workers, thread_name_prefix="vidstyl-propagate") as pool):
        elsewhere = Elsewhere(Path(settings.elsewhere)) if settings.elsewhere else None
        patches = settings.method == "patches" and not elsewhere
        shares = Shares(sides=settings.sides, curve=settings.curve, reach=settings.ranges)
        tweener = Tweener(job, pool, workers, shares, engine=synth.usual(settings.device) if patches else None, elsewhere=elsewhere,
                          per_key=settings.per_key)
        if patches:
            yield from _warmed_up(job, pool)
        for item in spans(stream):
            if isinstance(item, Progress):
                yield item
                continue
            yield from _failed_keys(item, job)
            yield from _carried(replace(item, masks=_planes(item, masks)), job, store, tweener)
            del item  # or this span's pictures would be held while those of the next one come in


def _warmed_up(job: Job, pool: Executor) -> Stream:
    """Make the synthesis ready; what the user should know of it is said before it takes its time."""
    said: SimpleQueue[str] = SimpleQueue()
    ready = pool.submit(synth.warm_up, said.put)
    while not (ready.done() and said.empty()):
        with suppress(Empty):
            yield from job.notice(said.get(timeout=0.05))
    ready.result()


def _carried(span: Span, job: Job, store: Store, tweener: Tweener) -> Iterator[Frame]:
    for frame in _filled(span, job, store, tweener):
        yield _masked(frame, span)


def _planes(span: Span, masks: MaskSource) -> dict[int, Plane]:
    """The masks of the span's frames at the size of their pictures, read in order; none where there is no mask."""
    found = {frame.index: masks.plane(frame.picture, frame.picture.image.shape[1::-1]) for frame in span.frames}
    return {index: plane for index, plane in found.items() if plane is not None}


def _filled(span: Span, job: Job, store: Store, tweener: Tweener) -> Iterator[Frame]:
    """The span's frames in order, from the store or made."""
    if not span.keys:
        yield from _hopeless(span, job)
        return
    origin = _origin(span, tweener) if store.keeps and span.between else ("", "")
    missing = [frame for frame in span.between if not store.has(frame.index, *origin)]
    lacking = {frame.index for frame in missing}
    made, began = tweener.made(span, missing), time.monotonic()
    for frame in span.between:
        job.check()
        image = None if frame.index in lacking else store.get(frame.index, *origin)
        if image is None:
            fresh = next(made)
            image = fresh.image
            _keep(store, frame.index, fresh, origin, time.monotonic() - began)
            _keep_sides(job, frame.index, fresh, origin)
            began = time.monotonic()
        colours, alpha = split(image)
        yield replace(frame, image=colours, alpha=alpha, problem="")
    if span.after is not None:
        yield span.after


def _keep(store: Store, index: int, made: Made, origin: tuple[str, str], seconds: float) -> None:
    inputs, settings = origin
    store.put(index, made.image, inputs=inputs, settings=settings, seconds=seconds, confidence=round(made.confidence, 4),
              keys=list(made.keys))


def _keep_sides(job: Job, index: int, made: Made, origin: tuple[str, str]) -> None:
    """Write what each key alone made into its own folder."""
    inputs, settings = origin
    for key, image in made.sides.items():
        with job.store(f"key-{key:06d}", alpha=True) as side:
            side.put(index, image, inputs=inputs, settings=settings, seconds=0.0)


def _origin(span: Span, tweener: Tweener) -> tuple[str, str]:
    """(hash of all that the span is made from, hash of how): the motion runs through every frame, so all of them count."""
    pictures: list[Image] = [frame.picture.image for frame in span.frames]
    painted = [joined(key.image, key.alpha) for key in span.keys if key.image is not None]
    places = [[frame.index for frame in span.frames], [key.index for key in span.keys]]
    planes = span.masks.values()
    return digest(places, *(image.data for image in (*pictures, *painted, *planes))), digest(VERSION, tweener.facts(span))


def _failed_keys(span: Span, job: Job) -> Stream:
    for frame in span.between:
        problem = job.failed.pop(frame.index, "") if frame.to_paint and span.keys else ""
        if problem:
            yield from job.notice(f"Key {frame.index} could not be painted ({problem}); it is made from its neighbours.")


def _hopeless(span: Span, job: Job) -> Iterator[Frame]:
    for frame in span.between:
        problem = job.failed.setdefault(frame.index, "there is no key in its shot to make it from")
        yield replace(frame, problem=problem)


def _masked(frame: Frame, span: Span) -> Frame:
    """Outside of the mask a frame made from keys shows the source; a key was masked when it was painted."""
    mask = span.masks.get(frame.index)
    if mask is None or frame.image is None or frame is span.after:
        return frame
    image, alpha = split(within(mask, joined(frame.image, frame.alpha), frame.picture.image))
    return replace(frame, image=image, alpha=alpha)


STAGE = Stage("propagate", PropagateSettings, run, on=False, shows=True)
