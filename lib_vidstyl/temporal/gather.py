"""The pictures around a frame added up along the motion: by compiled loops where numba is installed, else by OpenCV."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from lib_vidstyl.compiling import CPU, available, check_device
from lib_vidstyl.temporal.step import FAR, HUE_NOISE, NOISE, STEPS, Image, Layers, Path, Step, Stored, Sum, Values


def plain(path: Path, leg: Stored, there: Layers, here: Layers, into: Sum) -> None:
    """A Step by OpenCV and numpy."""
    moved_on = cv2.remap(leg.astype(np.float32), path.place, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    path.place = path.place + moved_on * np.float32(1 / STEPS)
    moved = cv2.remap(there.picture, path.place, None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    nearest = np.floor(path.place + np.float32(0.5))  # good enough: hues are smooth
    hue = cv2.remap(there.hue, nearest, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REPLICATE)
    light = _off(here.picture[..., 3], moved[..., 3], NOISE)
    off = light + _off(here.hue[..., 0], hue[..., 0], HUE_NOISE) + _off(here.hue[..., 1], hue[..., 1], HUE_NOISE)
    share = cv2.exp(-off)
    x, y = path.place[..., 0], path.place[..., 1]
    height, width = off.shape
    share[(x < 0) | (y < 0) | (x > width - 1) | (y > height - 1) | (off >= FAR)] = 0
    into.total += cv2.multiply(moved[..., :3], cv2.merge([share] * 3), dtype=cv2.CV_32F)
    into.weights += share


def _off(a: Image, b: Image, noise: float) -> Values:
    """The squared difference of two planes in units of what is usual."""
    off = cv2.absdiff(np.ascontiguousarray(a), np.ascontiguousarray(b)).astype(np.float32)
    return np.square(off * np.float32(1 / noise))


def compiled(path: Path, leg: Stored, there: Layers, here: Layers, into: Sum) -> None:
    """A Step by numba's loops."""
    from lib_vidstyl.temporal import kernels

    kernels.gather(path.place, leg, np.float32(1 / STEPS), *there, *here, np.float32(1 / NOISE), np.float32(1 / HUE_NOISE),
                   np.float32(FAR), into.total, into.weights, kernels.TAPS, kernels.WIDE)


@lru_cache(maxsize=2)
def usual(device: str = CPU) -> Step:
    """The fastest Step of this machine's processor, or of another device, as torch names it. Raises SettingsError without it."""
    if device != CPU:
        check_device(device)
        from lib_vidstyl.temporal.torch_gather import TorchStep

        return TorchStep(device)
    return compiled if available() else plain
