"""Looks made of lines: pencil, ink, cartoon."""

from __future__ import annotations

import cv2
import numpy as np

from lib_vidstyl.stylizers.looks.canvas import (
    Field,
    Unit,
    directions,
    lines,
    noise,
    paper,
    saturated,
    screened,
    smoothed,
    streaks,
    stretched,
    tone,
)

GRAPHITE = np.array([0.17, 0.17, 0.19], np.float32)
SHEET = np.array([0.965, 0.955, 0.93], np.float32)


def pencil(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Graphite: outlines, and hatching in layers that follow the form, the darker the more; the paper's tooth shows."""
    shape = picture.shape[:2]
    base = smoothed(picture, unit)
    dark = 1 - stretched(tone(base))
    along, clear = directions(base, inner=2 * unit, outer=7 * unit)
    slant = np.broadcast_to(np.array([0.77, -0.64], np.float32), along.shape)
    hatched = np.zeros(shape, np.float32)
    for layer, (start, turn) in enumerate(((0.16, 0.0), (0.45, 0.35), (0.7, 0.9))):
        way = _turned(slant + along * (clear[..., None] * (0.9 if layer else 0.3)) * _sign(slant, along), turn)
        strokes = streaks(noise(rng, shape, 0.75 * unit), way.astype(np.float32), 26 * unit, steps=9)
        strokes /= max(float(strokes.std()), 1e-6)
        want = np.clip((dark - start) / 0.5, 0, 1)
        hatched += np.clip(want * 0.9 + 0.42 * strokes * np.sqrt(want), 0, 1) * 0.42
    shade = np.clip(hatched + 0.16 * dark, 0, 1)
    outline = 1 - lines(picture, unit, width=0.9, level=-0.02)
    tooth = 1 + 0.16 * paper(rng, shape, unit)
    amount = np.clip(np.maximum(shade * tooth, outline * (0.85 + 0.1 * tooth)), 0, 0.97)
    return SHEET + (GRAPHITE - SHEET) * amount[..., None]


def ink(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Pen and wash: flowing black lines over two thin washes of a warm grey and the scene's own colours."""
    shape = picture.shape[:2]
    base = smoothed(picture, unit, rounds=3)
    grey = stretched(tone(base)) + 0.02 * noise(rng, shape, 5 * unit)
    washes = 1 - 0.30 * _step(grey, 0.62, 0.05) - 0.34 * _step(grey, 0.34, 0.04)
    colour = 0.62 * SHEET + 0.38 * saturated(base, 1.5) ** 0.75
    drawn = lines(picture, unit, width=1.1, sharpness=30, level=0.0)
    black = 1 - 0.94 * _step(grey, 0.15, 0.03)
    bleed = 1 + 0.035 * paper(rng, shape, 1.4 * unit)
    return screened(colour, washes * bleed) * np.minimum(drawn, black)[..., None] + 0.05 * (1 - drawn[..., None])


def cartoon(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Flat, bright colours with soft steps, and clean dark outlines (Winnemoeller et al. 2006)."""
    base = smoothed(picture, unit, rounds=4, colours=0.16)
    lab = cv2.cvtColor(base, cv2.COLOR_RGB2LAB)
    steps, bright = 7.0, lab[..., 0] / 100
    nearest = np.round(bright * steps) / steps
    lab[..., 0] = 100 * (nearest + 0.5 / steps * np.tanh(9 * (bright - nearest) * steps / 2) * 0.9)
    flat = saturated(np.clip(cv2.cvtColor(lab, cv2.COLOR_LAB2RGB), 0, 1), 1.45)
    flat = np.clip(flat * 1.06, 0, 1)
    outline = lines(base * 0.6 + picture * 0.4, unit, width=1.15, sharpness=36, level=-0.10)
    tremble = 0.5 + 0.5 * np.tanh(noise(rng, picture.shape[:2], 9 * unit))
    return screened(flat, np.clip(outline + 0.10 * tremble, 0.06, 1))


def _step(values: Field, at: float, soft: float) -> Field:
    """1 well below `at`, 0 well above, a short ramp between."""
    return 0.5 - 0.5 * np.tanh((values - at) / soft)


def _turned(vectors: Field, angle: float) -> Field:
    """Unit vectors, turned by an angle in radians."""
    c, s = np.cos(angle), np.sin(angle)
    x, y = vectors[..., 0], vectors[..., 1]
    turned = np.dstack([c * x - s * y, s * x + c * y])
    return turned / np.maximum(np.linalg.norm(turned, axis=-1, keepdims=True), 1e-6)


def _sign(first: Field, second: Field) -> Field:
    """Whichever way makes the second point with the first."""
    return np.where((first * second).sum(-1, keepdims=True) < 0, -1.0, 1.0)


