"""One contract for every kind of clip."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lib_vidstyl.clip import open_clip
from lib_vidstyl.errors import ClipError
from tests.clip.odd import BFRAMES, VFR, encode, numbered, save_pictures
from tests.drawn import moving

COUNT = 40


def _movie(folder, suffix=".mp4", **how):
    return encode(folder / f"movie{suffix}", moving(COUNT, 48, 64), options={**BFRAMES, "g": "9"}, **how)


def _open_gop(folder):
    options = {**BFRAMES, "x264-params": "open-gop=1:keyint=8:scenecut=0"}
    return encode(folder / "open.mkv", moving(COUNT, 48, 64), options=options)


def _stream(folder):
    return encode(folder / "stream.ts", moving(COUNT, 48, 64), codec="mpeg2video", options={"g": "9", "bf": "2"})


def _uneven(folder):
    pictures = [numbered(number) for number in range(7)]
    return encode(folder / "uneven.mkv", pictures, pts=VFR, time_base=Fraction(1, 1000))


def _folder(folder):
    return save_pictures(folder / "pictures", [f"{n}.png" for n in range(12)])


def _animation(folder):
    from PIL import Image

    first, *rest = [Image.fromarray(image) for image in moving(9, 48, 64)]
    first.save(folder / "a.gif", save_all=True, append_images=rest, duration=[50, 90, 30] * 3)
    return folder / "a.gif"


def _still(folder):
    return encode(folder / "one.mp4", [numbered(0)])


KINDS = {
    "mp4": _movie, "mkv": lambda folder: _movie(folder, ".mkv", rate=Fraction(30000, 1001)),
    "avi": lambda folder: _movie(folder, ".avi"), "open-gop": _open_gop, "ts": _stream, "uneven": _uneven,
    "folder": _folder, "gif": _animation, "still": _still,
}


@pytest.fixture(scope="module", params=KINDS)
def path(request, tmp_path_factory):
    return KINDS[request.param](tmp_path_factory.mktemp(request.param))


@pytest.fixture(scope="module")
def played(path):
    with open_clip(path) as clip:
        return list(clip.pictures())


@pytest.fixture(scope="module")
def clip(path):
    with open_clip(path) as opened:
        yield opened


class TestContract:
    def test_facts_and_pictures_agree(self, clip, played):
        info = clip.info
        assert clip.count() == info.frames == len(played) > 0
        assert isinstance(info.fps, Fraction)
        assert [picture.index for picture in played] == list(range(len(played)))
        assert {picture.image.shape for picture in played} == {(info.height, info.width, 3)}
        assert {picture.image.dtype for picture in played} == {np.dtype(np.uint8)}

    def test_time_is_exact_and_without_holes(self, clip, played):
        assert played[0].time == 0
        for picture in played:
            assert isinstance(picture.time, Fraction)
            assert picture.time == clip.time_of(picture.index)
            assert picture.duration == clip.time_of(picture.index + 1) - picture.time > 0
        assert clip.info.duration == clip.time_of(len(played)) == sum(picture.duration for picture in played)

    def test_a_time_finds_its_frame(self, clip, played):
        for picture in played:
            assert clip.frame_at(picture.time) == picture.index
            assert clip.frame_at(picture.time + Fraction(1, 10**6)) == picture.index + 1
        assert clip.frame_at(Fraction(-5)) == 0
        assert clip.frame_at(Fraction(10**9)) == len(played)

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.lists(st.floats(0, 0.999), min_size=1, max_size=8))
    def test_any_order_of_reading_gives_what_playing_gives(self, clip, played, order):
        for place in order:
            index = int(place * len(played))
            picture = clip.picture(index)
            assert (picture.index, picture.time, picture.duration) == (
                index, played[index].time, played[index].duration)
            assert np.array_equal(picture.image, played[index].image)

    @settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(first=st.integers(0, COUNT + 2), length=st.integers(0, 12), every=st.integers(1, 5), open_end=st.booleans())
    def test_a_range_is_a_slice(self, clip, played, first, length, every, open_end):
        end = None if open_end else first + length
        wanted = played[first:end:every]
        found = list(clip.pictures(first, end, every=every))
        assert [picture.index for picture in found] == [picture.index for picture in wanted]
        for picture, other in zip(found, wanted, strict=True):
            assert np.array_equal(picture.image, other.image)

    def test_two_readers_do_not_disturb_each_other(self, clip, played):
        for picture, other in zip(clip.pictures(), clip.pictures(), strict=True):
            jump = clip.picture((picture.index * 7) % len(played))
            assert np.array_equal(picture.image, other.image)
            assert np.array_equal(jump.image, played[jump.index].image)

    @pytest.mark.parametrize("index", [-1, 10**6])
    def test_there_is_no_frame_beyond_the_ends(self, clip, index):
        with pytest.raises(ClipError):
            clip.picture(index)

    def test_closing_twice_and_leaving_early_are_fine(self, path):
        clip = open_clip(path)
        next(clip.pictures())
        clip.picture(0)
        clip.close()
        clip.close()
