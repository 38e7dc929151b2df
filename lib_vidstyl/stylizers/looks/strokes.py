"""Looks made of single marks, laid one over the other: oil, pointillism, stippling."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.compiling import available
from lib_vidstyl.stylizers.looks.canvas import Field, Unit, blurred, directions, noise, paper, saturated, smoothed, stretched, tone

Places = NDArray[np.intp]

TURNS = 32
"""Directions that brush stamps are kept in, over half a turn."""
BRISTLES = 5
"""Different brushes."""


def oil(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Brush strokes from broad to fine along the forms, fine ones where the picture still differs (Hertzmann 1998).

    Every stroke carries bristle marks; the paint's height is lit from the upper left.
    """
    height, width = picture.shape[:2]
    vivid = saturated(picture, 1.25)
    along, clear = directions(picture, inner=1.5 * unit, outer=5 * unit)
    angle = np.arctan2(along[..., 1], along[..., 0])
    angle += (1 - clear) * 0.7 * noise(rng, (height, width), 30 * unit)
    canvas = np.concatenate([blurred(vivid, 12 * unit) * 0.92, np.zeros((height, width, 1), np.float32)], axis=2)
    for radius, spacing, threshold in ((13, 0.8, -1.0), (7, 0.8, 0.035), (3.6, 0.85, 0.05), (2.0, 1.0, 0.075)):
        goal = blurred(vivid, 0.55 * radius * unit)
        _layer(canvas, goal, angle, radius=radius * unit, spacing=spacing, threshold=threshold, rng=rng)
    return _lit(np.clip(canvas[..., :3], 0, 1), canvas[..., 3], unit)


def pointillism(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Dabs of pure colour side by side on a warm ground, smaller where there is detail (Seurat's way)."""
    vivid = saturated(smoothed(picture, unit, rounds=1, colours=0.08), 1.5)
    ground = 0.55 * blurred(vivid, 14 * unit) + 0.45 * np.array([0.93, 0.88, 0.78], np.float32)
    canvas = (ground * 255).astype(np.uint8)
    detail = blurred(np.abs(tone(picture) - blurred(tone(picture), 4 * unit)), 4 * unit)
    for radius, cover, fine in ((5.2, 1.0, False), (3.6, 1.1, False), (2.3, 1.5, True)):
        at = _scattered(vivid.shape[:2], radius * unit * 1.15 / cover, rng)
        if fine:
            at = at[detail[at[:, 1], at[:, 0]] > np.percentile(detail, 45)]
        colours = _varied(vivid[at[:, 1], at[:, 0]], rng)
        sizes = radius * unit * rng.uniform(0.75, 1.15, len(at))
        for (x, y), colour, size in zip(at.tolist(), (colours * 255).tolist(), sizes.tolist(), strict=True):
            cv2.circle(canvas, (int(x * 16), int(y * 16)), max(8, int(size * 16)), colour, -1, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255


def stippling(picture: Field, unit: Unit, rng: np.random.Generator) -> Field:
    """Ink dots on paper: denser and slightly larger where it is dark, never on top of each other (blue noise)."""
    height, width = picture.shape[:2]
    grey = tone(smoothed(picture, unit, rounds=1, colours=0.06))
    dark = 1 - stretched(grey)
    sharp = np.clip(dark + 1.1 * (dark - blurred(dark, 3 * unit)), 0, 1) ** 1.9
    pitch = max(1.25, 1.75 * unit)
    rows, columns = max(1, int(height / pitch)), max(1, int(width / pitch))
    want = cv2.resize(sharp, (columns, rows), interpolation=cv2.INTER_AREA).reshape(rows, columns)
    ys, xs = np.nonzero(want * 0.97 > _blue(rows, columns, rng))
    sheet = np.array([0.97, 0.96, 0.93], np.float32) * (1 + 0.012 * paper(rng, (height, width), unit))[..., None]
    canvas = np.ascontiguousarray((np.clip(sheet, 0, 1) * 255).astype(np.uint8))
    jitter = rng.uniform(-0.2, 0.2, (len(xs), 2))
    sizes = pitch * (0.34 + 0.24 * want[ys, xs])
    for x, y, (dx, dy), size in zip(xs.tolist(), ys.tolist(), jitter.tolist(), sizes.tolist(), strict=True):
        centre = (int((x + 0.5 + dx) * pitch * 16), int((y + 0.5 + dy) * pitch * 16))
        cv2.circle(canvas, centre, max(8, int(size * 16)), (30, 28, 34), -1, cv2.LINE_AA, 4)
    return canvas.astype(np.float32) / 255


def _layer(canvas: Field, goal: Field, angle: Field, *, radius: float, spacing: float, threshold: float,
           rng: np.random.Generator) -> None:
    """Lay strokes of one size where the canvas is further than `threshold` from the goal. Changes canvas (H, W, 4)."""
    at = _scattered(goal.shape[:2], max(1.0, radius * spacing), rng)
    off = np.abs(blurred(canvas[..., :3], 0.3 * radius) - goal).mean(-1)
    at = at[off[at[:, 1], at[:, 0]] > threshold]
    colours = np.clip(goal[at[:, 1], at[:, 0]] * (1 + 0.07 * rng.standard_normal((len(at), 1)))
                      + 0.018 * rng.standard_normal((len(at), 3)), 0, 1).astype(np.float32)
    turns = np.rint(angle[at[:, 1], at[:, 0]] / np.pi * TURNS + 0.35 * rng.standard_normal(len(at))).astype(int) % TURNS
    brushes = rng.integers(0, BRISTLES, len(at))
    lay = compiled if available() else plain
    lay(canvas, Strokes(at, colours, brushes, turns, *_stamps(round(radius * 4) / 4)))


class Strokes(NamedTuple):
    """Strokes in the order in which they are laid. at: (N, 2) x and y. colours: (N, 3) float32. brushes, turns: (N,) which stamp.
    cover, relief: the stamps, see `_stamps`.
    """

    at: Places
    colours: Field
    brushes: Places
    turns: Places
    cover: Field
    relief: Field


def plain(canvas: Field, strokes: Strokes) -> None:
    """Lay strokes onto the canvas, (H, W, 4) float32, colour and height, which is changed."""
    height, width = canvas.shape[:2]
    at, colours, brushes, turns, cover, relief = strokes
    reach = cover.shape[2] // 2
    for (x, y), colour, brush, turn in zip(at.tolist(), colours, brushes.tolist(), turns.tolist(), strict=True):
        top, left = max(0, y - reach), max(0, x - reach)
        bottom, right = min(height, y + reach + 1), min(width, x + reach + 1)
        part = (brush, turn, slice(top - y + reach, bottom - y + reach), slice(left - x + reach, right - x + reach))
        spot, share = canvas[top:bottom, left:right], cover[part][..., None]
        spot[..., :3] += share * (colour - spot[..., :3])
        spot[..., 3:] += share * (relief[part][..., None] - spot[..., 3:])


def compiled(canvas: Field, strokes: Strokes) -> None:
    """`plain`, many times as fast."""
    from lib_vidstyl.stylizers.looks import kernels

    kernels.lay(canvas, *strokes)


@lru_cache(maxsize=16)
def _stamps(radius: float) -> tuple[Field, Field]:
    """Brush marks of one radius: cover and relief, (BRISTLES, TURNS, S, S) float32. The brushes are always the same ones."""
    rng = np.random.default_rng(7)
    marks = [[_stamp(radius, np.pi * turn / TURNS, seed) for turn in range(TURNS)] for seed in rng.integers(0, 2**31, BRISTLES)]
    cover, relief = (np.array([[mark[part] for mark in brush] for brush in marks]) for part in (0, 1))
    return cover, relief


def _stamp(radius: float, angle: float, seed: int) -> tuple[Field, Field]:
    rng = np.random.default_rng(seed)
    length, reach = 2.1 * radius, int(np.ceil(2.4 * radius)) + 1
    y, x = np.mgrid[-reach:reach + 1, -reach:reach + 1].astype(np.float32)
    u, v = (np.cos(angle) * x + np.sin(angle) * y) / length, (np.cos(angle) * y - np.sin(angle) * x) / radius
    v = v + rng.normal(0, 0.12) * u * u
    bristle = np.interp(v, np.linspace(-1.2, 1.2, 17), rng.uniform(-1, 1, 17)).astype(np.float32)
    ragged = 0.16 * bristle * np.clip(u, -1, 1)
    inside = 1 - np.maximum(np.abs(u + ragged), np.abs(v)) ** 2.6
    cover = np.clip(inside * max(1.5, radius * 0.5), 0, 1) * (0.86 + 0.12 * bristle)
    relief = 0.5 + 0.5 * bristle * np.clip(1.2 - np.abs(u), 0, 1)
    return cover.astype(np.float32), relief.astype(np.float32)


def _lit(colour: Field, height: Field, unit: Unit) -> Field:
    """Paint with thickness, lit from the upper left."""
    slope = cv2.Sobel(height, cv2.CV_32F, 1, 0) + cv2.Sobel(height, cv2.CV_32F, 0, 1)
    light = blurred(slope, 0.5 * unit) / 8
    return np.clip(colour * (1 + 0.55 * light[..., None]) + 0.10 * np.clip(light, 0, 1)[..., None], 0, 1)


def _scattered(shape: tuple[int, int], spacing: float, rng: np.random.Generator) -> Places:
    """Places (N, 2) int, x and y, on a jittered grid, in random order."""
    height, width = shape
    rows, columns = max(1, round(height / spacing)), max(1, round(width / spacing))
    y, x = np.mgrid[0:rows, 0:columns].reshape(2, -1) + rng.uniform(0, 1, (2, rows * columns))
    at = np.stack([x * width / columns, y * height / rows], axis=1).astype(int)
    return rng.permutation(np.minimum(at, [width - 1, height - 1]))


def _varied(colours: Field, rng: np.random.Generator) -> Field:
    """Colours broken into purer neighbours: each channel moved a little, together as bright as before."""
    moved = colours + rng.normal(0, 0.075, colours.shape)
    moved += (colours.mean(1) - moved.mean(1))[:, None]
    return np.clip(moved, 0, 1)


def _blue(rows: int, columns: int, rng: np.random.Generator) -> Field:
    """Blue-noise thresholds, uniform over 0 to 1: low frequencies taken out and the ranks spread again, a few times."""
    values = rng.uniform(0, 1, (rows, columns)).astype(np.float32)
    for _ in range(6):
        values -= cv2.GaussianBlur(values, (0, 0), 1.4, borderType=cv2.BORDER_REFLECT)
        order = np.argsort(values, axis=None)
        ranks = np.empty(values.size, np.float32)
        ranks[order] = (np.arange(values.size) + 0.5) / values.size
        values = ranks.reshape(rows, columns)
    return values
