"""What is said per range of frames."""

from __future__ import annotations

import pytest

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.stages.ranges import at, ranges, whole_numbers


def test_the_first_range_that_holds_a_frame_speaks():
    said = ranges("0-9: rain\n\n10: thunder\n 12 - : sun: bright\n-3: never")
    assert [at(said, index) for index in (0, 9, 10, 11, 12, 999)] == ["rain", "rain", "thunder", "", "sun: bright", "sun: bright"]


def test_an_open_beginning():
    assert at(ranges("-3: dawn"), 3) == "dawn"
    assert at(ranges("-3: dawn"), 4) == ""


@pytest.mark.parametrize("text", ["rain", ": rain", "a-b: rain", "9-3: rain", "1.5-2: rain"])
def test_lines_without_a_range_are_named(text):
    with pytest.raises(SettingsError, match="prompts per range"):
        ranges(text)


def test_whole_numbers():
    assert whole_numbers(" 1, 2;3\n4 ") == [1, 2, 3, 4]
    assert whole_numbers("") == []
    with pytest.raises(SettingsError, match="x"):
        whole_numbers("1, x")
