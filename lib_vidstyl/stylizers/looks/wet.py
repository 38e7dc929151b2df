"""Looks made of areas: watercolour and screen print."""

from __future__ import annotations

import cv2
import numpy as np

from lib_vidstyl.stylizers.looks.canvas import Field, Unit, blurred, noise, paper, places, saturated, smoothed

SHEET = np.array([0.985, 0.975, 0.95], np.float32)
INKS = np.array([[0.0, 0.62, 0.82], [0.87, 0.13, 0.47], [0.98, 0.86, 0.10], [0.13, 0.12, 0.14]], np.float32)
"""Cyan, magenta, yellow and black as a printer's inks look on paper, RGB."""
ANGLES = np.deg2rad([15.0, 75.0, 0.0, 45.0])
"""The trade's screen angles for them, so that the dots make rosettes and no moire."""


def watercolour(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Transparent washes: edges wander and gather pigment, the density flows and settles in the paper's valleys.

    Pigment density d changes a colour C to C - (C - C^2)(d - 1) (Bousseau et al. 2006, section 4).
    """
    shape = picture.shape[:2]
    wet = _wandering(smoothed(picture, unit, rounds=4, colours=0.14), unit, rng)
    wet = saturated(np.clip(wet, 0, 1) ** 0.85, 1.3)
    wet = 0.07 * SHEET + 0.93 * wet
    pooled = blurred(wet, 2.2 * unit) - wet
    rim = np.abs(pooled).sum(-1)
    density = 1 + 0.17 * noise(rng, shape, 22 * unit) + 0.12 * noise(rng, shape, 7 * unit)
    density += 2.2 * np.clip(rim, 0, 0.5) + 0.14 * paper(rng, shape, unit)
    d = np.clip(density, 0.1, 3.0)[..., None] - 1
    painted = np.clip(wet - (wet - wet**2) * d, 0, 1)
    light = np.clip((painted.min(-1, keepdims=True) - 0.86) / 0.14, 0, 1)
    return painted + (SHEET - painted) * light


def screenprint(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Four-colour halftone on cream paper, each screen at its own angle and slightly out of register."""
    base = saturated(smoothed(picture, unit, rounds=1, colours=0.08), 1.25)
    black = np.clip(1 - base.max(-1), 0, 1)
    amounts = np.clip((1 - base - black[..., None]) / np.maximum(1 - black[..., None], 1e-3), 0, 1)
    plates = [*np.moveaxis(amounts, -1, 0), black**1.3]
    result = np.broadcast_to(SHEET, picture.shape).copy()
    for plate, colour, angle in zip(plates, INKS, ANGLES, strict=True):
        shift = rng.normal(0, 0.5 * unit, 2).astype(np.float32)
        dots = _dots(plate, angle, 4.2 * unit, shift)
        result *= 1 - dots[..., None] * (1 - colour)
    return result


def _wandering(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Edges moved a little, as water carries them."""
    shape = picture.shape[:2]
    bent = places(*shape)
    for axis in (0, 1):
        bent[..., axis] += 1.3 * unit * noise(rng, shape, 7 * unit) + 0.5 * unit * noise(rng, shape, 2.5 * unit)
    return cv2.remap(picture, bent, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)


def _dots(plate: Field, angle: float, pitch: float, shift: Field) -> Field:
    """A halftone screen: dots on a turned grid whose area is the plate's amount; soft by about a pixel."""
    at = places(*plate.shape) + shift
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    u, v = (c * at[..., 0] + s * at[..., 1]) / pitch, (c * at[..., 1] - s * at[..., 0]) / pitch
    hill = 0.5 + 0.25 * (np.cos(2 * np.pi * u) + np.cos(2 * np.pi * v))
    soft = max(0.05, 0.55 / pitch)
    return np.clip(0.5 + (plate * 1.06 - 0.03 - (1 - hill)) / (2 * soft), 0, 1)
