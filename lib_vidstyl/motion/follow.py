"""Where every pixel of a frame is in a key that may be many frames away.

The flows from frame to frame are chained, which carries any distance but drifts; the chain is then the start of a search
in the key itself, which takes the drift out. Both ways are searched, so that each confirms the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.flow import FINAL_PIXELS, SMALLEST, Flow, Image, dense, flow_size, grey
from lib_vidstyl.motion.occlusion import Share, confidence, likeness, visible
from lib_vidstyl.motion.prior import misfit, settled, texturedness
from lib_vidstyl.motion.warp import compose, scaled, warp

REACH = 6
"""Half the side of the window from which doubtful flow is taken anew, in pixels of half the flow's size."""
GAIN = 0.1
"""Levels by which a finished flow must explain a place better than the one before."""
NOISE = 0.15
"""Smaller eigenvalue of the structure tensor, squared levels per pixel, below which a place shows little but noise."""
EDGE = 100.0
"""Squared levels of contrast from which on an edge of the picture may be an edge of the motion."""


class Link(NamedTuple):
    """Flow between two frames, both ways: `there` a -> b, `back` b -> a, each (H, W, 2) float32."""

    there: Flow
    back: Flow

    def turned(self) -> Link:
        """The same from b's side."""
        return Link(self.back, self.there)


def still(height: int, width: int) -> Link:
    """The link of a frame with itself."""
    return Link(np.zeros((height, width, 2), np.float32), np.zeros((height, width, 2), np.float32))


def step(a: Image, b: Image) -> Link:
    """The link between neighbouring frames a and b, (H, W, 3) uint8: flow found at half size, the camera's in flat areas."""
    if min(a.shape[:2]) < 2 * SMALLEST:
        return still(*a.shape[:2])
    size = (a.shape[1], a.shape[0])
    small_a, small_b = halved(a), halved(b)
    there, back = dense(small_a, small_b, effort="half"), dense(small_b, small_a, effort="half")
    sure = settled(small_a, small_b, there, visible(there, back))
    return Link(scaled(sure, size), scaled(settled(small_b, small_a, back, visible(back, there)), size))


def chained(first: Link, second: Link) -> Link:
    """The link a - c from a - b and b - c."""
    return Link(compose(first.there, second.there), compose(second.back, first.back))


def refined(frame: Image, key: Image, start: Link) -> Link:
    """The link of a frame with its key, searched for in the key itself from a chained link on.

    frame, key: (H, W, 3) uint8. Flat areas get the camera's motion, hidden parts that of what is around them and looks alike.
    The way back is found at half size: it only tells what can be seen.
    """
    if min(frame.shape[:2]) < 2 * SMALLEST:
        return start
    small_frame, small_key = halved(frame), halved(key)
    size = (small_frame.shape[1], small_frame.shape[0])
    there = dense(frame, key, start=start.there, effort="fine")
    back = dense(small_key, small_frame, start=scaled(start.back, size), effort="half")
    small_there = scaled(there, size)
    there = settled(frame, key, there, visible(small_there, back))
    back = settled(small_key, small_frame, back, visible(back, small_there))
    there = there + _mended(small_frame, small_key, Link(scaled(there, size), back), (frame.shape[1], frame.shape[0]))
    return Link(there, scaled(back, (frame.shape[1], frame.shape[0])))


def followed(home: Image, steps: Iterable[tuple[Image, Link]]) -> Iterator[Link]:
    """Follow a key through frames that move away from it: the link of each frame with the key, in order.

    home: the key, (H, W, 3) uint8. steps: each frame, and its link with the frame before it (the first one's: with the key).
    What is refined goes into the next chain: drift does not add up.
    """
    link = still(*home.shape[:2])
    for frame, step_back in steps:
        link = refined(frame, home, chained(step_back, link))
        yield link


def finished(frame: Image, key: Image, flow: Flow) -> Flow:
    """The flow frame -> key for pictures of full size, from one that was found at a smaller size: exact to less of a pixel.

    frame, key: (H, W, 3) uint8 of one size. Where it explains the pictures no better than before, what was there stays: flat
    areas keep the camera's motion. Returns (h, w, 2) float32 at the size at which it was searched: not above FINAL_PIXELS.
    """
    size = flow_size(frame.shape[1], frame.shape[0], pixels=FINAL_PIXELS)
    start = scaled(flow, size)
    if min(size) < 2 * SMALLEST:
        return start
    if size != (frame.shape[1], frame.shape[0]):
        frame, key = (cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in (frame, key))
    change = dense(frame, key, start=start, effort="finish") - start
    gain = misfit(frame, key, start, radius=2) - misfit(frame, key, start + change, radius=2)
    take = (gain > GAIN) * np.clip(texturedness(frame) / NOISE - 0.5, 0, 1)
    return start + change * cv2.GaussianBlur(take, (0, 0), 1)[..., None]


def trust(frame: Image, key: Image, link: Link) -> Share:
    """(H, W) float32, 0 to 1: how well the link's flow frame -> key is confirmed (see `occlusion.confidence`)."""
    if min(frame.shape[:2]) < 2 * SMALLEST:
        return np.zeros(frame.shape[:2], np.float32)
    small_frame, small_key = halved(frame), halved(key)
    small = (small_frame.shape[1], small_frame.shape[0])
    sure = confidence(scaled(link.there, small), scaled(link.back, small), small_frame, small_key)
    return cv2.resize(sure, (frame.shape[1], frame.shape[0]), interpolation=cv2.INTER_LINEAR)


def halved(image: Image) -> Image:
    """A picture at half size."""
    size = (max(1, image.shape[1] // 2), max(1, image.shape[0] // 2))
    return cv2.resize(image, size, interpolation=cv2.INTER_AREA)


def _mended(a: Image, b: Image, link: Link, size: tuple[int, int]) -> Flow:
    """What to add to the flow a -> b at another size, so that doubtful parts move like what is around them.

    Only where that explains the pictures as well. a, b: (H, W, 3) uint8; link: their flows, both ways.
    """
    flow = link.there
    reliable = likeness(a, warp(b, flow)) * visible(*link)
    around = _spread(grey(a).astype(np.float32), np.square(reliable) + np.float32(1e-4), flow)
    doubt = 1 - np.clip(cv2.GaussianBlur(reliable, (0, 0), 1) * np.float32(1.6) - np.float32(0.3), 0, 1)
    change = (around - flow) * doubt[..., None]
    take = (misfit(a, b, flow + change, radius=2) <= misfit(a, b, flow, radius=2) + 0.3).astype(np.float32)
    return scaled(change * cv2.GaussianBlur(take, (0, 0), 1)[..., None], size)


def _spread(guide: NDArray[np.float32], weight: NDArray[np.float32], flow: Flow) -> Flow:
    """The flow averaged by weight over REACH pixels, along the guide's edges (guided filter, He et al., ECCV 2010)."""

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return cv2.blur(values, (2 * REACH + 1, 2 * REACH + 1), borderType=cv2.BORDER_REFLECT_101)

    total = mean(weight)
    level = mean(weight * guide) / total
    spread = mean(weight * guide * guide) / total - level * level
    parts = []
    for part in cv2.split(flow):
        average = mean(weight * part) / total
        slope = (mean(weight * guide * part) / total - level * average) / (spread + EDGE)
        parts.append((mean(total * slope) * guide + mean(total * (average - slope * level))) / mean(total))
    return np.dstack(parts).astype(np.float32)
