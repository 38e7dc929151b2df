"""Keyframes: how many, how far apart, where; and where one more helps."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from lib_vidstyl.motion.keys import choose, worst
from lib_vidstyl.motion.shots import Measure


def run(motions, sharpness=None, change=0.0):
    sharp = sharpness or [1.0] * len(motions)
    return [Measure(change, motion, sharp[place], (), 64.0) for place, motion in enumerate(motions)]


@st.composite
def clips(draw):
    length = draw(st.integers(1, 150))
    numbers = st.floats(0, 0.2)
    measures = [Measure(draw(numbers), draw(numbers), draw(st.floats(0, 9)), (), 64.0) for _ in range(length)]
    cuts = sorted(draw(st.sets(st.integers(1, max(1, length - 1)), max_size=5)) - {length})
    return measures, cuts


@given(clips(), st.integers(0, 12), st.integers(1, 20), st.integers(1, 80))
def test_every_shot_has_a_key_and_the_limits_hold(clip, most, gap, span):
    measures, cuts = clip
    keys = choose(measures, cuts, most=most, gap=gap, span=span)
    shots = list(zip((0, *cuts), (*cuts, len(measures)), strict=True))
    inside = [[key for key in keys if first <= key < stop] for first, stop in shots]
    assert keys == sorted(set(keys))
    assert all(inside)
    assert sum(map(len, inside)) == len(keys)
    assert all(later - earlier >= gap for held in inside for earlier, later in pairwise(held))
    if most:
        assert len(keys) <= max(most, len(shots))


def test_a_still_shot_has_one_key_in_its_middle():
    assert choose(run([0.0] * 41), []) == [20]


def test_a_long_still_shot_has_a_key_per_span():
    keys = choose(run([0.0] * 300), [], span=60)
    assert len(keys) == 5
    assert max(b - a for a, b in pairwise(keys)) <= 61


def test_keys_gather_where_things_move():
    keys = choose(run([0.0] * 100 + [0.01] * 60), [], span=200)
    assert len([key for key in keys if key >= 100]) > len([key for key in keys if key < 100])


def test_a_larger_change_per_key_makes_fewer_keys():
    moving = run([0.01] * 200)
    assert len(choose(moving, [], change=2.0, span=500)) * 2 == len(choose(moving, [], change=1.0, span=500))


def test_a_sharper_frame_close_by_is_taken_and_a_far_one_is_not():
    sharpness = [1.0] * 41
    sharpness[22] = 3.0
    sharpness[2] = 9.0
    assert choose(run([0.0] * 41, sharpness), []) == [22]


def test_few_keys_go_where_they_bridge_most():
    measures = run([0.0] * 50 + [0.02] * 50)
    keys = choose(measures, [50], most=3, span=500)
    assert len([key for key in keys if key < 50]) == 1
    assert len([key for key in keys if key >= 50]) == 2


def test_nothing_gives_nothing():
    assert choose([], []) == []
    assert worst({}, []) == []


def test_the_worst_span_comes_first_and_says_where_a_key_helps():
    confidences = {frame: 0.9 for frame in range(100)}
    for frame in range(40, 50):
        confidences[frame] = 0.1
    found = worst(confidences, [0, 30, 60, 99])
    assert (found[0].first, found[0].last) == (31, 59)
    assert 40 <= found[0].key < 50
    assert [entry.first for entry in found[1:]] == [1, 61]


def test_no_span_crosses_a_cut():
    found = worst({frame: 0.5 for frame in range(20)}, [5, 15], cuts=[10])
    assert sorted((entry.first, entry.last) for entry in found) == [(0, 4), (6, 9), (10, 14), (16, 19)]


@given(st.dictionaries(st.integers(0, 300), st.floats(0, 1), max_size=80), st.sets(st.integers(0, 300), max_size=8))
def test_a_new_key_always_lies_in_its_span_and_is_none_yet(confidences, keys):
    for entry in worst(confidences, keys, count=100):
        assert entry.first <= entry.key <= entry.last
        assert entry.key in confidences
        assert entry.key not in keys
        assert not any(entry.first <= key <= entry.last for key in keys)
