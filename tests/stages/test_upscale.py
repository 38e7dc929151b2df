"""Upscale: exact sizes, kept frames, frames that failed, names that are unknown."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl import upscalers
from lib_vidstyl.clip import resized
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish, switched
from tests.drawn import moving
from tests.fakes import Failing, Fake, identity
from tests.films import pictures, written

COUNT = 4


@pytest.fixture
def source(tmp_path):
    return written(tmp_path / "source", moving(COUNT, 48, 64))


@pytest.fixture
def doubler():
    """A costly upscaler that counts its calls."""
    class Doubler:
        name, version, costly, calls = "Doubler", "1", True, 0

        def enlarged(self, image, size):
            Doubler.calls += 1
            return np.repeat(np.repeat(image, 2, 0), 2, 1)

    upscalers.add_source("test", lambda: {"Doubler": Doubler()})
    yield Doubler
    upscalers.remove_source("test")


def make(source, fake, **settings):
    recipe = switched(new_recipe(), on=["upscale"]).replaced("encode", format="ffv1").replaced("decode", longest_side=32)
    recipe = recipe.replaced("upscale", **settings)
    return pictures(finish(order(source, source.parent / "film.mkv", recipe=recipe).start(fake)).film)


def test_off_by_default():
    assert "upscale" in new_recipe().off


@pytest.mark.parametrize(("factor", "size"), [(0.0, (64, 48)), (2.0, (64, 48)), (1.0, (32, 24)), (1.5, (48, 36)), (4.0, (128, 96))])
def test_sizes_are_exact(source, factor, size):
    frames = make(source, Fake(identity), factor=factor)
    assert {frame.shape[1::-1] for frame in frames} == {size} and len(frames) == COUNT


def test_lanczos_is_what_it_says(source):
    small = make(source, Fake(identity), factor=1.0)
    for frame, large in zip(small, make(source, Fake(identity)), strict=True):
        np.testing.assert_array_equal(large, resized(frame, (64, 48)))


def test_costly_frames_are_kept(source, doubler):
    frames = make(source, Fake(identity), upscaler="doubler")
    assert doubler.calls == COUNT
    again = make(source, Fake(identity), upscaler="doubler")
    assert doubler.calls == COUNT
    np.testing.assert_array_equal(frames, again)
    make(source, Fake(identity), upscaler="doubler", factor=3.0)
    assert doubler.calls == 2 * COUNT


def test_a_frame_that_failed_at_the_beginning_does_not_make_the_film_small(source):
    frames = make(source, Failing([0, 2]))
    assert {frame.shape for frame in frames} == {(48, 64, 3)} and len(frames) == COUNT


def test_an_unknown_name_lists_what_there_is(source, doubler):
    with pytest.raises(SettingsError, match=r"no upscaler 'ESRGAN'.*Lanczos, Doubler"):
        make(source, Fake(identity), upscaler="ESRGAN")
