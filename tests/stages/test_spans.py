"""The film cut into spans from key to key; which keys a frame in one is made from, and how much of each."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_vidstyl.clip.model import Picture
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.stages.base import Frame, Progress
from lib_vidstyl.stages.shares import Shares, by_key
from lib_vidstyl.stages.spans import Span, spans


def frame(index, *, key=False, cut=False, failed=False):
    image = np.zeros((16, 16, 3), np.uint8)
    return Frame(Picture(index, Fraction(index), Fraction(1), image), image if key and not failed else None, "", key, cut)


@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), max_size=40))
def test_spans_hold_every_frame_once_and_no_cut(marks):
    frames = [frame(index, key=key, cut=cut, failed=failed) for index, (key, cut, failed) in enumerate(marks)]
    found = list(spans(iter(frames)))
    passed = [entry for span in found for entry in (*span.between, *((span.after,) if span.after else ()))]
    assert [entry.index for entry in passed] == list(range(len(frames)))
    for span in found:
        assert not any(entry.cut for entry in span.frames[1:])
        assert all(key.image is not None for key in span.keys)
        assert not any(entry.to_paint and entry.image is not None for entry in span.between)


def test_progress_passes_at_once():
    progress = Progress("paint", 1, 2)
    assert next(spans(iter([frame(0), progress, frame(1, key=True)]))) is progress


def parts(ranges="", curve="smooth", sides="both", first=0, last=10):
    span = Span(frame(first, key=True), tuple(frame(index) for index in range(first + 1, last)), frame(last, key=True))
    shares = Shares(sides=sides, curve=curve, reach=ranges)
    return {entry.index: [(part.key.index, part.share) for part in shares.of(span, entry.index)] for entry in span.between}


@pytest.mark.parametrize("curve", ["smooth", "linear", "steep"])
def test_the_fade_is_even_and_rises(curve):
    shares = [dict(entry).get(10, 0.0) for entry in parts(curve=curve).values()]
    assert all(before <= after for before, after in pairwise(shares))
    assert shares == pytest.approx([1 - share for share in shares[::-1]])
    assert shares[4] == pytest.approx(0.5)
    assert all(sum(share for _, share in entry) == pytest.approx(1) for entry in parts(curve=curve).values())


def test_the_fade_runs_where_ranges_overlap():
    made = parts("0: 0-6\n10: 4-10", curve="linear")
    assert [entry for index, entry in made.items() if index < 4] == [[(0, 1.0)]] * 3
    assert [entry for index, entry in made.items() if index > 6] == [[(10, 1.0)]] * 3
    assert [dict(made[index])[10] for index in (4, 5, 6)] == pytest.approx([0.25, 0.5, 0.75])


def test_open_ranges_and_gaps_between_them():
    assert parts("0: -3\n10: 8-")[5] == [(0, 1.0)]
    assert parts("0: -3\n10: 8-")[6] == [(10, 1.0)]
    assert parts("0: 0-")[9] != [(0, 1.0)]


@pytest.mark.parametrize(("sides", "expected"), [("before", [0] * 9), ("after", [10] * 9), ("nearest", [0] * 5 + [10] * 4)])
def test_one_side_only(sides, expected):
    assert [entry[0][0] for entry in parts(sides=sides).values()] == expected
    assert all(len(entry) == 1 for entry in parts(sides=sides).values())


@pytest.mark.parametrize("text", ["30-60: 45", "a: 3", "45:", "45: x", "45: 60-30"])
def test_ranges_that_make_no_sense_are_named(text):
    with pytest.raises(SettingsError, match="ranges of keys"):
        by_key(text)
