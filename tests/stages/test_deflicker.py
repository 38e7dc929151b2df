"""The deflicker stage: order, store and resume, frames that failed."""

from __future__ import annotations

import sys
from fractions import Fraction

import numpy as np
import pytest

import lib_vidstyl
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import Cancelled, SettingsError
from lib_vidstyl.front.cli import main
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.motion.follow import step
from lib_vidstyl.pipeline import finish, switched
from lib_vidstyl.stages.guide import Guide
from tests.fakes import Failing, Fake
from tests.films import pictures, psnr, written
from tests.temporal.films import flickering, panning, toned

COUNT = 8


@pytest.fixture
def source(tmp_path):
    return written(tmp_path / "source", panning(COUNT, 48, 64))


def truth():
    return [toned(frame) for frame in panning(COUNT, 48, 64)]


def flickers(task):
    return flickering([truth()[task.index]], seed=task.index)[0]


def make(source, stylizer, film="film.mkv", stop=lambda: False, **changes):
    recipe = switched(new_recipe().replaced("encode", format="ffv1"), on=["deflicker"])
    recipe = recipe.replaced("deflicker", **{"window": 3, **changes})
    return finish(order(source, source.parent / film, recipe=recipe).start(stylizer, stop=stop))


def test_the_film_is_steadier_and_in_order(source):
    result = make(source, Fake(flickers))
    made = pictures(result.film)
    assert (result.frames, len(made)) == (COUNT, COUNT)
    gains = [psnr(after, true) - psnr(flickering([true], seed=index)[0], true)
             for index, (after, true) in enumerate(zip(made, truth(), strict=True))]
    assert np.mean(gains) > 2, gains


def test_flow_that_carries_keys_on_is_not_searched_again(tmp_path, monkeypatch):
    size = (160, 120)
    source = written(tmp_path / "source", panning(6, size[1], size[0]))
    recipe = switched(new_recipe().replaced("encode", format="ffv1"), on=["keyframes", "propagate", "deflicker"])
    recipe = recipe.replaced("keyframes", choice="list", frames="0, 5").replaced("propagate", method="warp")
    searched = []
    monkeypatch.setattr("lib_vidstyl.stages.traces.step", lambda a, b: searched.append(1) or step(a, b))
    monkeypatch.setattr("lib_vidstyl.stages.deflicker.measured", lambda a, b: pytest.fail("searched again"))
    finish(order(source, tmp_path / "film.mkv", recipe=recipe).start(Fake(lambda task: toned(task.image))))
    assert len(searched) == 5


def test_off_by_default():
    assert "deflicker" in new_recipe().off


def test_a_stopped_run_goes_on_to_the_same_bytes(source):
    whole = make(source, Fake(flickers), "whole.mkv").film.read_bytes()
    for stop_after in range(1, 40, 6):
        asked = iter(range(10**6))
        with pytest.raises(Cancelled):
            make(source, Fake(flickers), f"film{stop_after}.mkv", stop=lambda asked=asked, last=stop_after: next(asked) >= last)
        assert make(source, Fake(flickers), f"film{stop_after}.mkv").film.read_bytes() == whole


def test_kept_frames_are_taken_from_the_store(source, monkeypatch):
    make(source, Fake(flickers))
    monkeypatch.setattr("lib_vidstyl.stages.deflicker.steadied", lambda *a, **k: pytest.fail("made again"))
    make(source, Fake(flickers))


def test_changed_settings_make_the_frames_again(source):
    one = pictures(make(source, Fake(flickers)).film)
    other = pictures(make(source, Fake(flickers), strength=0.0).film)
    assert not np.array_equal(one[3], other[3])


def test_a_frame_that_failed_is_passed_by(source):
    result = make(source, Failing([3], change=flickers))
    assert list(result.failed) == [3]
    assert len(pictures(result.film)) == COUNT


def test_frames_of_another_size_than_the_clip(source):
    import cv2

    result = make(source, Fake(lambda task: cv2.resize(flickers(task), (96, 72)), resizes=True))
    assert pictures(result.film)[0].shape == (72, 96, 3)


def folder_of(place, frames):
    place.mkdir()
    for index, frame in enumerate(frames):
        (place / f"{index:04d}.png").write_bytes(encode_png(frame))
    return place


def test_a_film_made_elsewhere_is_steadied_by_its_guide(source, tmp_path):
    styled = folder_of(tmp_path / "styled", flickering(truth()))
    result = lib_vidstyl.deflicker(styled, source, tmp_path / "steady.mkv", deflicker_window=3)
    gains = [psnr(after, true) - psnr(before, true)
             for after, before, true in zip(pictures(result.film), flickering(truth()), truth(), strict=True)]
    assert np.mean(gains) > 1.5, gains


def test_a_guide_of_another_size_serves(source, tmp_path):
    import cv2

    styled = folder_of(tmp_path / "styled", [cv2.resize(frame, (96, 72)) for frame in flickering(truth())])
    assert pictures(lib_vidstyl.deflicker(styled, source, tmp_path / "steady.mkv").film)[0].shape == (72, 96, 3)


def test_a_guide_of_another_length_is_named(source, tmp_path):
    styled = folder_of(tmp_path / "styled", truth()[:3])
    with pytest.raises(SettingsError, match=r"8 frames in 0\.32 s, the film 3 in 0\.12 s"):
        lib_vidstyl.deflicker(styled, source, tmp_path / "steady.mkv")


def test_frames_are_matched_by_time_where_the_rates_differ(source, tmp_path):
    styled = folder_of(tmp_path / "styled", truth()[::2])
    with open_clip(styled, fps=Fraction(25, 2)) as clip, Guide(str(source), clip, Fraction(25)) as guide:
        assert [guide.picture(picture).index for picture in clip.pictures()] == [0, 2, 4, 6]
        assert "matched by time" in guide.notice


def test_the_command(source, tmp_path, capsys):
    styled = folder_of(tmp_path / "styled", flickering(truth()))
    film = tmp_path / "steady.mkv"
    assert main(["deflicker", str(styled), "--guide", str(source), "-o", str(film), "--deflicker-window", "2"]) == 0
    assert len(pictures(film)) == COUNT
    assert main(["deflicker", str(styled), "-o", str(film)]) == 2
    assert "--guide" in capsys.readouterr().err


def test_a_device_that_is_not_there_is_said_before_anything_is_made(source):
    painter, absent = Fake(flickers), "cuda" if sys.platform == "darwin" else "mps"
    with pytest.raises(SettingsError, match=f"nothing can be calculated on '{absent}'"):
        make(source, painter, device=absent)
    assert painter.asked == [] and not (source.parent / "film.mkv").exists()
