"""High dynamic range brought down to what a standard display shows."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

WHITE_NITS = 203.0
"""What standard white becomes in HDR (ITU-R BT.2408), and so what standard white is made from."""
PEAK_NITS = 1000.0
"""The mastering peak that is assumed: HLG's nominal one, and by far the most common for PQ."""

_WIDE_TO_709 = np.array([[1.660491, -0.587641, -0.072850], [-0.124550, 1.132900, -0.008349],
                         [-0.018151, -0.100579, 1.118730]], np.float32)
"""Linear BT.2020 to BT.709 (ITU-R BT.2087)."""
_M1, _M2, _C1, _C2, _C3 = 0.1593017578125, 78.84375, 0.8359375, 18.8515625, 18.6875


def to_standard_range(pixels: NDArray[np.uint16], *, transfer: str, wide: bool) -> NDArray[np.uint8]:
    """HDR pixels (H, W, 3) uint16 in the transfer "pq" or "hlg" as (H, W, 3) uint8 for a standard display.

    wide: whether the primaries are BT.2020's. Light above white is rolled off by the curve of ITU-R BT.2390 (EETF) on
    the largest of R, G and B, which keeps hues.
    """
    light = _light(transfer)[pixels]
    if transfer == "hlg":
        light *= _system_gamma(light)
    if wide:
        light = np.maximum(cv2.transform(light, _WIDE_TO_709), 0)
    light *= _roll_off(light.max(axis=2))[..., None]
    return _display_codes()[np.minimum(light * 4095.0 + 0.5, 4095).astype(np.uint16)]


def pq_to_nits(code: NDArray[Any]) -> NDArray[Any]:
    """SMPTE ST 2084: code values 0 to 1 as light, 0 to 10000 nits."""
    power = np.power(np.clip(code, 0, 1), 1 / _M2)
    return 10000.0 * np.power(np.maximum(power - _C1, 0) / (_C2 - _C3 * power), 1 / _M1)


def nits_to_pq(nits: NDArray[Any]) -> NDArray[Any]:
    """SMPTE ST 2084, the other way."""
    power = np.power(np.maximum(nits, 0) / 10000.0, _M1)
    return np.power((_C1 + _C2 * power) / (1 + _C3 * power), _M2)


def hlg_to_scene(code: NDArray[Any]) -> NDArray[Any]:
    """ITU-R BT.2100 HLG: code values 0 to 1 as scene light, 0 to 1."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    return np.where(code <= 0.5, code * code / 3, (np.exp((code - c) / a) + b) / 12)


@lru_cache(maxsize=2)
def _light(transfer: str) -> NDArray[np.float32]:
    """For every 16-bit code: PQ display light with white = 1; HLG scene light, 0 to 1."""
    code = np.arange(65536) / 65535.0
    light = pq_to_nits(code) / WHITE_NITS if transfer == "pq" else hlg_to_scene(code)
    return light.astype(np.float32)


def _system_gamma(scene: NDArray[np.float32]) -> NDArray[np.float32]:
    """(H, W, 1): what HLG scene light is multiplied by to become display light with white = 1 (BT.2100 OOTF, 1.2)."""
    luminance = scene @ np.array([0.2627, 0.6780, 0.0593], np.float32)
    return np.float32(PEAK_NITS / WHITE_NITS) * np.power(np.maximum(luminance, 1e-6), np.float32(0.2))[..., None]


def _roll_off(light: NDArray[np.float32]) -> NDArray[np.float32]:
    """What light (white = 1) is multiplied by so that PEAK_NITS becomes white and dark and middle tones stay."""
    table = _roll_off_table()
    place = np.sqrt(np.minimum(light * (WHITE_NITS / PEAK_NITS), 1)) * (len(table) - 1)
    mapped = table[(place + 0.5).astype(np.uint16)]
    return np.minimum(mapped, 1 / np.maximum(light, 1e-6))


@lru_cache(maxsize=1)
def _roll_off_table() -> NDArray[np.float32]:
    """BT.2390-11, 5.4.1: Hermite roll-off in PQ, as the factor for light that is (i / (n - 1))^2 of the peak."""
    nits = np.maximum((np.arange(4096) / 4095.0) ** 2 * PEAK_NITS, 1e-4)
    top = nits_to_pq(np.array(PEAK_NITS))
    code, white = nits_to_pq(nits) / top, float(nits_to_pq(np.array(WHITE_NITS)) / top)
    knee = 1.5 * white - 0.5
    t = np.clip((code - knee) / (1 - knee), 0, 1)
    curve = (2 * t**3 - 3 * t**2 + 1) * knee + (t**3 - 2 * t**2 + t) * (1 - knee) + (3 * t**2 - 2 * t**3) * white
    mapped = pq_to_nits(np.where(code < knee, code, curve) * top)
    return (mapped / nits).astype(np.float32)


@lru_cache(maxsize=1)
def _display_codes() -> NDArray[np.uint8]:
    """For 4096 steps of light: the 8-bit code of a display with gamma 2.4 (ITU-R BT.1886)."""
    return (255 * np.power(np.arange(4096) / 4095.0, 1 / 2.4) + 0.5).astype(np.uint8)
