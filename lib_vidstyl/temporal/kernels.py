"""The inner loop of the average along the motion, compiled by numba: flow followed, picture moved, weighed and added.

Does what `gather.plain` does with OpenCV, in one pass over the pixels. It releases the GIL and uses one thread: callers run
several frames side by side.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from lib_vidstyl.compiling import compiled

PHASES = 32
"""Steps of a pixel at which pictures are sampled, as OpenCV's remap does."""


def _cubic() -> tuple[np.ndarray, np.ndarray]:
    """Weights of the four taps per phase, (PHASES, 4), and the same four times each, (PHASES, 16): a = -0.75 (Keys 1981)."""
    x, a = np.arange(PHASES) / PHASES, -0.75
    first = ((a * (x + 1) - 5 * a) * (x + 1) + 8 * a) * (x + 1) - 4 * a
    second, third = (((a + 2) * t - (a + 3)) * t * t + 1 for t in (x, 1 - x))
    taps = np.stack([first, second, third, 1 - first - second - third], axis=-1).astype(np.float32)
    return taps, np.repeat(taps, 4, axis=1)


TAPS, WIDE = _cubic()


def _sampler() -> Any:
    """An intrinsic (picture, at, stride, down, row, across, column) -> 4 float32: the channels of 4x4 pixels from flat index `at`
    on, weighed by down[row:][:4] and across[column:][:16].
    """

    @intrinsic
    def sixteen(typing: Any, picture: Any, at: Any, stride: Any, down: Any, row: Any, across: Any, column: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            pixels, weights, wide = (_pointer(context, builder, kinds[n], args[n], args[n + 1]) for n in (0, 3, 5))
            total = None
            for number in range(4):
                values = builder.uitofp(builder.zext(_load(builder, pixels, ir.IntType(8), 16, 1), _lanes(ir.IntType(32), 16)),
                                        _lanes(ir.FloatType(), 16))
                weight = _load(builder, builder.gep(weights, [ir.Constant(ir.IntType(64), number)]), ir.FloatType(), 1, 4)
                part = builder.fmul(values, _take(builder, weight, [0] * 16))
                total = part if total is None else builder.fadd(total, part)
                pixels = builder.gep(pixels, [args[2]])
            total = builder.fmul(total, _load(builder, wide, ir.FloatType(), 16, 4))
            halves = builder.fadd(_take(builder, total, list(range(8))), _take(builder, total, list(range(8, 16))))
            four = builder.fadd(_take(builder, halves, [0, 1, 2, 3]), _take(builder, halves, [4, 5, 6, 7]))
            found = [builder.extract_element(four, ir.Constant(ir.IntType(32), lane)) for lane in range(4)]
            return context.make_tuple(builder, signature.return_type, found)

        index = types.int64
        return types.UniTuple(types.float32, 4)(picture, index, index, down, index, across, index), generate

    return sixteen


def _lanes(lane: Any, count: int) -> Any:
    return ir.VectorType(lane, count)


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    return builder.gep(cgutils.create_struct_proxy(kind)(context, builder, value=array).data, [index])


def _load(builder: Any, pointer: Any, lane: Any, count: int, align: int) -> Any:
    return builder.load(builder.bitcast(pointer, _lanes(lane, count).as_pointer()), align=align)


def _take(builder: Any, vector: Any, lanes: list[int]) -> Any:
    mask = ir.Constant(_lanes(ir.IntType(32), len(lanes)), lanes)
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), mask)


@njit(nogil=True, fastmath=True)
def _edge(layers: Any, ix: Any, iy: Any, down: Any, across: Any) -> Any:
    """The same near the border, whose pixels are repeated."""
    height, width = layers.shape[:2]
    a = b = c = d = np.float32(0)
    for j in range(4):
        y = min(max(iy + j, 0), height - 1)
        for i in range(4):
            x = min(max(ix + i, 0), width - 1)
            weight = down[j] * across[i]
            a += weight * layers[y, x, 0]
            b += weight * layers[y, x, 1]
            c += weight * layers[y, x, 2]
            d += weight * layers[y, x, 3]
    return a, b, c, d


_sixteen = _sampler()


@njit(nogil=True, fastmath=True)
def _along(leg: Any, x: Any, y: Any) -> Any:
    """The flow at a place between pixels, in its own steps; beyond the border as at the border."""
    height, width = leg.shape[:2]
    x, y = min(max(x, np.float32(0)), np.float32(width - 1)), min(max(y, np.float32(0)), np.float32(height - 1))
    i, j = min(int(x), width - 2), min(int(y), height - 2)
    x, y = x - np.float32(i), y - np.float32(j)
    both = x * y
    right, below = x - both, y - both
    corner = np.float32(1) - x - below
    return (corner * leg[j, i, 0] + right * leg[j, i + 1, 0] + below * leg[j + 1, i, 0] + both * leg[j + 1, i + 1, 0],
            corner * leg[j, i, 1] + right * leg[j, i + 1, 1] + below * leg[j + 1, i, 1] + both * leg[j + 1, i + 1, 1])


@compiled(fastmath=True)
def gather(place: Any, leg: Any, unit: Any, picture: Any, hue: Any, here: Any, here_hue: Any, scale: Any, hue_scale: Any, far: Any,
           total: Any, weights: Any, taps: Any, wide: Any) -> None:
    """Follow the flow one frame on, and add that frame's picture where its source looks the same; see `gather.plain`.

    unit: pixels per step of the flow. scale, hue_scale: one over the levels by which sources may differ. place, total and
    weights are changed.
    """
    height, width = weights.shape
    half = np.float32(0.5)
    flat, narrow, broad = picture.reshape(-1), taps.reshape(-1), wide.reshape(-1)
    for y in range(height):
        for x in range(width):
            px, py = place[y, x, 0], place[y, x, 1]
            across, down = _along(leg, px, py)
            px += unit * across
            py += unit * down
            place[y, x, 0], place[y, x, 1] = px, py
            if px < 0 or py < 0 or px > width - 1 or py > height - 1:
                continue
            nx, ny = int(px + half), int(py + half)
            red = np.float32(here_hue[y, x, 0]) - np.float32(hue[ny, nx, 0])
            blue = np.float32(here_hue[y, x, 1]) - np.float32(hue[ny, nx, 1])
            off = (red * red + blue * blue) * hue_scale * hue_scale
            if off >= far:
                continue
            qx, qy = int(px * PHASES + half), int(py * PHASES + half)
            ix, iy, ax, ay = qx // PHASES - 1, qy // PHASES - 1, qx % PHASES, qy % PHASES
            if ix >= 0 and iy >= 0 and ix <= width - 4 and iy <= height - 4:
                r, g, b, grey = _sixteen(flat, (iy * width + ix) * 4, width * 4, narrow, ay * 4, broad, ax * 16)
            else:
                r, g, b, grey = _edge(picture, ix, iy, taps[ay], taps[ax])
            light = (grey - np.float32(here[y, x, 3])) * scale
            off += light * light
            if off < far:
                share = np.exp(-off)
                total[y, x, 0] += share * r
                total[y, x, 1] += share * g
                total[y, x, 2] += share * b
                weights[y, x] += share
