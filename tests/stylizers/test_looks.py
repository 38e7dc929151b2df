"""Every look: the same task gives the same picture, another seed other strokes, and the scene stays recognisable."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lib_vidstyl.compiling import available
from lib_vidstyl.stylizers import paint as paint_module
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.looks import LOOKS, strokes
from lib_vidstyl.stylizers.paint import LookSettings, Painter
from tests.drawn import flat, texture


@pytest.fixture(scope="module")
def scene():
    picture = cv2.GaussianBlur(texture(120, 160, seed=3, grain=9), (0, 0), 2)
    cv2.circle(picture, (60, 60), 30, (230, 190, 160), -1)
    cv2.rectangle(picture, (100, 20), (140, 100), (30, 40, 90), -1)
    return picture


def paint(look, image, seed=1, **settings):
    with Painter(LookSettings(look=look, **settings)) as painter:
        return painter.paint([Task(0, image, seed)])[0]


@pytest.mark.parametrize("look", LOOKS)
class TestLook:
    def test_shape_kind_and_repeatability(self, look, scene):
        first, second = paint(look, scene), paint(look, scene)
        assert first.shape == scene.shape and first.dtype == np.uint8
        assert np.array_equal(first, second)
        assert not np.array_equal(first, scene)

    def test_another_seed_lays_other_strokes(self, look, scene):
        assert not np.array_equal(paint(look, scene, 1), paint(look, scene, 2))

    def test_strength(self, look, scene):
        assert np.array_equal(paint(look, scene, strength=0.0), scene)
        distance = [np.abs(paint(look, scene, strength=s).astype(float) - scene).mean() for s in (0.25, 0.5, 1.0)]
        assert distance[0] < distance[1] < distance[2]

    def test_the_scene_stays_recognisable(self, look, scene):
        far = [cv2.GaussianBlur(picture, (0, 0), 6).mean(-1).ravel() for picture in (scene, paint(look, scene))]
        assert np.corrcoef(*far)[0, 1] > 0.6

    @pytest.mark.parametrize("size", [(1, 1), (7, 5), (3, 90)])
    def test_tiny_pictures(self, look, size):
        assert paint(look, texture(*size)).shape == (*size, 3)

    @pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (128, 128, 128)])
    def test_flat_pictures_have_no_holes(self, look, colour):
        painted = paint(look, flat(colour, 64, 64)).astype(float)
        assert abs(painted.mean() - colour[0]) < 110

    def test_stroke_size_follows_the_frame(self, look, scene):
        large = cv2.resize(scene, (320, 240), interpolation=cv2.INTER_CUBIC)
        small, big = paint(look, scene, scale=2.0), paint(look, large, scale=2.0)
        big = cv2.resize(big, (160, 120), interpolation=cv2.INTER_AREA)
        assert abs(small.mean() - big.mean()) < 25


def test_seed_and_settings_decide_who_paints():
    assert Painter(LookSettings(look="ink")).who() != Painter(LookSettings(look="oil")).who()
    assert Painter(LookSettings(scale=2.0)).who() != Painter(LookSettings()).who()


@pytest.mark.skipif(not available(), reason="numba is not installed")
def test_compiled_strokes_are_those_of_numpy_to_the_last_bit():
    rng = np.random.default_rng(0)
    at, colours = rng.integers(0, [50, 40], (400, 2)), rng.random((400, 3), np.float32)
    brushes, turns = (rng.integers(0, count, 400) for count in (strokes.BRISTLES, strokes.TURNS))
    made = strokes.Strokes(at, colours, brushes, turns, *strokes._stamps(4.25))
    canvases = [rng.random((40, 50, 4), np.float32)]
    canvases.append(canvases[0].copy())
    strokes.plain(canvases[0], made)
    strokes.compiled(canvases[1], made)
    assert np.array_equal(*canvases)


@pytest.mark.parametrize("look", LOOKS)
def test_frames_side_by_side_are_those_painted_alone(look, scene, monkeypatch):
    monkeypatch.setattr(paint_module, "SIDE_BY_SIDE", 3)
    tasks = [Task(number, np.roll(scene, number, axis=1), number) for number in range(5)]
    for task, image in zip(tasks, Painter(LookSettings(look=look)).paint(tasks), strict=True):
        assert np.array_equal(image, Painter(LookSettings(look=look)).paint([task])[0])
