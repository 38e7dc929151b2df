"""Where the pixels of a frame are in a key: the motion followed from frame to frame, and kept."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.cache import Cache
from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.hashes import digest
from lib_vidstyl.motion.flow import flow_size
from lib_vidstyl.motion.follow import Link, finished, followed, step, trust
from lib_vidstyl.motion.packing import packed, unpacked
from lib_vidstyl.motion.warp import Flow
from lib_vidstyl.stages.base import Frame, Job

VERSION = 2
"""Raised whenever the flow changes, so that none kept from before is taken."""


class Traced(NamedTuple):
    """Where a frame's pixels are in a key: packed flow at `size` (width, height), and its confidence in 255ths."""

    flow: NDArray[np.int16]
    trust: NDArray[np.uint8]
    size: tuple[int, int]

    def to_key(self, frame: Image, key: Image) -> Flow:
        """The flow frame -> key, finished in their pictures, (H, W, 3) uint8; see `follow.finished` for its size."""
        return finished(frame, key, unpacked(self.flow, self.size))

    def sure(self, size: tuple[int, int]) -> NDArray[np.float32]:
        """The confidence, 0 to 1, at a picture size (width, height)."""
        return resized(self.trust, size).astype(np.float32) / np.float32(255)


class Links:
    """Flow between neighbouring frames of a span, computed once for both directions and kept for later runs."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self._small: dict[int, Image] = {}
        self._own: dict[tuple[int, int], NDArray[np.int16]] = {}
        self._locks: dict[tuple[int, int], threading.Lock] = {}
        self._guard = threading.Lock()

    def small(self, frame: Frame) -> Image:
        """The frame's source at the size at which flow is searched."""
        if frame.index not in self._small:
            image = frame.picture.image
            self._small[frame.index] = resized(image, flow_size(image.shape[1], image.shape[0]))
        return self._small[frame.index]

    def between(self, frame: Frame, other: Frame) -> Link:
        """The link frame - other, at the size at which flow is searched."""
        first, second = sorted((frame, other), key=lambda one: one.index)
        pair = first.index, second.index
        with self._guard:
            lock = self._locks.setdefault(pair, threading.Lock())
        with lock:
            if pair not in self._own:
                self._own[pair] = kept_link(self.job.cache, self.small(first), self.small(second))
        height, width = self.small(first).shape[:2]
        link = Link(*(unpacked(way, (width, height)) for way in self._own[pair]))
        return link if frame is first else link.turned()


def kept_link(cache: Cache | None, a: Image, b: Image) -> NDArray[np.int16]:
    """Flow a -> b and b -> a, packed, (2, h, w, 2), taken from the cache where it is known.

    a, b: neighbouring sources at the size at which flow is searched (`flow_size`).
    """
    def compute() -> NDArray[np.int16]:
        return np.stack([packed(way) for way in step(a, b)])

    return compute() if cache is None else cache.computed(["link", VERSION, digest(a.shape, a.data, b.data)], compute)


def trace(key: Frame, frames: Sequence[Frame], targets: set[int], links: Links) -> dict[int, Traced]:
    """Follow a key through frames that move away from it; for each target frame, where its pixels are in the key."""
    home = links.small(key)
    size = (home.shape[1], home.shape[0])
    steps = ((links.small(frame), links.between(frame, before)) for before, frame in pairwise((key, *frames)))
    found: dict[int, Traced] = {}
    for frame, link in zip(frames, followed(home, steps), strict=False):
        links.job.check()
        if frame.index in targets:
            sure = trust(links.small(frame), home, link)
            found[frame.index] = Traced(packed(link.there), np.rint(255 * sure).astype(np.uint8), size)
            if len(found) == len(targets):
                break
    return found
