"""Flicker taken out of one stylised frame with the help of the frames around it.

After Bonneel et al. 2015 (blind consistency, guided by the source) and Lang et al. 2012 (filtering along motion paths), in
one pass and without a solver:

1. The frames of a window are brought into place along the source's flow; each pixel's weight says whether the source
   confirms it (`alignment.weight`). Their mean is free of flicker, and soft where the alignment is not exact.
2. What the frame differs from that mean is flicker, unless the source differs from its own mean, taken with the same weights
   and flows, in the same way: that part (local regression; He et al. 2013, guided filter) is detail or light of this frame.
   `keep_detail` says how much of it comes back, and, above one half, how much of the finest detail whatever the source says.
3. What is still softer than the source became by the same treatment is sharpened to the same energy, locally.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.temporal.alignment import Image, Moment, neighbours, weight

Values = NDArray[np.float32]
VERSION = 1
"""Raised whenever pixels change, so that stored frames are made again."""
FINE = 1.0
"""Standard deviation, pixels, of the blur that separates the finest detail."""
REGRESSION = 4
"""Radius, pixels, within which stylised and source detail are compared."""
REGRESSION_FLOOR = 4.0
"""Squared levels of source detail that count as none."""
ENERGY = 12
"""Radius, pixels, within which the energy of the finest detail is taken."""
MOST_GAIN = 2.0
LEVEL = 16.0
"""Energy of the Laplacian that counts as none, squared levels."""
RESTORED = 1.2
"""Exponent of the sharpening: a little more than the source lost, for stylised frames fit each other less well than it does."""


def steadied(window: Sequence[Moment], at: int, *, strength: float = 1.0, keep_detail: float = 0.25) -> Image:
    """Frame `at` of the window without flicker, (H, W, 3) uint8.

    window: frames in order, the one in question with its neighbours. strength: 0 leaves the frame as it is, 1 takes out all
    that the neighbours show to be flicker. keep_detail: 0 smooth and steady, 1 every frame's own finest detail.
    """
    moment = window[at]
    if strength == 0 or len(window) == 1:
        return moment.styled.copy()
    mean, source_mean = averaged(window, at)
    styled, source = moment.styled.astype(np.float32), moment.source_grey.astype(np.float32)
    lost = source - source_mean
    result = mean + keep_detail * explained(styled - mean, lost)
    reference = source_mean + keep_detail * lost
    own = max(0.0, 2 * keep_detail - 1)
    if own:
        result += own * fine(styled - result)
        reference += own * fine(source - reference)
    detail = fine(result)
    result += (sharpening(source, reference) - 1)[..., None] * detail
    if strength < 1:
        result = styled + strength * (result - styled)
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def averaged(window: Sequence[Moment], at: int) -> tuple[Values, Values]:
    """Weighted means along the motion: of the stylised frames, (H, W, 3), and of the sources' brightness, (H, W)."""
    moment = window[at]
    here = _smooth(moment.source_grey)
    total = _layers(moment).astype(np.float32)
    weights = np.ones(here.shape, np.float32)
    for other, place in neighbours(window, at):
        moved = cv2.remap(_layers(other), place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        share = weight(here, _smooth(np.ascontiguousarray(moved[..., 3])), place)
        total += cv2.multiply(moved, cv2.merge([share] * 4), dtype=cv2.CV_32F)
        weights += share
    total /= weights[..., None]
    return np.ascontiguousarray(total[..., :3]), np.ascontiguousarray(total[..., 3])


def explained(change: Values, cause: Values) -> Values:
    """The part of `change` (H, W, 3) that goes along with `cause` (H, W) in a small neighbourhood: slope times cause."""
    spread = _box(cause * cause, REGRESSION) + np.float32(REGRESSION_FLOOR)
    slope = _box(change * cause[..., None], REGRESSION) / spread[..., None]
    return slope * cause[..., None]


def sharpening(whole: Values, softened: Values) -> Values:
    """(H, W) gain, 1 to MOST_GAIN, that gives `softened` (H, W) the local sharpness of `whole`: the Laplacian's energy."""
    before, after = (_box(np.square(cv2.Laplacian(picture, cv2.CV_32F)), ENERGY) for picture in (whole, softened))
    return np.clip(np.power((before + LEVEL) / (after + LEVEL), RESTORED / 2), 1, MOST_GAIN)


def fine(picture: Values) -> Values:
    """The finest detail of a picture."""
    return picture - cv2.GaussianBlur(picture, (0, 0), FINE)


def _layers(moment: Moment) -> Image:
    """(H, W, 4) uint8: the stylised colours and the source's brightness, to be moved together."""
    return np.dstack([moment.styled, moment.source_grey])


def _smooth(plane: Image) -> Image:
    return cv2.GaussianBlur(plane, (5, 5), FINE)


def _box(values: Values, radius: int) -> Values:
    return cv2.blur(values, (2 * radius + 1, 2 * radius + 1))
