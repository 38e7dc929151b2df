"""What is said per range of frames, and how fast they come."""

from __future__ import annotations

from fractions import Fraction

import pytest

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.stages.decode import frame_rate
from lib_vidstyl.stages.ranges import at, ranges, whole_numbers


def test_the_first_range_that_holds_a_frame_speaks():
    said = ranges("0-9: rain\n\n10: thunder\n 12 - : sun: bright\n-3: never")
    assert [at(said, index) for index in (0, 9, 10, 11, 12, 999)] == ["rain", "rain", "thunder", "", "sun: bright", "sun: bright"]


def test_an_open_beginning():
    assert at(ranges("-3: dawn"), 3) == "dawn"
    assert at(ranges("-3: dawn"), 4) == ""


@pytest.mark.parametrize("text", ["rain", ": rain", "a-b: rain", "9-3: rain", "1.5-2: rain", "9" * 5000 + ": rain"])
def test_lines_without_a_range_are_named(text):
    with pytest.raises(SettingsError, match="prompts per range"):
        ranges(text)


@pytest.mark.parametrize("text", ["", "x", "0", "1/0", "-25", "1e3", "1e999999999", "9" * 5000, "1001", "25 25"])
def test_nonsense_is_no_frame_rate(text):
    with pytest.raises(SettingsError, match=r"29\.97"):
        frame_rate(text)


@pytest.mark.parametrize(("text", "rate"), [(" 25 ", 25), ("29.97", Fraction(2997, 100)), ("30000/1001", Fraction(30000, 1001))])
def test_frame_rates(text, rate):
    assert frame_rate(text) == rate


def test_whole_numbers():
    assert whole_numbers(" 1, 2;3\n4 ") == [1, 2, 3, 4]
    assert whole_numbers("") == []
    with pytest.raises(SettingsError, match="x"):
        whole_numbers("1, x")
