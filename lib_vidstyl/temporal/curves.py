"""Curves and sheets of pictures for the report, drawn as (H, W, 3) uint8 RGB."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

Image = NDArray[np.uint8]
WIDTH, HEIGHT = 960, 200
LEFT, RIGHT, TOP, FOOT = 56, 16, 34, 24
GROUND, INK, DIM, GRID = (24, 24, 27), (236, 236, 239), (162, 162, 171), (58, 58, 64)
LINE, CUT, KEY = (130, 170, 255), (255, 143, 127), (111, 211, 156)
SCALE = 2
"""Curves are drawn this much larger and shrunk, for smooth lines."""
GAP, LABEL = 6, 18


@dataclass(frozen=True)
class Curve:
    """One value per frame, None where there is none, with a title, its unit, and the frames to mark."""

    title: str
    unit: str
    frames: Sequence[int]
    values: Sequence[float | None]
    cuts: Sequence[int] = ()
    keys: Sequence[int] = ()

    @property
    def known(self) -> list[float]:
        """The values there are."""
        return [value for value in self.values if value is not None and math.isfinite(value)]

    @property
    def words(self) -> str:
        """Mean, highest value and unit, for people."""
        known = self.known
        return f"mean {sum(known) / len(known):.3g}, highest {max(known):.3g} ({self.unit})" if known else "nothing to measure"


def drawn(curve: Curve) -> Image:
    """The curve as a picture: values over frame numbers, cuts red, keys green."""
    board = Pillow.new("RGB", (SCALE * WIDTH, SCALE * HEIGHT), GROUND)
    draw = ImageDraw.Draw(board)
    top, count = max([*curve.known, 1e-9]), max(len(curve.frames) - 1, 1)

    def place(number: int, value: float) -> tuple[float, float]:
        return (SCALE * (LEFT + (WIDTH - LEFT - RIGHT) * number / count),
                SCALE * (HEIGHT - FOOT - (HEIGHT - FOOT - TOP) * value / top))

    draw.line([place(0, 0), place(count, 0)], fill=GRID, width=SCALE)
    draw.line([place(0, top), place(count, top)], fill=GRID, width=SCALE)
    at = {frame: number for number, frame in enumerate(curve.frames)}
    for marked, colour in ((curve.keys, KEY), (curve.cuts, CUT)):
        for frame in marked:
            if frame in at:
                draw.line([place(at[frame], 0), place(at[frame], top)], fill=colour, width=SCALE)
    for run in _runs(curve.values):
        points = [place(number, curve.values[number] or 0.0) for number in run]
        draw.line([*points, points[-1]], fill=LINE, width=2 * SCALE)
    small = board.resize((WIDTH, HEIGHT), Pillow.Resampling.LANCZOS)
    _lettered(ImageDraw.Draw(small), curve, top)
    return np.asarray(small)


def sheet(tiles: Sequence[Image], labels: Sequence[str] = (), *, columns: int = 4) -> Image:
    """Pictures of one size in rows of `columns`, each with its label below."""
    height, width = tiles[0].shape[:2]
    foot = LABEL if labels else 0
    columns = min(columns, len(tiles))
    rows = -(-len(tiles) // columns)
    board = Pillow.new("RGB", (columns * (width + GAP) + GAP, rows * (height + foot + GAP) + GAP), GROUND)
    draw, font = ImageDraw.Draw(board), ImageFont.load_default()
    for number, tile in enumerate(tiles):
        left, top = GAP + number % columns * (width + GAP), GAP + number // columns * (height + foot + GAP)
        board.paste(Pillow.fromarray(tile), (left, top))
        if labels:
            draw.text((left + 2, top + height + 3), labels[number], fill=DIM, font=font)
    return np.asarray(board)


def strip(before: Sequence[Image], after: Sequence[Image], labels: Sequence[str]) -> Image:
    """Moments of a film side by side: above as they were before, below as they are after; all of one size."""
    return sheet([*before, *after], [*(f"{label}, before" for label in labels), *(f"{label}, after" for label in labels)],
                 columns=len(before))


def _runs(values: Sequence[float | None]) -> list[list[int]]:
    """Places of values that follow each other without a gap."""
    runs: list[list[int]] = []
    for number, value in enumerate(values):
        if value is None or not math.isfinite(value):
            continue
        if runs and runs[-1][-1] == number - 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _lettered(draw: ImageDraw.ImageDraw, curve: Curve, top: float) -> None:
    font = ImageFont.load_default()
    draw.text((LEFT, 4), curve.title, fill=INK, font=font)
    draw.text((LEFT, 17), curve.words, fill=DIM, font=font)
    draw.text((6, TOP - 6), f"{top:.3g}" if curve.known else "", fill=DIM, font=font)
    draw.text((6, HEIGHT - FOOT - 6), "0", fill=DIM, font=font)
    if curve.frames:
        draw.text((LEFT, HEIGHT - FOOT + 6), f"frame {curve.frames[0]}", fill=DIM, font=font)
        draw.text((WIDTH - RIGHT - 70, HEIGHT - FOOT + 6), f"frame {curve.frames[-1]}", fill=DIM, font=font)
