"""Pictures that may have an alpha of their own: three channels or four, taken apart and put together."""

from __future__ import annotations

import numpy as np

from lib_vidstyl.clip.model import Image, Plane

FULL = 255


def split(picture: Image) -> tuple[Image, Plane | None]:
    """(H, W, 3 or 4) uint8 as (H, W, 3) RGB, and (H, W) alpha or None."""
    if picture.shape[2] == 3:
        return picture, None
    return np.ascontiguousarray(picture[..., :3]), np.ascontiguousarray(picture[..., 3])


def joined(image: Image, alpha: Plane | None) -> Image:
    """(H, W, 4) of a picture and its alpha; (H, W, 3) where there is none, or nothing of it is transparent."""
    return image if alpha is None or alpha.min() == FULL else np.dstack([image, alpha])


def opaque(picture: Image) -> Image:
    """(H, W, 4) of a picture with or without alpha."""
    return picture if picture.shape[2] == 4 else np.dstack([picture, np.full(picture.shape[:2], FULL, np.uint8)])


def over_black(image: Image, alpha: Plane) -> Image:
    """What is seen of (H, W, 3) RGB with (H, W) alpha before black."""
    return ((image.astype(np.uint16) * alpha[..., None] + FULL // 2) // FULL).astype(np.uint8)
