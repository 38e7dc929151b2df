"""Cuts are found; flashes, fades, dissolves, pans, shakes and noise are none. All clips are drawn, so their cuts are known."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lib_vidstyl.motion.shots import Measure, cuts, measure
from tests.drawn import texture

HEIGHT, WIDTH = 96, 160


def measured(frames):
    previous, found = None, []
    for frame in frames:
        found.append(measure(previous, frame))
        previous = frame
    return found


def shot(seed, count=14, step=(1.0, 0.3), tint=(1.0, 1.0, 1.0)):
    """A window that moves over a large texture."""
    picture = np.clip(texture(400, 900, seed=seed, grain=3) * np.float32(tint), 0, 255).astype(np.uint8)
    for index in range(count):
        at = np.float32([[1, 0, -60 - step[0] * index], [0, 1, -60 - step[1] * index]])
        yield cv2.warpAffine(picture, at, (WIDTH, HEIGHT))


def warm(count=14, **options):
    return list(shot(1, count, tint=(1.1, 0.9, 0.5), **options))


def cold(count=14, **options):
    return list(shot(2, count, tint=(0.4, 0.7, 1.1), **options))


def noisy(frames, sigma=5, seed=0):
    rng = np.random.default_rng(seed)
    return [np.clip(frame + sigma * rng.standard_normal(frame.shape), 0, 255).astype(np.uint8) for frame in frames]


def faded(frames, shares, towards=0):
    return [np.rint(frame * share + towards * (1 - share)).astype(np.uint8) for frame, share in zip(frames, shares, strict=True)]


def test_hard_cuts_are_found_exactly():
    clip = warm(14) + cold(9) + warm(20)
    assert cuts(measured(clip)) == [14, 23]


def test_cuts_are_found_in_noise_and_between_dark_shots():
    clip = noisy(faded(warm(12), [0.3] * 12) + faded(cold(12), [0.3] * 12), sigma=2)
    assert cuts(measured(clip)) == [12]


def test_a_cut_between_moving_shots_is_found():
    assert cuts(measured(warm(12, step=(5, 1)) + cold(12, step=(-4, 2)))) == [12]


@pytest.mark.parametrize("step", [(0.0, 0.0), (2.0, 0.5), (9.0, 0.0), (24.0, 3.0)])
def test_pans_of_any_speed_are_no_cuts(step):
    assert cuts(measured(warm(20, step=step))) == []


@pytest.mark.parametrize("length", [1, 2, 4])
def test_flashes_are_no_cuts(length):
    clip = warm(20)
    for index in range(9, 9 + length):
        clip[index] = np.clip(clip[index] * 0.2 + 215, 0, 255).astype(np.uint8)
    assert cuts(measured(clip)) == []


def test_a_white_frame_and_a_black_frame_are_no_cuts():
    clip = warm(24)
    clip[8] = np.full_like(clip[8], 255)
    clip[16] = np.zeros_like(clip[16])
    assert cuts(measured(clip)) == []


@pytest.mark.parametrize("towards", [0, 255])
def test_a_fade_out_and_in_again_is_no_cut(towards):
    shares = np.concatenate([np.ones(6), np.linspace(1, 0, 10), np.zeros(3), np.linspace(0, 1, 10), np.ones(6)])
    assert cuts(measured(noisy(faded(warm(len(shares)), shares, towards), sigma=1))) == []


def test_a_fade_through_black_to_another_shot_parts_them_where_it_is_dark():
    out = faded(warm(16), np.concatenate([np.ones(6), np.linspace(1, 0, 10)]))
    back = faded(cold(16), np.concatenate([np.linspace(0, 1, 10), np.ones(6)]))
    found = cuts(measured(out + back))
    assert len(found) == 1
    assert abs(found[0] - 16) <= 2


def test_a_dissolve_is_no_hard_cut():
    count = 24
    shares = np.clip((np.arange(count) - 6) / 12, 0, 1)
    clip = [np.rint(a * (1 - s) + b * s).astype(np.uint8) for a, b, s in zip(warm(count), cold(count), shares, strict=True)]
    assert cuts(measured(clip)) == []


def test_a_shaken_camera_is_no_cut():
    rng = np.random.default_rng(3)
    clip = [np.roll(frame, tuple(rng.integers(-7, 8, 2)), axis=(0, 1)) for frame in warm(20)]
    assert cuts(measured(clip)) == []


def test_still_flat_and_tiny_clips():
    assert cuts([]) == []
    assert cuts(measured(warm(1))) == []
    assert cuts(measured([np.full((8, 8, 3), 90, np.uint8)] * 10)) == []
    assert cuts(measured([np.full((40, 60, 3), level, np.uint8) for level in range(60, 90)])) == []


def test_motion_and_sharpness_mean_what_they_say():
    still, moved = measured(warm(2, step=(0, 0)))[1], measured(warm(2, step=(6, 0)))[1]
    assert still.motion < 0.001
    assert abs(moved.motion - 6 / np.hypot(HEIGHT, WIDTH)) < 0.01
    frame = warm(1)[0]
    blurred = cv2.GaussianBlur(frame, (0, 0), 2)
    assert measure(None, frame).sharpness > 2 * measure(None, blurred).sharpness
    assert measure(None, frame).sharpness == pytest.approx(measure(None, faded([frame], [0.9])[0]).sharpness, rel=0.15)


def test_a_measure_is_made_of_plain_numbers():
    found = measured(warm(2))[1]
    assert all(type(number) is float for number in (found.change, found.motion, found.sharpness, found.contrast, *found.signature))
    assert found == Measure(**{name: getattr(found, name) for name in found.__dataclass_fields__})
