"""Where to paint: a mask for every frame, from one picture, a video, a folder, or the clip's own alpha."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from lib_vidstyl.clip import InStep, resized
from lib_vidstyl.clip.model import Image, Picture, Plane
from lib_vidstyl.errors import ClipError

ALPHA = "alpha"


class MaskSource:
    """Gives each frame its mask. A context manager over the mask's clip; reads it forward, in step with the frames.

    source: "" (no mask), "alpha", or a path. A clip of one picture serves for all frames.
    """

    def __init__(self, source: str) -> None:
        self.source = source
        self._clip = None if source in ("", ALPHA) else InStep(Path(source), what="mask")

    def __enter__(self) -> MaskSource:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._clip:
            self._clip.__exit__(*exc)

    def plane(self, picture: Picture, size: tuple[int, int]) -> Plane | None:
        """The mask for a frame at (width, height): (H, W) uint8, 255 = paint; None = paint everywhere.

        Raises ClipError if the mask's clip has no picture for this frame, or the clip no alpha.
        """
        if not self.source:
            return None
        mask = _grey(self._clip.at(picture.index)) if self._clip else picture.alpha
        if mask is None:
            raise ClipError("the mask should be the clip's alpha, but the clip has none", where=f"frame {picture.index}",
                            remedy="Give a picture, a video or a folder as mask.")
        return mask if mask.shape[::-1] == size else resized(mask, size)


def within(mask: Plane, painted: Image, source: Image) -> Image:
    """The painted picture inside the mask, the source outside, uint8 at the painted picture's size.

    painted: (H, W, 3), or (H, W, 4) with alpha; the source covers all, so that the result is transparent inside the mask alone.
    """
    size = (painted.shape[1], painted.shape[0])
    share = resized(mask, size)[..., None].astype(np.float32) / 255
    source = resized(source, size)
    if painted.shape[2] == 3:
        return np.rint(share * painted + (1 - share) * source).astype(np.uint8)
    drawn = share * painted[..., 3:] / 255
    cover = drawn + (1 - share)
    colours = (drawn * painted[..., :3] + (1 - share) * source) / np.maximum(cover, 1e-3)
    return np.rint(np.dstack([np.minimum(colours, 255), 255 * cover])).astype(np.uint8)


def _grey(picture: Picture) -> Plane:
    """What a mask picture means: its alpha, where it has one, else its brightness."""
    if picture.alpha is not None and picture.alpha.min() < 255:
        return picture.alpha
    return cv2.cvtColor(picture.image, cv2.COLOR_RGB2GRAY)
