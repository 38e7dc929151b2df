"""Pixels followed to a key: drift is taken out, flat areas stay put or pan along, hidden parts are not trusted."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from lib_vidstyl.motion.flow import flow_size
from lib_vidstyl.motion.follow import Link, chained, finished, refined, step, still, trust
from lib_vidstyl.motion.prior import camera, field, texturedness
from lib_vidstyl.motion.warp import grid
from tests.drawn import texture

HEIGHT, WIDTH = 160, 208


def noisy(frame, index):
    rng = np.random.default_rng(index)
    return np.clip(frame + 2 * rng.standard_normal(frame.shape), 0, 255).astype(np.uint8)


def walled(height=HEIGHT + 80, width=WIDTH + 80):
    """A texture with a bare wall over a third of it."""
    picture = texture(height, width, grain=3)
    picture[:, : width // 3] = (70, 160, 90)
    return cv2.GaussianBlur(picture, (0, 0), 1)


def panned(picture, count, step_x, step_y):
    """Frames of a window that moves over the picture, with camera noise; each pixel moves by (step_x, step_y) a frame."""
    for index in range(count):
        at = np.float32([[1, 0, step_x * index - 40], [0, 1, step_y * index - 40]])
        yield noisy(cv2.warpAffine(picture, at, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC), index)


def followed(frames):
    """The link of the last frame with the first."""
    link = still(*frames[0].shape[:2])
    for before, frame in pairwise(frames):
        link = refined(frame, frames[0], chained(step(frame, before), link))
    return link


@pytest.mark.parametrize("motion", [(0.0, 0.0), (0.4, 0.1), (2.0, -0.7)])
def test_a_slow_pan_is_followed_on_the_bare_wall_too(motion):
    frames = list(panned(walled(), 6, *motion))
    error = np.linalg.norm(followed(frames).there + 5 * np.float32(motion), axis=-1)
    assert error[8:-8, 16:-16].mean() < 0.3
    assert np.quantile(error[8:-8, 16:-16], 0.99) < 1.5


def test_where_nothing_moves_most_flow_is_none_at_all():
    there = followed(list(panned(walled(), 4, 0, 0))).there
    assert (there == 0).all(-1).mean() > 0.9


def object_on_wall(count, step_x):
    """A textured square that crosses a flat wall whose lamp gives it a faint shade; the wall stays where it is."""
    square = texture(60, 60, seed=4, grain=2)
    shade = np.linspace(90, 110, WIDTH)[None, :, None] * np.float32([0.6, 1.2, 0.8])
    for index in range(count):
        frame = np.repeat(np.float32(shade), HEIGHT, axis=0)
        left = 40 + step_x * index
        frame[50:110, left:left + 60] = square
        yield noisy(cv2.GaussianBlur(frame, (0, 0), 0.7), index)


def test_a_wall_stays_while_something_crosses_it():
    frames = list(object_on_wall(5, 4))
    there = followed(frames).there
    square = np.s_[62:98, 70:102]
    assert np.abs(there[square] - (-16, 0)).mean() < 0.7
    assert np.abs(there[:30]).mean() < 0.3
    assert np.abs(there[:, 150:]).mean() < 0.3


def test_what_the_square_uncovered_is_trusted_less():
    frames = list(object_on_wall(5, 6))
    sure = trust(frames[-1], frames[0], followed(frames))
    assert sure.dtype == np.float32
    assert sure.min() >= 0
    assert sure.max() <= 1
    assert sure[62:98, 80:112].mean() > 0.6
    assert sure[62:98, 44:60].mean() < sure[62:98, 80:112].mean() - 0.2


def test_a_chain_adds_up_and_turns():
    ab = Link(np.full((40, 60, 2), (3, 1), np.float32), np.full((40, 60, 2), (-3, -1), np.float32))
    both = chained(ab, ab)
    assert np.allclose(both.there, (6, 2))
    assert np.allclose(both.back, (-6, -2))
    assert both.turned().there is both.back


def test_the_model_of_the_camera_is_the_same_at_every_size():
    place = grid(HEIGHT, WIDTH) - np.float32([WIDTH / 2, HEIGHT / 2])
    flow = place * np.float32(0.02) + np.float32([3, -2])
    a = texture(HEIGHT, WIDTH, grain=3)
    b = cv2.remap(a, grid(HEIGHT, WIDTH) - flow / np.float32(1.02), None, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT)
    model = camera(a, b, flow, np.clip(texturedness(a), 0, 1))
    assert np.abs(field(model, WIDTH, HEIGHT) - flow).mean() < 0.1
    half = cv2.resize(field(model, WIDTH, HEIGHT), (WIDTH // 2, HEIGHT // 2), interpolation=cv2.INTER_AREA) / 2
    assert np.abs(field(model, WIDTH // 2, HEIGHT // 2) - half).max() < 0.1


def test_a_flow_of_half_size_is_finished_to_a_fraction_of_a_pixel():
    frames = list(panned(cv2.GaussianBlur(texture(HEIGHT + 80, WIDTH + 80, grain=2), (0, 0), 1), 2, 3.3, -1.6))
    rough = np.tile(np.float32([3.3, -1.6]) / 2 - np.float32([0.3, -0.2]), (HEIGHT // 2, WIDTH // 2, 1))
    made = finished(frames[0], frames[1], rough)
    assert made.shape == (HEIGHT, WIDTH, 2)
    assert np.linalg.norm(made - np.float32([3.3, -1.6]), axis=-1)[12:-12, 12:-12].mean() < 0.15


def test_a_finished_flow_leaves_the_bare_wall_where_it_was():
    frames = list(object_on_wall(2, 4))
    rough = np.zeros((HEIGHT // 2, WIDTH // 2, 2), np.float32)
    assert np.abs(finished(frames[1], frames[0], rough)[:, 150:]).mean() < 0.1


@pytest.mark.parametrize("size", [(512, 512), (1920, 1080), (1080, 1920), (3840, 2160), (1, 1), (17, 4000)])
def test_flow_is_searched_at_a_bounded_size(size):
    width, height = flow_size(*size)
    assert 1 <= width * height <= 245_000
    assert (width, height) == size or width * height > 55_000


@pytest.mark.parametrize("size", [(1, 1), (20, 33), (2, 90)])
def test_tiny_frames_are_followed_somehow(size):
    frames = [texture(*size, seed=seed) for seed in range(2)]
    link = refined(frames[1], frames[0], step(frames[1], frames[0]))
    assert link.there.shape == (*size, 2)
    assert np.isfinite(link.there).all()
    assert finished(frames[1], frames[0], link.there).shape == (*size, 2)
    assert trust(frames[1], frames[0], link).shape == size
