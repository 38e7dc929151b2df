"""A styled key made ready: its pyramid of guides serves every frame that follows it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth.guides import Image, Planes, bordered, pack, scales, shrunk
from lib_vidstyl.synth.schedule import Level, Weights, levels


@dataclass(frozen=True)
class KeyLevel:
    """A key at one size. planes: see `guides.Planes`; colours, cover: (H + 4, W + 4, 4) uint8, what is voted with.

    colours holds red, green, blue (times alpha, where the key has one) and 255; cover alpha, alpha, alpha and 255, or None.
    """

    level: Level
    planes: Planes
    colours: Image
    cover: Image | None

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) without the border."""
        return self.planes.shape[0] - 4, self.planes.shape[1] - 4


@dataclass(frozen=True)
class Key:
    """A styled key with its source, all at the key's size. styled: (H, W, 3 or 4) uint8, colours times alpha if it has one."""

    styled: Image
    source: Image
    detail: NDArray[np.float32]
    levels: tuple[KeyLevel, ...]
    weights: Weights
    scale: NDArray[np.float32]


def prepare(styled: Image, source: Image, *, mask: Image | None = None, weights: Weights | None = None) -> Key:
    """Make a key ready for `synthesise`.

    styled: (H, W, 3) RGB or (H, W, 4) RGBA uint8, of any size. source: (h, w, 3) uint8, the frame it was painted from, scaled
    to the key's size. mask: (h, w) uint8, parts that should take from like parts only. One key serves many threads.
    """
    weights = weights or Weights()
    size = (styled.shape[1], styled.shape[0])
    source, mask = fitted(source, size), None if mask is None else fitted(mask, size)
    styled, scale = _times_alpha(styled), scales(weights)
    made = tuple(_key_level(level, styled, source, mask, scale) for level in levels(size[1], size[0]))
    return Key(styled, source, detail_of(styled), made, weights, scale)


def fitted(picture: Image, size: tuple[int, int]) -> Image:
    """A picture (H, W[, C]) at another size (width, height)."""
    if (picture.shape[1], picture.shape[0]) == size:
        return picture
    smaller = size[0] * size[1] < picture.shape[0] * picture.shape[1]
    return cv2.resize(picture, size, interpolation=cv2.INTER_AREA if smaller else cv2.INTER_CUBIC)


def detail_of(picture: Image) -> NDArray[np.float32]:
    """(H, W) float32: how much fine detail there is around each pixel, the root mean square of the Laplacian."""
    grey = cv2.cvtColor(np.ascontiguousarray(picture[..., :3]), cv2.COLOR_RGB2GRAY)
    return around(cv2.Laplacian(grey, cv2.CV_32F))


def around(values: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W) float32: root mean square of the values in 9x9 pixels around each."""
    square = cv2.blur(cv2.multiply(values, values), (9, 9))
    return np.sqrt(np.maximum(square, 0))  # running sums end a little below zero


def _times_alpha(styled: Image) -> Image:
    if styled.shape[2] == 3:
        return styled
    alpha = styled[..., 3:].astype(np.uint16)
    return np.dstack([((styled[..., :3] * alpha + 127) // 255).astype(np.uint8), styled[..., 3]])


def _key_level(level: Level, styled: Image, source: Image, mask: Image | None, scale: NDArray[np.float32]) -> KeyLevel:
    small, small_source, small_mask = (shrunk(p, level.factor) for p in (styled, source, mask))
    full = np.full(small.shape[:2], 255, np.uint8)
    cover = bordered(np.dstack([small[..., 3]] * 3 + [full])) if small.shape[2] == 4 else None
    return KeyLevel(level, pack(small, small_source, small_mask, scale), bordered(np.dstack([small[..., :3], full])), cover)
