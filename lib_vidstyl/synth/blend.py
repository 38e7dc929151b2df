"""Two versions of a frame, made from the key before and from the key after it, joined into one."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth.detail import restored, solid
from lib_vidstyl.synth.guides import Image
from lib_vidstyl.synth.key import detail_of
from lib_vidstyl.synth.poisson import divergence, screened
from lib_vidstyl.synth.synthesis import Synthesis

Map = NDArray[np.float32]
COARSE = 4
"""The joint's correction is smooth: it is computed at a fourth of the size."""
SOFT = 0.012
"""Half the width of the seam, in shares of the picture's diagonal."""
DECISIVE = 0.7
"""How much a ratio of the errors of e counts beside the share: at 0 all pixels cross-fade alike."""
SLOPE = 4.0
"""How quickly a pixel goes over from one side to the other."""
REACH = 0.1
"""Over this share of the diagonal colours go over into those of the plain cross-fade."""


def join(a: Synthesis, b: Synthesis, *, share: float, soft: float = SOFT, reach: float = REACH) -> Image:
    """One picture of two versions of a frame.

    share: 0 gives exactly a's picture, 1 exactly b's; in between every pixel is taken from the side whose guides fit
    better, the more so the nearer that side's key. Gradients come from the chosen side, colours at large from the
    cross-fade of both (Perez et al., "Poisson image editing", SIGGRAPH 2003, screened), so that neither the seam nor the
    change of key shows. Pictures (H, W, 3 or 4) uint8 of one size. Raises ValueError if they differ in size or alpha.
    """
    if a.image.shape != b.image.shape:
        raise ValueError(f"pictures of {a.image.shape} and {b.image.shape} cannot be joined")
    if share <= 0 or share >= 1:
        return (a if share <= 0 else b).image.copy()
    diagonal = float(np.hypot(*a.image.shape[:2]))
    chosen, fade = choice(a.error, b.error, share=share, soft=soft * diagonal)
    full = a.image.shape[1::-1]
    difference = cv2.subtract(b.image, a.image, dtype=cv2.CV_32F)
    added = cv2.resize(_correction(difference, chosen, fade, reach * diagonal), full, interpolation=cv2.INTER_LINEAR)
    share_b = cv2.resize(chosen, full, interpolation=cv2.INTER_LINEAR)
    added += share_b[..., None] * difference
    return _crisp(cv2.add(a.image, added, dtype=cv2.CV_8U), a.image, b.image, share_b)


def _crisp(mixed: Image, a: Image, b: Image, share: Map) -> Image:
    """The mix with the fine detail that its sides have: two different drawings averaged are softer than either."""
    wanted = detail_of(a)
    wanted += share * (detail_of(b) - wanted)
    return restored(mixed, wanted, 4 * share * (1 - share) * solid(mixed))


def choice(error_a: Map, error_b: Map, *, share: float, soft: float) -> tuple[Map, Map]:
    """(chosen, fade), each (H / 4, W / 4) float32, 0 to 1: how far drawing and colours at large come from b.

    error_a, error_b: (H, W) levels. soft: pixels. Where both fit alike, `fade` is the share.
    """
    size = tuple(max(2, -(-side // COARSE)) for side in error_a.shape[::-1])
    small = [cv2.resize(error, size, interpolation=cv2.INTER_AREA) for error in (error_a, error_b)]
    smooth = [cv2.GaussianBlur(error, (0, 0), max(soft / COARSE, 0.5)) + 2 for error in small]
    better, lean = np.log(smooth[0] / smooth[1]), np.log(share / (1 - share))
    least, most = _ramp(share)
    steep = _logistic(SLOPE * (DECISIVE * better + lean))
    return np.float32(least) + np.float32(most - least) * steep, _logistic(2 * DECISIVE * better + lean)


def _logistic(value: Map) -> Map:
    return (1 / (1 + np.exp(-np.clip(value, -40, 40)))).astype(np.float32)


def _ramp(share: float) -> tuple[float, float]:
    """The least and the most that may come from b: close to a key nearly nothing comes from the far one."""
    near = min(1.0, 6 * share)
    far = min(1.0, 6 * (1 - share))
    return 1 - far, near


def _correction(difference: Map, chosen: Map, fade: Map, reach: float) -> Map:
    """What to add to the mix so that its gradients are the chosen sides' and its colours at large those of the cross-fade."""
    gap = cv2.resize(difference, chosen.shape[::-1], interpolation=cv2.INTER_AREA)
    screen = float((COARSE / reach) ** 2)
    return screened(divergence(*_steps(chosen, gap)) + screen * (fade - chosen)[..., None] * gap, screen)


def _steps(mix: Map, gap: Map) -> tuple[Map, Map]:
    """The false gradients that a changing mix makes of the gap between the sides, to the right and down."""
    right, down = np.zeros_like(gap), np.zeros_like(gap)
    right[:, :-1] = (mix[:, 1:] - mix[:, :-1])[..., None] * (gap[:, 1:] + gap[:, :-1]) / 2
    down[:-1] = (mix[1:] - mix[:-1])[..., None] * (gap[1:] + gap[:-1]) / 2
    return right, down
