"""What the looks share: tone, direction of edges, streaks along it, paper. All float32, pictures 0 to 1."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Field = NDArray[Any]
"""float32: (H, W, 3) colours or (H, W) values, 0 to 1; (H, W, 2) directions."""
Unit = float
"""Pixels per stroke unit: 1 for a frame of 512 pixels on the shorter side, times the look's scale."""


def tone(picture: Field) -> Field:
    """Luma of a picture (BT.709 weights), (H, W)."""
    return picture @ np.array([0.2126, 0.7152, 0.0722], np.float32)


def blurred(values: Field, sigma: float) -> Field:
    """Gaussian blur; below a quarter of a pixel nothing happens."""
    return cv2.GaussianBlur(values, (0, 0), sigma) if sigma >= 0.25 else values


def directions(picture: Field, *, inner: float, outer: float) -> tuple[Field, Field]:
    """Unit vectors along the edges (H, W, 2), and how clear the direction is (H, W), 0 to 1.

    The eigenvector of the smoothed structure tensor (Kang et al. 2009, "Flow-based image abstraction", by Brox's
    tensor): inner and outer are the blurs before and after the products, in pixels.
    """
    grey = blurred(tone(picture), inner)
    gx, gy = cv2.Sobel(grey, cv2.CV_32F, 1, 0), cv2.Sobel(grey, cv2.CV_32F, 0, 1)
    xx, xy, yy = (blurred(product, outer) for product in (gx * gx, gx * gy, gy * gy))
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
    spread = np.sqrt((xx - yy) ** 2 + 4 * xy**2)
    return np.dstack([np.cos(angle), np.sin(angle)]), spread / (xx + yy + 1e-5)


def places(height: int, width: int) -> Field:
    """(H, W, 2): each pixel's own x and y."""
    return np.dstack(np.meshgrid(np.arange(width, dtype=np.float32), np.arange(height, dtype=np.float32)))


def streaks(values: Field, along: Field, length: float, *, steps: int = 8) -> Field:
    """Mean of (H, W[, C]) values along a direction field, both ways, `length` pixels in all (line integral convolution)."""
    home, stride = places(*values.shape[:2]), length / (2 * steps)
    total = values.copy()
    for sign in (1.0, -1.0):
        at, step = home.copy(), along * np.float32(sign * stride)
        for _ in range(steps):
            at += step
            total += cv2.remap(values, at, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
            ahead = cv2.remap(along, at, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_REFLECT)
            turned = np.where((ahead * step).sum(-1, keepdims=True) < 0, -1, 1).astype(np.float32)
            step = ahead * turned * np.float32(stride)
    return total / (2 * steps + 1)


def noise(rng: np.random.Generator, shape: tuple[int, int], sigma: float) -> Field:
    """Smooth noise of mean 0 and deviation 1, (H, W); features of about `sigma` pixels, drawn coarse and enlarged."""
    height, width = shape
    step = max(1.0, sigma / 1.5)
    coarse = (max(2, round(height / step) + 1), max(2, round(width / step) + 1))
    values = blurred(rng.standard_normal(coarse, dtype=np.float32), sigma / step)
    values = cv2.resize(values, (width, height), interpolation=cv2.INTER_CUBIC)
    return (values - values.mean()) / max(float(values.std()), 1e-6)


def paper(rng: np.random.Generator, shape: tuple[int, int], unit: Unit) -> Field:
    """Height of rough paper, mean 0, deviation about 1: fibres and grain."""
    return 0.6 * noise(rng, shape, 0.9 * unit) + 0.35 * noise(rng, shape, 2.2 * unit) + 0.25 * noise(rng, shape, 6 * unit)


def smoothed(picture: Field, unit: Unit, *, rounds: int = 2, colours: float = 0.12) -> Field:
    """Flat areas, kept edges: repeated bilateral filtering at half size (Winnemoeller et al. 2006)."""
    height, width = picture.shape[:2]
    half = (max(1, width // 2), max(1, height // 2))
    small = cv2.resize(picture, half, interpolation=cv2.INTER_AREA)
    for _ in range(rounds):
        small = cv2.bilateralFilter(small, 0, colours, max(1.0, 1.6 * unit))
    return cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)


def lines(picture: Field, unit: Unit, *, width: float = 1.0, sharpness: float = 14.0, level: float = 0.0) -> Field:
    """Drawn lines, (H, W): 1 on paper, 0 on ink.

    XDoG (Winnemoeller, Kyprianidis and Olsen 2012) with the difference smoothed along the edges, as flow-based DoG is.
    """
    grey, sigma = tone(picture), 0.9 * width * unit
    along, _ = directions(picture, inner=1.2 * unit, outer=3 * unit)
    difference = blurred(grey, sigma) - 0.98 * blurred(grey, 1.6 * sigma)
    difference = streaks(difference, along, 7 * unit, steps=3) * 20
    return np.where(difference > level, 1.0, 1.0 + np.tanh(sharpness / 4 * (difference - level))).clip(0, 1).astype(np.float32)


def saturated(picture: Field, amount: float) -> Field:
    """Colours moved away from grey by a factor."""
    grey = tone(picture)[..., None]
    return np.clip(grey + (picture - grey) * amount, 0, 1)


def stretched(grey: Field) -> Field:
    """Tone spread over the full range, its darkest and lightest hundredth cut; a flat picture keeps its own tone."""
    low, high = np.percentile(grey, (1, 99))
    low, high = min(float(low), 0.3), max(float(high), 0.7)
    return np.clip((grey - low) / (high - low), 0, 1).astype(np.float32)


def screened(colour: Field, light: Field) -> Field:
    """Multiply colours (H, W, 3) by a plane (H, W)."""
    return np.clip(colour * light[..., None], 0, 1)
