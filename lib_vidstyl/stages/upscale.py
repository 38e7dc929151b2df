"""Upscale: finished frames at the clip's own size, or larger by a factor."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.hashes import digest
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Progress, Stage, Stream
from lib_vidstyl.store import Store
from lib_vidstyl.upscalers import LANCZOS, Upscaler, find

SMALLEST, LARGEST = 1, 16384
"""Pixels of a side."""


@dataclass(frozen=True)
class UpscaleSettings(Settings):
    """Enlarge the painted frames."""

    factor: float = setting(0.0, "Upscale factor", "How many times larger than painted; 0: the clip's own size.", minimum=0.0,
                            maximum=8.0, step=0.25, flag="upscale-factor")
    upscaler: str = setting(LANCZOS, "Upscaler", "Lanczos or, inside the webui, the name of one of its upscalers, as in "
                            "R-ESRGAN 4x+.", flag="upscaler")


def run(stream: Stream, settings: UpscaleSettings, job: Job) -> Stream:
    """Enlarge every frame. Those of a costly upscaler are kept in the project, as painted ones are."""
    upscaler = find(settings.upscaler)
    with job.store("upscaled", keep=upscaler.costly) as store:
        for item in stream:
            if isinstance(item, Progress):
                yield item
                continue
            job.check()
            yield _larger(item, _size(item, settings, job), upscaler, store)


def _size(frame: Frame, settings: UpscaleSettings, job: Job) -> tuple[int, int]:
    if not settings.factor:
        return job.clip.info.width, job.clip.info.height
    image = frame.picture.image if frame.image is None else frame.image
    height, width = image.shape[:2]
    return _side(width * settings.factor), _side(height * settings.factor)


def _side(pixels: float) -> int:
    return max(SMALLEST, min(LARGEST, round(pixels)))


def _larger(frame: Frame, size: tuple[int, int], upscaler: Upscaler, store: Store) -> Frame:
    """The frame at this size; of one that failed the source, which the film may have to show."""
    if frame.image is None:
        return replace(frame, picture=replace(frame.picture, image=resized(frame.picture.image, size)))
    if frame.image.shape[1::-1] == size:
        return frame
    return replace(frame, image=_made(frame.index, frame.image, size, upscaler, store))


def _made(index: int, image: Image, size: tuple[int, int], upscaler: Upscaler, store: Store) -> Image:
    if not store.keeps:
        return resized(upscaler.enlarged(image, size), size)
    inputs, settings = digest(image.shape, image.data), digest(upscaler.name, upscaler.version, size)
    kept = store.get(index, inputs, settings)
    if kept is not None:
        return kept
    began = time.monotonic()
    made = resized(upscaler.enlarged(image, size), size)
    store.put(index, made, inputs=inputs, settings=settings, seconds=time.monotonic() - began)
    return made


STAGE = Stage("upscale", UpscaleSettings, run, on=False, shows=True)
