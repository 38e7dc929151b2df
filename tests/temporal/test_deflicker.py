"""Known motion, known flicker: what is taken out, what stays, and what never crosses a cut."""

from __future__ import annotations

import importlib.util
import tracemalloc
from itertools import pairwise

import numpy as np
import pytest

from lib_vidstyl.motion.warp import grid
from lib_vidstyl.temporal.alignment import Link, Moment, averaged, measured, stored
from lib_vidstyl.temporal.deflicker import brightness, kept, mixed, sharpening, steadied
from lib_vidstyl.temporal.gather import compiled, plain, usual
from lib_vidstyl.temporal.sequence import steady
from lib_vidstyl.temporal.step import Path, Sum
from lib_vidstyl.temporal.window import Window
from tests.films import psnr
from tests.temporal.films import flickering, panning, toned

COUNT = 9


@pytest.fixture(scope="module")
def film():
    source = panning(COUNT)
    truth = [toned(frame) for frame in source]
    return source, truth, flickering(truth)


def test_flicker_goes_and_the_film_comes_nearer_to_the_truth(film):
    source, truth, styled = film
    result = list(steady(zip(styled, source, strict=True), radius=4))
    gains = [psnr(after, true) - psnr(before, true) for before, after, true in zip(styled, result, truth, strict=True)]
    assert min(gains) > 0
    assert np.mean(gains) > 3


def test_a_film_that_does_not_flicker_hardly_changes(film):
    source, truth, _ = film
    result = list(steady(zip(truth, source, strict=True), radius=4))
    off = [np.abs(after.astype(int) - before).mean() for before, after in zip(truth, result, strict=True)]
    assert max(off) < 1.0


def test_a_still_film_keeps_every_pixel():
    source = panning(1) * 5
    styled = [toned(frame) for frame in source]
    for before, after in zip(styled, steady(zip(styled, source, strict=True), radius=2), strict=True):
        assert np.abs(after.astype(int) - before).max() <= 1


def test_what_the_source_does_too_is_no_flicker():
    """A light that goes on in the source is kept in the stylised film, where an average would smear it."""
    still = panning(1)[0]
    source = [np.clip(still * (1.0 if index < 4 else 1.3), 0, 255).astype(np.uint8) for index in range(8)]
    styled = [toned(frame) for frame in source]
    result = list(steady(zip(styled, source, strict=True), radius=3))
    for before, after in zip(styled, result, strict=True):
        assert np.abs(after.astype(int) - before).mean() < 1.5


def test_strength_zero_changes_nothing(film):
    source, _, styled = film
    for before, after in zip(styled, steady(zip(styled, source, strict=True), strength=0), strict=True):
        assert np.array_equal(before, after)


def test_more_detail_is_nearer_to_the_frame(film):
    source, _, styled = film
    off = []
    for keep in (0.0, 0.5, 1.0):
        result = steady(zip(styled, source, strict=True), radius=3, keep_detail=keep)
        off.append(np.mean([np.abs(after.astype(int) - before).mean() for before, after in zip(styled, result, strict=True)]))
    assert off[0] >= off[1] > off[2]


def test_nothing_crosses_a_cut():
    shots = [panning(5, seed=1), panning(5, seed=2, step=(1, 2))]
    styled = [flickering([toned(frame) for frame in shot], seed=seed) for seed, shot in enumerate(shots)]
    joined = list(steady(zip(styled[0] + styled[1], shots[0] + shots[1], strict=True), radius=4))
    apart = [list(steady(zip(*pair, strict=True), radius=4)) for pair in zip(styled, shots, strict=True)]
    for one, other in zip(joined, apart[0] + apart[1], strict=True):
        assert np.array_equal(one, other)


def test_threads_do_not_change_a_byte(film):
    source, _, styled = film
    one, four = (list(steady(zip(styled, source, strict=True), radius=3, threads=threads)) for threads in (1, 4))
    assert all(np.array_equal(a, b) for a, b in zip(one, four, strict=True))


def test_memory_does_not_grow_with_the_frames():
    pair = panning(1, 48, 64)[0]
    flow = np.zeros((48, 64, 2), np.int16)

    def peak(count):
        tracemalloc.start()
        for _ in steady(((pair.copy(), pair.copy()) for _ in range(count)), radius=2, threads=1, find=lambda a, b: (flow, flow)):
            pass
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    peak(10)
    assert peak(120) < 1.2 * peak(20)


STEPS = [plain, *([compiled] if usual() is compiled else [])]
if importlib.util.find_spec("torch"):
    from lib_vidstyl.temporal.torch_gather import TorchStep

    STEPS.append(TorchStep())


@pytest.mark.parametrize("step", STEPS)
def test_a_path_follows_the_composed_motion(step):
    source = panning(4, step=(2, 1))
    path = Path.home(*source[0].shape[:2])
    moments = [Moment(frame, frame) for frame in source]
    for number, (a, b) in enumerate(pairwise(moments), start=1):
        step(path, measured(a.source, b.source)[0], b.layers, moments[0].layers, Sum.of(moments[0].layers))
        moved = np.median((path.place - grid(*source[0].shape[:2]))[30:60, 40:90], axis=(0, 1))
        assert np.allclose(moved, [-2 * number, -number], atol=0.3)


@pytest.mark.parametrize("step", STEPS)
def test_a_frame_that_fits_is_added_fully_and_one_that_does_not_is_not(step):
    frame = panning(1)[0]
    here, other = Moment(frame, toned(frame)), Moment(frame, 255 - toned(frame))
    still = np.zeros((*frame.shape[:2], 2), np.int16)
    into = Sum.of(here.layers)
    step(Path.home(*frame.shape[:2]), still, other.layers, here.layers, into)
    assert np.allclose(into.weights, 2) and np.allclose(into.mean(), 127.5, atol=0.01)
    into = Sum.of(here.layers)
    step(Path.home(*frame.shape[:2]), still, Moment(frame // 2, frame).layers, here.layers, into)
    assert np.allclose(into.weights[here.layers.picture[..., 3] > 90], 1, atol=0.01)


@pytest.mark.parametrize("step", STEPS)
def test_what_is_as_bright_but_of_another_colour_is_not_added(step):
    grey, red = (np.full((32, 40, 3), colour, np.uint8) for colour in ((128, 128, 128), (212, 85, 128)))
    here, into = Moment(grey, grey), Sum.of(Moment(grey, grey).layers)
    assert np.ptp([*here.layers.picture[..., 3].flat, *Moment(red, red).layers.picture[..., 3].flat]) <= 1
    step(Path.home(32, 40), np.zeros((32, 40, 2), np.int16), Moment(red, red).layers, here.layers, into)
    assert np.array_equal(into.weights, np.ones((32, 40), np.float32))


@pytest.mark.parametrize("step", STEPS)
def test_what_lies_beyond_the_border_counts_nothing(step):
    frame = panning(1)[0]
    here, into = Moment(frame, frame), Sum.of(Moment(frame, frame).layers)
    away = stored(np.dstack([np.full(frame.shape[:2], shift, np.float32) for shift in (-40.5, 3000.0)]))
    step(Path.home(*frame.shape[:2]), away, here.layers, here.layers, into)
    assert np.array_equal(into.weights, np.ones(frame.shape[:2], np.float32))


@pytest.mark.skipif(len(STEPS) < 2, reason="neither numba nor torch is installed")
@pytest.mark.parametrize("step", STEPS[1:])
@pytest.mark.parametrize(("height", "width"), [(96, 128), (33, 47), (20, 17)])
def test_every_step_makes_what_opencv_makes(step, height, width):
    source = panning(5, height, width, step=(3, 2))
    moments = [Moment(frame, styled) for frame, styled in zip(source, flickering([toned(frame) for frame in source]), strict=True)]
    for moment, after in pairwise(moments):
        moment.joined(after)
    for at in (0, 2, 4):
        off = np.abs(averaged(moments, at, plain) - averaged(moments, at, step))
        assert off.mean() < 0.2 and np.percentile(off, 99) < 1.0


def test_frames_of_different_size_are_not_neighbours():
    link = Link(np.zeros((32, 32, 3), np.uint8), np.zeros((32, 40, 3), np.uint8))
    assert link.flows() is None


def test_a_link_is_searched_once():
    asked = []

    def find(a, b):
        asked.append(1)
        return measured(a, b)

    frames = panning(2)
    link = Link(*frames, find)
    assert link.flows() is link.flows()
    assert asked == [1]


def test_light_and_colour_are_taken_from_the_mean_whatever_is_kept():
    frame = toned(panning(1)[0]).astype(np.float32)
    for keep in (0.0, 0.25, 1.0):
        assert np.abs(mixed(frame + np.float32([9, -6, 3]), frame, keep) - frame).max() < 0.01


def test_structure_is_never_lost_beyond_what_is_allowed():
    rng = np.random.default_rng(0)
    mean = np.full((64, 64, 3), 128, np.float32)
    strokes = mean + (40 * np.sign(rng.standard_normal((64, 64))))[..., None].astype(np.float32)
    left = [float(brightness(mixed(strokes, mean, keep)).std()) / 40 for keep in (0.0, 0.25, 1.0)]
    assert left[0] < 0.05 and 0.6 < left[1] < left[2] <= 1


def test_small_flicker_on_strong_contrast_goes():
    picture = np.tile(np.float32([[0, 0, 200, 200]]), (64, 16))
    flicker = 4 * np.random.default_rng(0).standard_normal(picture.shape).astype(np.float32)
    assert kept(picture, flicker, 0.25).max() < 0.05
    assert kept(np.full_like(picture, 100), flicker, 0.25).min() > 0.4


def test_sharpening_is_one_where_nothing_was_lost():
    plane = panning(1)[0][..., 0].astype(np.float32)
    assert np.array_equal(sharpening(plane, plane), np.ones_like(plane))


def test_one_frame_alone_stays():
    frame = panning(1)[0]
    assert np.array_equal(steadied([Moment(frame, toned(frame))], 0), toned(frame))


def test_the_window_gives_each_item_with_its_neighbours():
    window = Window(2)
    views = [view for item in range(6) for view in window.add(item)] + list(window.end())
    assert [items[at] for items, at in views] == list(range(6))
    assert views[3][0] == [1, 2, 3, 4, 5]
    assert [len(items) for items, _ in views] == [3, 4, 5, 5, 4, 3]
