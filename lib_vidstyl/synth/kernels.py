"""The inner loops of patch synthesis on the CPU, compiled by numba: patch distance, search, voting.

Pictures are padded by RADIUS on every side; places and fields count unpadded pixels, x then y. The loops release the GIL
and use one thread: callers run several frames side by side.
"""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba import njit, types
from numba.core import cgutils
from numba.extending import intrinsic

from lib_vidstyl.compiling import compiled

RADIUS = 2
SIDE = 2 * RADIUS + 1
CHANNELS = 8
CELL = 4
"""Side of the square of key pixels whose use is counted together for uniformity."""


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    data = cgutils.create_struct_proxy(kind)(context, builder, value=array).data
    return builder.gep(data, [index])


def _load(builder: Any, pointer: Any, lane: Any, start: int, count: int) -> Any:
    at = builder.gep(pointer, [ir.Constant(ir.IntType(64), start)])
    return builder.load(builder.bitcast(at, ir.VectorType(lane, count).as_pointer()), align=lane.width // 8)


def _take(builder: Any, vector: Any, lanes: list[int]) -> Any:
    mask = ir.Constant(ir.VectorType(ir.IntType(32), len(lanes)), lanes)
    return builder.shuffle_vector(vector, ir.Constant(vector.type, ir.Undefined), mask)


def _multiply_and_add() -> dict[int, str]:
    """The processor's own instruction for int16 lanes, by their number: compilers do not always find it."""
    if platform.machine().lower() not in ("x86_64", "amd64"):
        return {}
    wide = {16: "llvm.x86.avx2.pmadd.wd"} if get_host_cpu_features().get("avx2") else {}
    return wide | {8: "llvm.x86.sse2.pmadd.wd"}


def _squares(builder: Any, difference: Any) -> Any:
    """Squares of 8 or 16 int16 lanes, neighbours added: 4 or 8 int32 lanes."""
    count = difference.type.count
    wide = ir.VectorType(ir.IntType(32), count // 2)
    known = _multiply_and_add()
    if count in known:
        kind = ir.FunctionType(wide, [difference.type, difference.type])
        return builder.call(cgutils.get_or_insert_function(builder.module, kind, known[count]), [difference, difference])
    even = builder.sext(_take(builder, difference, list(range(0, count, 2))), wide)
    odd = builder.sext(_take(builder, difference, list(range(1, count, 2))), wide)
    return builder.add(builder.mul(even, even), builder.mul(odd, odd))


def _sum(builder: Any, vector: Any) -> Any:
    while vector.type.count > 1:
        half = vector.type.count // 2
        vector = builder.add(_take(builder, vector, list(range(half))), _take(builder, vector, list(range(half, 2 * half))))
    return builder.extract_element(vector, ir.Constant(ir.IntType(32), 0))


def _rows_distance(rows: int) -> Any:
    """An intrinsic (a, index, stride, b, index, stride) -> int32: squared distance of `rows` patch rows."""

    @intrinsic
    def distance(typing: Any, a: Any, ia: Any, sa: Any, b: Any, ib: Any, sb: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
            kinds = signature.args
            one = _pointer(context, builder, kinds[0], args[0], args[1])
            two = _pointer(context, builder, kinds[3], args[3], args[4])
            short, long, tail = ir.IntType(16), None, None
            for row in range(rows):
                for start in (0, 16, 32):
                    count = 16 if start < 32 else 8
                    loaded = [_load(builder, at, short, start, count) for at in (one, two)]
                    part = _squares(builder, builder.sub(*loaded))
                    if count == 16:
                        long = part if long is None else builder.add(long, part)
                    else:
                        tail = part if tail is None else builder.add(tail, part)
                if row + 1 < rows:
                    one, two = builder.gep(one, [args[2]]), builder.gep(two, [args[5]])
            folded = builder.add(_take(builder, long, [0, 1, 2, 3]), _take(builder, long, [4, 5, 6, 7]))
            return _sum(builder, builder.add(folded, tail))

        return types.int32(a, types.int64, types.int64, b, types.int64, types.int64), generate

    return distance


_two_rows = _rows_distance(2)
_three_rows = _rows_distance(3)


@intrinsic
def _add_row(typing: Any, total: Any, it: Any, picture: Any, ip: Any) -> Any:
    """total[it:it + 20] += picture[ip:ip + 20], uint16 and uint8: one patch row of four channels."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        into = _pointer(context, builder, signature.args[0], args[0], args[1])
        source = _pointer(context, builder, signature.args[2], args[2], args[3])
        for start, count in ((0, 16), (16, 4)):
            vector = ir.VectorType(ir.IntType(16), count)
            value = builder.zext(_load(builder, source, ir.IntType(8), start, count), vector)
            value = builder.add(value, _load(builder, into, ir.IntType(16), start, count))
            at = builder.bitcast(builder.gep(into, [ir.Constant(ir.IntType(64), start)]), vector.as_pointer())
            builder.store(value, at, align=2)
        return context.get_dummy_value()

    return types.void(total, types.int64, picture, types.int64), generate


@njit(nogil=True)
def _distance(target: Any, at: Any, key: Any, place: Any, limit: Any) -> Any:
    """Squared distance of two patches, given by their corners' flat index; some number >= `limit` where it reaches that early."""
    st, sk = target.shape[1] * CHANNELS, key.shape[1] * CHANNELS
    found = _two_rows(target, at, st, key, place, sk)
    if found >= limit:
        return found
    return found + _three_rows(target, at + 2 * st, st, key, place + 2 * sk, sk)


@njit(nogil=True)
def _random(state: Any) -> Any:
    state ^= (state << np.uint32(13)) & np.uint32(0xFFFFFFFF)
    state ^= state >> np.uint32(17)
    state ^= (state << np.uint32(5)) & np.uint32(0xFFFFFFFF)
    return np.uint32(state)


@njit(nogil=True)
def _extra(x: Any, y: Any, wx: Any, wy: Any, pull: Any, use: Any, uniformity: Any) -> Any:
    """What a place costs beside its looks: its distance from where the flow points, and how often it is used."""
    dx, dy = x - wx, y - wy
    return pull * (dx * dx + dy * dy) + uniformity * use[y // CELL, x // CELL]


@njit(nogil=True)
def _neighbour(field: Any, j: Any, i: Any, step_j: Any, step_i: Any, stride: Any) -> Any:
    """(x, y): where a node's neighbour would send it, or (-1, -1) beyond the field."""
    nj, ni = j - step_j, i - step_i
    if nj < 0 or ni < 0 or nj >= field.shape[0] or ni >= field.shape[1]:
        return np.int64(-1), np.int64(-1)
    return field[nj, ni, 0] + np.int64(step_i * stride), field[nj, ni, 1] + np.int64(step_j * stride)


@compiled()
def measure(target: Any, key: Any, field: Any, active: Any, stride: Any, cost: Any) -> None:
    """Write the patch distance of every active node into `cost`. For arrays and units see `search`."""
    for j in range(field.shape[0]):
        for i in range(field.shape[1]):
            if active[j, i]:
                at = ((j * stride) * target.shape[1] + i * stride) * CHANNELS
                place = (np.int64(field[j, i, 1]) * key.shape[1] + field[j, i, 0]) * CHANNELS
                cost[j, i] = _distance(target, at, key, place, np.int64(2147483647))


@compiled()
def search(target: Any, key: Any, field: Any, want: Any, pull: Any, active: Any, cost: Any, use: Any,
           share: Any, stride: Any, reach: Any, uniformity: Any, seed: Any, backward: Any) -> None:
    """One pass of propagation and random search over the active nodes (Barnes et al., SIGGRAPH 2009), in place.

    target, key: (H + 4, W + 4, 8) int16, padded. field: (h, w, 2) int16 places in the key, x then y; node (j, i) sits at
    pixel (j, i) * stride. want: (h, w, 2) float32 places that the flow gives; pull: (h, w) float32 cost per squared
    pixel away from there. active: (h, w) uint8. cost: (h, w) float32, measured distances. use: float32, how often each
    cell of the key is used, 1 where it is even; share: what one node adds to it; uniformity: what a use of 1 costs.
    reach: first radius of the random search, halved down to one pixel.
    """
    high, wide = key.shape[0] - 2 * RADIUS, key.shape[1] - 2 * RADIUS
    step = -1 if backward else 1
    for row in range(field.shape[0]):
        j = field.shape[0] - 1 - row if backward else row
        state = np.uint32((seed + 1) * 747796405 + j * 2891336453 + 277803737) | np.uint32(1)
        for column in range(field.shape[1]):
            i = field.shape[1] - 1 - column if backward else column
            if active[j, i] == 0:
                continue
            at = ((j * stride) * target.shape[1] + i * stride) * CHANNELS
            bx, by = np.int64(field[j, i, 0]), np.int64(field[j, i, 1])
            wx, wy, weight = want[j, i, 0], want[j, i, 1], pull[j, i]
            use[by // CELL, bx // CELL] -= share
            look = cost[j, i]
            best = look + _extra(bx, by, wx, wy, weight, use, uniformity)
            radius, turn = reach, 0
            while turn < 3 or radius >= 1:
                if turn == 0:
                    x, y = _neighbour(field, j, i, 0, step, stride)
                elif turn == 1:
                    x, y = _neighbour(field, j, i, step, 0, stride)
                elif turn == 2:
                    x, y = np.int64(wx + np.float32(0.5)), np.int64(wy + np.float32(0.5))
                else:
                    state = _random(state)
                    span = np.int64(2 * radius + 1)
                    x = bx - radius + ((np.int64(state & np.uint32(0xFFFF)) * span) >> 16)
                    y = by - radius + ((np.int64(state >> np.uint32(16)) * span) >> 16)
                    radius >>= 1
                turn += 1
                if turn < 4 and x < 0 and y < 0:
                    continue
                x, y = min(max(x, 0), wide - 1), min(max(y, 0), high - 1)
                if x == bx and y == by:
                    continue
                extra = _extra(x, y, wx, wy, weight, use, uniformity)
                if extra >= best:
                    continue
                found = np.float32(_distance(target, at, key, (y * key.shape[1] + x) * CHANNELS, np.int64(best - extra) + 1))
                if found + extra < best:
                    best, look, bx, by = found + extra, found, x, y
            use[by // CELL, bx // CELL] += share
            field[j, i, 0], field[j, i, 1], cost[j, i] = bx, by, look


@compiled()
def count_use(field: Any, use: Any, share: Any) -> None:
    """Add `share` to the cell of `use` that each node's place lies in."""
    for j in range(field.shape[0]):
        for i in range(field.shape[1]):
            use[field[j, i, 1] // CELL, field[j, i, 0] // CELL] += share


@compiled()
def vote(picture: Any, field: Any, stride: Any, total: Any) -> None:
    """Add every node's patch of the key's `picture` to `total`.

    picture: (H + 4, W + 4, 4) uint8, the fourth channel 255: votes are counted by it. total: (Ht + 4, Wt + 4, 4) uint16,
    zero before.
    """
    wide, long = picture.shape[1] * 4, total.shape[1] * 4
    for j in range(field.shape[0]):
        for i in range(field.shape[1]):
            into = (j * stride) * long + i * stride * 4
            source = np.int64(field[j, i, 1]) * wide + np.int64(field[j, i, 0]) * 4
            for _ in range(SIDE):
                _add_row(total, into, picture, source)  # type: ignore[call-arg]
                into += long
                source += wide


@compiled()
def settle(total: Any, out: Any, target: Any, scale: Any) -> None:
    """Divide the votes: `out` (H, W, 4) uint8 gets the picture, the style channels of `target` get it times `scale`."""
    for y in range(out.shape[0]):
        for x in range(out.shape[1]):
            part = np.float32(255) / np.float32(total[y + RADIUS, x + RADIUS, 3])
            for c in range(3):
                value = np.float32(total[y + RADIUS, x + RADIUS, c]) * part
                out[y, x, c] = np.uint8(value + np.float32(0.5))
                target[y + RADIUS, x + RADIUS, c] = np.int16(value * scale + np.float32(0.5))


_PLANES = types.int16[:, :, ::1]
_FIELD = types.int16[:, :, ::1]
_COST = types.float32[:, ::1]
_NODES = types.uint8[:, ::1]
_BYTES = types.uint8[:, :, ::1]
_SUMS = types.uint16[:, :, ::1]
SIGNATURES = {
    measure: (_PLANES, _PLANES, _FIELD, _NODES, types.int64, _COST),
    search: (_PLANES, _PLANES, _FIELD, types.float32[:, :, ::1], _COST, _NODES, _COST, _COST,
             types.float32, types.int64, types.int64, types.float32, types.int64, types.boolean),
    count_use: (_FIELD, _COST, types.float32),
    vote: (_BYTES, _FIELD, types.int64, _SUMS),
    settle: (_SUMS, _BYTES, _PLANES, types.float32),
}
"""Kernels and what they are compiled for."""
