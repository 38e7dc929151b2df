"""The demo's clip: a photograph that ships with scikit-image, cut into two layers and put into motion, with true occlusion.

The motion is given in closed form, so that the clip is its own ground truth.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.clip.model import Image

COUNT = 48
Map = NDArray[Any]


def demo_frames(count: int = COUNT) -> Iterator[Image]:
    """Frames (512, 512, 3) uint8 RGB: the astronaut sways and breathes before a wall that drifts the other way."""
    front, back, matte = _layers()
    for index in range(count):
        share = cv2.remap(matte, _front_map(index, count), None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)[..., None]
        near = cv2.remap(front, _front_map(index, count), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        far = cv2.remap(back, _back_map(index, count), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101)
        yield np.rint(np.clip(share * near + (1 - share) * far, 0, 255)).astype(np.uint8)


def _front_map(index: int, count: int) -> Map:
    """Where each pixel of the moved person comes from: a sway, a nod about the waist, and breath; zero at frame 0."""
    x, y = _home()
    turn = 2 * np.pi * index / count
    angle = np.float32(np.deg2rad(2.4 * np.sin(turn)))
    dx, dy = x - 240 - 9 * np.float32(np.sin(turn)), y - 560
    size = 1 + 0.012 * np.float32(1 - np.cos(2 * turn))
    u = (np.cos(angle) * dx + np.sin(angle) * dy) / size + 240
    v = (np.cos(angle) * dy - np.sin(angle) * dx) / size + 560
    return np.dstack([u, v]).astype(np.float32)


def _back_map(index: int, count: int) -> Map:
    """Where each pixel of the wall comes from: a slow drift of the camera, and a slight zoom that hides the border."""
    x, y = _home()
    turn = 2 * np.pi * index / count
    zoom = 1.05
    u = (x - 256) / zoom + 256 + 7 * np.float32(np.sin(turn))
    v = (y - 256) / zoom + 256 + 3 * np.float32(1 - np.cos(turn))
    return np.dstack([u, v]).astype(np.float32)


def _home() -> tuple[Map, Map]:
    y, x = np.mgrid[0:512, 0:512].astype(np.float32)
    return x, y


@lru_cache(maxsize=1)
def _layers() -> tuple[Map, Map, Map]:
    """(person, wall behind it, matte): (512, 512, 3) float32 0-255 twice, (512, 512) float32 0-1."""
    from skimage import data  # bundled with the package; nothing is downloaded

    picture = np.ascontiguousarray(data.astronaut())
    person = _person(picture)
    matte = cv2.GaussianBlur(cv2.erode(person, np.ones((3, 3), np.uint8)).astype(np.float32), (0, 0), 1.0)
    hole = cv2.dilate(person, np.ones((15, 15), np.uint8))
    return picture.astype(np.float32), _filled(picture, hole), matte


def _person(picture: Image) -> NDArray[np.uint8]:
    """(512, 512) uint8, 1 on the astronaut and her helmet: a rough outline, made exact by GrabCut (Rother et al. 2004)."""
    sketch = np.full((512, 512), cv2.GC_BGD, np.uint8)
    outline = np.array([[20, 511], [20, 330], [60, 245], [115, 205], [120, 150], [140, 60], [185, 5], [265, 5], [305, 60],
                        [310, 170], [400, 240], [425, 290], [511, 290], [511, 511]], np.int32)
    cv2.fillPoly(sketch, [outline], cv2.GC_PR_FGD)
    for centre, axes in (((222, 75), (48, 55)), ((210, 225), (60, 45)), ((180, 400), (120, 110)), ((420, 430), (90, 80))):
        cv2.ellipse(sketch, centre, axes, 0, 0, 360, cv2.GC_FGD, -1)
    cv2.setRNGSeed(1)
    state = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.grabCut(picture[..., ::-1].copy(), sketch, None, *state, 4, cv2.GC_INIT_WITH_MASK)
    found = np.isin(sketch, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.uint8)
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, parts, facts, _ = cv2.connectedComponentsWithStats(found)
    return (parts == 1 + int(np.argmax(facts[1:, cv2.CC_STAT_AREA]))).astype(np.uint8)


def _filled(picture: Image, hole: NDArray[np.uint8]) -> Map:
    """The wall with the person taken out: blurred in from around, coarse to fine, with the wall's own grain."""
    values, weight = picture.astype(np.float32), (1 - hole).astype(np.float32)
    result, known = values.copy(), weight.copy()
    for sigma in (4, 8, 16, 32, 64, 128):
        share = cv2.GaussianBlur(weight, (0, 0), sigma)
        mean = cv2.GaussianBlur(values * weight[..., None], (0, 0), sigma) / np.maximum(share, 1e-6)[..., None]
        fresh = (known < 0.5) & (share > 0.08)
        result[fresh] = mean[fresh]
        known[fresh] = 1
    soft = cv2.GaussianBlur(result, (0, 0), 5)
    inside = cv2.GaussianBlur(hole.astype(np.float32), (0, 0), 3)[..., None]
    return result * (1 - inside) + soft * inside
