"""How steady a film is, and what a filter has done to it, in numbers. Frames are (H, W, 3) uint8 RGB of one size."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.flow import dense, grey
from lib_vidstyl.motion.warp import Flow, inside, warp

Image = NDArray[np.uint8]
Mask = NDArray[np.bool_]
FlowFunction = Callable[[Image, Image], Flow]


def unseen_flow(a: Image, b: Image) -> Flow:
    """Flow a -> b by Farneback 2003, (H, W, 2) float32: no method here uses it, so that it may judge them."""
    return cv2.calcOpticalFlowFarneback(grey(a), grey(b), np.zeros((*a.shape[:2], 2), np.float32), 0.5, 5, 21, 5, 7, 1.5,
                                        cv2.OPTFLOW_FARNEBACK_GAUSSIAN)


@dataclass(frozen=True)
class Step:
    """The source's motion from one frame to the next, and where both show the same."""

    flow: Flow
    mask: Mask

    @classmethod
    def of(cls, a: Image, b: Image, flow: FlowFunction = dense) -> Step:
        """Measured between two source frames. flow: who finds the motion a -> b."""
        forward = flow(a, b)
        return cls(forward, unoccluded(forward, flow(b, a)))

    def error(self, now: Image, after: Image) -> float:
        """Sum M |O_t - warp(O_t+1)|^2 / sum M, values in 0..1, mean over the channels; nan where nothing is visible.

        The warping error of Lai et al., ECCV 2018, section 4.2, of one step.
        """
        if not self.mask.any():
            return float("nan")
        off = np.square(warp(after, self.flow).astype(np.float32) - now).mean(-1)
        return float(off[self.mask].mean()) / 255**2


def unoccluded(forward: Flow, backward: Flow) -> Mask:
    """(H, W) bool: pixels of a that are seen in b and lie on no motion edge (Ruder et al. 2016, section 4.3; used by Lai 2018)."""
    back = warp(backward, forward)
    lost = _square(forward + back) > 0.01 * (_square(forward) + _square(back)) + 0.5
    slope = sum(_square(cv2.Sobel(forward, cv2.CV_32F, *way) / 8) for way in ((1, 0), (0, 1)))
    return inside(forward) & ~lost & (slope <= 0.01 * _square(forward) + 0.002)


def dt(result: float, processed: float) -> float:
    """1 - E_warp(result) / E_warp(processed), from the means of `Step.error` (TDMS-Net 2020, table 1): 1 perfectly steady."""
    return 1 - result / processed


def psnr(result: Image, truth: Image) -> float:
    """Peak signal to noise ratio in dB: fidelity where a truth exists."""
    return float(10 * np.log10(255**2 / max(float(np.square(result.astype(np.float32) - truth).mean()), 1e-6)))


def ssim(result: Image, processed: Image) -> float:
    """Structural similarity of the brightness (Wang et al. 2004: Gaussian window of 11 pixels, deviation 1.5): still the look?"""
    a, b = (grey(picture).astype(np.float64) for picture in (result, processed))
    mean_a, mean_b = _window(a), _window(b)
    var_a, var_b = _window(a * a) - mean_a**2, _window(b * b) - mean_b**2
    both = _window(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    share = ((2 * mean_a * mean_b + c1) * (2 * both + c2)) / ((mean_a**2 + mean_b**2 + c1) * (var_a + var_b + c2))
    return float(share[5:-5, 5:-5].mean())


def sharpness(result: Image, processed: Image) -> float:
    """Variance of the Laplacian over that of the processed frame: below 1 softer, above 1 noisier."""
    energy = [float(cv2.Laplacian(grey(picture).astype(np.float32), cv2.CV_32F).var()) for picture in (result, processed)]
    return energy[0] / max(energy[1], 1e-9)


def static(a: Image, b: Image) -> Mask:
    """(H, W) bool: where nothing moves from source frame a to b: the 7x7 mean difference stays below 1.5 levels."""
    change = cv2.blur(cv2.absdiff(grey(a), grey(b)).astype(np.float32), (7, 7))
    return cv2.erode((change < 1.5).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0


def flicker(now: Image, after: Image, still: Mask) -> float:
    """Mean |O_t+1 - O_t| in levels of 255 where the source is static; nan where less than 0.1 % of it is."""
    if still.mean() < 0.001:
        return float("nan")
    return float(cv2.absdiff(now, after)[still].mean())


def _square(flow: Flow) -> NDArray[np.float32]:
    return np.square(flow).sum(-1)


def _window(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return cv2.GaussianBlur(values, (11, 11), 1.5, borderType=cv2.BORDER_REFLECT)
