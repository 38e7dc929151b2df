"""Packed flow is a quarter of the pixels and comes back close enough."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.motion.packing import packed, unpacked
from lib_vidstyl.motion.warp import grid


@pytest.mark.parametrize("size", [(64, 48), (65, 47), (1, 1), (2, 300)])
def test_a_smooth_flow_comes_back(size):
    place = grid(size[1], size[0])
    flow = (np.sin(place[..., ::-1] / 40) * 9 + 3).astype(np.float32)
    kept = packed(flow)
    assert (kept.dtype, kept.shape) == (np.int16, (-(-size[1] // 2), -(-size[0] // 2), 2))
    back = unpacked(kept, size)
    assert back.shape == flow.shape
    assert np.abs(back - flow)[1:-1, 1:-1].max(initial=0) < 0.25


def test_an_even_flow_is_exact_to_a_32nd_of_a_pixel():
    flow = np.full((32, 32, 2), (3.37, -400.71), np.float32)
    assert np.abs(unpacked(packed(flow), (32, 32)) - flow).max() <= 1 / 32


def test_vectors_beyond_the_range_are_cut_not_wrapped():
    flow = np.full((8, 8, 2), (5000, -5000), np.float32)
    back = unpacked(packed(flow), (8, 8))
    assert back[0, 0, 0] > 2000
    assert back[0, 0, 1] < -2000
