"""Patch synthesis as slowly and plainly as it can be written: what the engines are checked against."""

from __future__ import annotations

import numpy as np


def distance(target: np.ndarray, node: tuple[int, int], key: np.ndarray, place: tuple[int, int]) -> int:
    """Squared distance of the 5x5 patches of two padded planes; node and place are (y, x) of unpadded pixels."""
    a = target[node[0]:node[0] + 5, node[1]:node[1] + 5].astype(np.int64)
    b = key[place[0]:place[0] + 5, place[1]:place[1] + 5].astype(np.int64)
    return int(((a - b) ** 2).sum())


def costs(target: np.ndarray, key: np.ndarray, field: np.ndarray, stride: int) -> np.ndarray:
    """The distance of every node."""
    out = np.zeros(field.shape[:2])
    for j, i in np.ndindex(out.shape):
        x, y = (int(v) for v in field[j, i])
        out[j, i] = distance(target, (j * stride, i * stride), key, (y, x))
    return out


def voted(picture: np.ndarray, field: np.ndarray, stride: int, size: tuple[int, int]) -> np.ndarray:
    """Mean of all patches that cover a pixel: (H, W, 3) float64. picture: padded."""
    total, count = np.zeros((size[0] + 4, size[1] + 4, 3)), np.zeros((size[0] + 4, size[1] + 4, 1))
    for j, i in np.ndindex(field.shape[:2]):
        x, y = (int(v) for v in field[j, i])
        ty, tx = j * stride, i * stride
        total[ty:ty + 5, tx:tx + 5] += picture[y:y + 5, x:x + 5, :3]
        count[ty:ty + 5, tx:tx + 5] += 1
    return total[2:-2, 2:-2] / count[2:-2, 2:-2]


def best(target: np.ndarray, key: np.ndarray, stride: int, shape: tuple[int, int]) -> np.ndarray:
    """Least distance of every node over all places: the full search."""
    height, width = key.shape[0] - 4, key.shape[1] - 4
    out = np.zeros(shape)
    for j, i in np.ndindex(shape):
        out[j, i] = min(distance(target, (j * stride, i * stride), key, (y, x)) for y in range(height) for x in range(width))
    return out
