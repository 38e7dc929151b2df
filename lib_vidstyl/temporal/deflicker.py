"""Flicker taken out of one stylised frame with the help of the frames around it.

After Bonneel et al. 2015 (blind consistency, guided by the source), Lang et al. 2012 (filtering along motion paths) and
Shekhar et al. 2022 (what is steady and what is the frame's own, mixed by the user's will), without a solver:

1. The frames of a window are brought into place along the source's flow; each pixel counts as far as the source confirms it.
   Their mean (`alignment.averaged`) is free of flicker, and soft where stylised texture does not fit from frame to frame.
2. What the frame differs from that mean is flicker. Its smooth part, light and colour, is taken out. Of its fine part, so
   much stays as the eye would miss: the mean and the frame are mixed so that the warping error falls most for the structure
   lost. With f the difference, k the share that stays and s the local contrast, the error is k^2 f^2 and the loss of
   structural similarity (Wang et al. 2004) about (1 - k)^2 f^2 / (2 s + c); their weighed sum is least at
   k = l / (l + 2 s + c), whatever f is. And nowhere may the loss be more than `most_loss`: texture that is another one in
   every frame stays what it is, where a mean would wipe it away.
3. The result gets the local sharpness of the frame: the Laplacian's energy.

`keep_detail` sets l, the loss allowed, and how fully the sharpness comes back.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from lib_vidstyl.temporal.alignment import Image, Moment, averaged
from lib_vidstyl.temporal.step import Step, Values

VERSION = 3
"""Raised whenever pixels change, so that stored frames are made again."""
COARSE = 3.0
"""Standard deviation, pixels, of the blur that separates light and colour from structure."""
WINDOW = 1.5
"""Standard deviation, pixels, of the window in which structure is compared, that of structural similarity."""
FLAT = 58.5
"""Squared levels of contrast below which there is no structure to lose: c of structural similarity."""
HUE = 0.5
"""Share of the kept colour, against the kept brightness: the eye is less keen on it."""
FINE = 1.0
"""Standard deviation, pixels, of the blur that separates the finest detail."""
ENERGY = 12
"""Radius, pixels, within which the energy of the finest detail is taken."""
MOST_GAIN = 2.0
LEVEL = 4.0
"""Energy of the Laplacian that counts as none, squared levels."""


def steadied(window: Sequence[Moment], at: int, *, strength: float = 1.0, keep_detail: float = 0.25,
             step: Step | None = None) -> Image:
    """Frame `at` of the window without flicker, (H, W, 3) uint8.

    window: frames in order, the one in question with its neighbours. strength: 0 leaves the frame as it is, 1 takes out all
    that the neighbours show to be flicker. keep_detail: 0 steady and soft, 1 every frame's own detail. step: who adds up
    the neighbours, see `gather`.
    """
    moment = window[at]
    if strength == 0 or len(window) == 1:
        return moment.styled.copy()
    styled, mean = moment.styled.astype(np.float32), averaged(window, at, step)
    result = mixed(styled, mean, keep_detail)
    result += (sharpening(brightness(styled), brightness(result), keep_detail) - 1)[..., None] * fine(result)
    if strength < 1:
        result = styled + strength * (result - styled)
    return np.clip(np.rint(result), 0, 255).astype(np.uint8)


def mixed(styled: Values, mean: Values, keep_detail: float) -> Values:
    """The mean with the share of the frame's own structure that keeps it recognisable, (H, W, 3) float32."""
    structure = styled - mean
    structure -= coarse(structure)
    own = brightness(structure)
    share = kept(brightness(styled), own, keep_detail)
    own *= (1 - HUE) * share
    return mean + (HUE * share)[..., None] * structure + own[..., None]


def kept(picture: Values, change: Values, keep_detail: float) -> Values:
    """(H, W), 0 to 1: the share of `change` that stays in a picture of this brightness, both (H, W) float32."""
    mean = _local(picture)
    room = 2 * np.maximum(_local(picture * picture) - mean * mean, 0) + np.float32(FLAT)
    weight = 400 * keep_detail**1.5
    share = np.float32(weight) / (np.float32(weight) + room)
    most_loss = 0.012 * keep_detail ** (-2 / 3) if keep_detail > 0 else np.inf
    if most_loss < 1:
        energy = _local(change * change) + np.float32(1e-3)
        share = np.maximum(share, 1 - cv2.sqrt(np.float32(most_loss) * room / energy))
    return share


def sharpening(whole: Values, softened: Values, keep_detail: float = 0.25) -> Values:
    """(H, W) gain, 1 to MOST_GAIN, of the finest detail that gives `softened` (H, W) the local sharpness of `whole`.

    Sharpness is the Laplacian's energy, of which the finest detail is but a part: where much is missing, the gain has to be
    higher than the root of the ratio. The exponents were found by trial.
    """
    before, after = (_energy(picture) + np.float32(LEVEL) for picture in (whole, softened))
    gain = np.clip(cv2.sqrt(before / after), 1, MOST_GAIN)
    power = np.float32(0.72 + 0.53 * keep_detail) + np.float32(0.85 * (1 - keep_detail)) * (gain - 1)
    return np.minimum(np.exp(np.log(gain) * power), MOST_GAIN)


def fine(picture: Values) -> Values:
    """The finest detail of a picture."""
    return picture - cv2.GaussianBlur(picture, (0, 0), FINE)


def coarse(picture: Values) -> Values:
    """The smooth part of a picture."""
    return cv2.GaussianBlur(picture, (0, 0), COARSE)


def brightness(picture: Values) -> Values:
    """(H, W) float32 of (H, W, 3)."""
    return cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def _energy(picture: Values) -> Values:
    edges = cv2.Laplacian(picture, cv2.CV_32F)
    return cv2.blur(edges * edges, (2 * ENERGY + 1, 2 * ENERGY + 1))


def _local(values: Values) -> Values:
    return cv2.GaussianBlur(values, (0, 0), WINDOW)
