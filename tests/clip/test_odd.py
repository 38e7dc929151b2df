"""Odd but valid clips: frame counts exact, facts right, every picture the right one."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.clip import open_clip
from tests.clip.odd import ODD, Odd, number_of


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_an_odd_clip_is_read_exactly(odd: Odd, tmp_path):
    with open_clip(odd.make(tmp_path)) as clip:
        pictures = list(clip.pictures())
        assert clip.count() == len(pictures) == odd.frames == clip.info.frames
        assert clip.info.exact
        assert [picture.index for picture in pictures] == list(range(odd.frames))
        assert (clip.info.width, clip.info.height) == odd.size
        for picture in pictures:
            assert picture.image.shape == (odd.size[1], odd.size[0], 3)
            assert picture.image.dtype == np.uint8
            assert (picture.alpha is not None) == clip.info.alpha
        if odd.first is not None:
            shown = [number_of(picture.image) for picture in pictures]
            assert shown == list(range(odd.first, odd.first + odd.frames))
        if odd.times is not None:
            assert [picture.time for picture in pictures] == list(odd.times)[: odd.frames]
        assert {name: getattr(clip.info, name) for name in odd.facts} == odd.facts
        assert odd.notice in " ".join(clip.info.notices)
        assert clip.info.duration == pictures[-1].time + pictures[-1].duration > 0


@pytest.mark.parametrize("name", [odd.name for odd in ODD if odd.name.startswith(("alpha", "apng-a", "webp-a"))])
def test_alpha_is_kept(name, tmp_path):
    odd = next(odd for odd in ODD if odd.name == name)
    with open_clip(odd.make(tmp_path)) as clip:
        alpha = clip.picture(3).alpha
    assert abs(int(alpha[4, 40]) - 255) <= 2
    assert abs(int(alpha[-4, 40]) - 64) <= 3


def test_sound_is_found_with_its_start(tmp_path):
    def sounds(name: str):
        with open_clip(next(odd for odd in ODD if odd.name == name).make(tmp_path)) as clip:
            return clip.info.sounds

    assert [sound.rate for sound in sounds("two-sounds")] == [48000, 48000]
    (late,) = sounds("late-sound")
    assert abs(late.start - 0.5) < 0.03
    assert (late.codec, late.channels) == ("aac", 2)
    assert sounds("silent") == ()
