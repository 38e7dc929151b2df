"""The inner loop of brush strokes, compiled by numba. Does, to the last bit, what `strokes.plain` does with numpy."""

from __future__ import annotations

from typing import Any

from lib_vidstyl.compiling import compiled


@compiled()
def lay(canvas: Any, at: Any, colours: Any, brushes: Any, turns: Any, cover: Any, relief: Any) -> None:
    """Lay stroke after stroke onto the canvas, (H, W, 4) float32, which is changed; for the rest see `strokes.plain`."""
    height, width = canvas.shape[:2]
    reach = cover.shape[2] // 2
    for number in range(at.shape[0]):
        x, y, brush, turn = at[number, 0], at[number, 1], brushes[number], turns[number]
        red, green, blue = colours[number, 0], colours[number, 1], colours[number, 2]
        for row in range(max(0, y - reach), min(height, y + reach + 1)):
            for column in range(max(0, x - reach), min(width, x + reach + 1)):
                share = cover[brush, turn, row - y + reach, column - x + reach]
                if share > 0:
                    high = relief[brush, turn, row - y + reach, column - x + reach]
                    canvas[row, column, 0] += share * (red - canvas[row, column, 0])
                    canvas[row, column, 1] += share * (green - canvas[row, column, 1])
                    canvas[row, column, 2] += share * (blue - canvas[row, column, 2])
                    canvas[row, column, 3] += share * (high - canvas[row, column, 3])
