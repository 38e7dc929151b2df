"""Working sizes and resizing."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_vidstyl.clip import resized, working_size
from tests.drawn import flat, texture


@pytest.mark.parametrize(
    ("clip", "longest", "size"),
    [
        ((1920, 1080), 960, (960, 544)),
        ((720, 1280), 512, (288, 512)),
        ((512, 512), 512, (512, 512)),
        ((1, 1), 512, (512, 512)),
        ((7, 5), 64, (64, 48)),
        ((4000, 2), 512, (512, 8)),
        ((1920, 1080), 515, (512, 288)),
        ((1919, 1079), 0, (1920, 1080)),
        ((7, 5), 0, (8, 8)),
    ],
)
def test_working_size_is_the_clips_shape_in_eights(clip, longest, size):
    assert working_size(*clip, longest_side=longest) == size


@given(st.integers(1, 9000), st.integers(1, 9000), st.integers(8, 4096))
def test_no_multiple_of_eight_is_closer(width, height, longest):
    w, h = working_size(width, height, longest_side=longest)
    assert w % 8 == h % 8 == 0
    assert min(w, h) >= 8
    assert abs(max(w, h) - longest) <= 4
    assert abs(min(w, h) - max(w, h) * min(width, height) / max(width, height)) <= 4 or min(w, h) == 8


@pytest.mark.parametrize("size", [(8, 8), (64, 48), (200, 300), (1, 1)])
def test_a_flat_picture_stays_flat(size):
    image = resized(flat((200, 30, 90), 37, 53), size)
    assert image.shape == (size[1], size[0], 3)
    assert np.abs(image.astype(int) - (200, 30, 90)).max() == 0


def test_down_is_the_mean_and_planes_work_too():
    image = texture(64, 64)
    small = resized(image, (32, 32))
    assert np.abs(small.astype(float) - image.reshape(32, 2, 32, 2, 3).mean(axis=(1, 3))).max() <= 0.51
    assert resized(image[..., 0], (16, 8)).shape == (8, 16)
    assert resized(image, (64, 64)) is image
