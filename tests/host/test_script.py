from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("gradio", reason="the script's controls are Gradio's")

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.host.jobs import generate, like
from tests.host.pressing import FRAMES, ask, film_of, make, project_of, stored
from tests.host.webui import request


def test_a_film_is_made_with_every_frame_gallery_and_names(webui, clip):
    result = make(clip)
    with open_clip(film_of(result)) as film:
        assert film.info.frames == FRAMES
    assert len(stored(result)) == FRAMES == len(webui.calls)
    assert film_of(result).parent == clip.parent and film_of(result).name == "walk-stylized.mp4"
    assert 1 <= len(result.images) <= 8
    assert f"Film: {film_of(result)}" in result.comments and "walk-stylized.vidstyl" in result.comments
    assert webui.saved == []


def test_without_a_clip_the_error_says_what_to_do(webui):
    with pytest.raises(SettingsError, match=r"there is no clip.*Upload"):
        generate(request(), None, ask(None))


def test_the_batch_tab_is_explained(webui, clip):
    space = {"__name__": "modules.img2img", "generate": lambda: make(clip)}
    exec("def process_batch():\n    return generate()", space)
    with pytest.raises(SettingsError, match="Batch tab"):
        space["process_batch"]()


def test_arguments_of_the_wrong_number_are_refused(webui, clip):
    with pytest.raises(SettingsError, match="values were given"):
        generate(request(), None, ask(clip)[:-1])
    p = request()
    p.scripts.inputs = [None] * 9
    p.script_args = [0] * 7
    with pytest.raises(SettingsError, match="script_args"):
        generate(p, None, ask(clip))


def test_nothing_changed_repaints_nothing_and_gives_the_same_film(webui, clip):
    first = make(clip)
    film = film_of(first).read_bytes()
    painted = len(webui.calls)
    second = make(clip)
    assert len(webui.calls) == painted
    assert film_of(second) == film_of(first) and film_of(second).read_bytes() == film


@pytest.mark.parametrize("change", ["prompt", "checkpoint", "steps"])
def test_what_changed_repaints_in_a_named_project(webui, clip, change):
    where = str(clip.parent / "mine")
    before = stored(make(clip, script__project=where))
    painted = len(webui.calls)
    p = request(width=64, height=48)
    if change == "checkpoint":
        webui.shared.opts.sd_model_checkpoint = "other.safetensors"
    else:
        setattr(p, change, {"prompt": "snow storm", "steps": 7}[change])
    after = stored(make(clip, p, script__project=where))
    assert len(webui.calls) == painted + FRAMES
    assert change != "prompt" or any((a != b).any() for a, b in zip(before, after, strict=True))


def test_a_film_is_never_replaced_by_one_with_other_settings(webui, clip):
    first = make(clip)
    film = film_of(first).read_bytes()
    second = make(clip, request(width=64, height=48, prompt="rain"))
    assert film_of(second).name == "walk-stylized-2.mp4"
    assert film_of(first).read_bytes() == film
    third = make(clip, script__resume=False)
    assert film_of(third).name == "walk-stylized-3.mp4"
    assert film_of(make(clip)).name == "walk-stylized-3.mp4", "the latest film with these settings goes on"


def test_another_mask_makes_another_film(webui, clip):
    masks = []
    for name, half in (("left", slice(0, 32)), ("right", slice(32, 64))):
        plane = np.zeros((48, 64, 3), np.uint8)
        plane[:, half] = 255
        masks.append(clip.parent / f"{name}.png")
        masks[-1].write_bytes(encode_png(plane))
    made = [make(clip, paint__mask=str(mask)) for mask in (*masks, masks[0])]
    assert [film_of(one).name for one in made] == ["walk-stylized.mp4", "walk-stylized-2.mp4", "walk-stylized.mp4"]


def test_another_format_takes_the_painted_frames(webui, clip):
    make(clip)
    painted = len(webui.calls)
    result = make(clip, encode__format="gif")
    assert film_of(result).name == "walk-stylized.gif" and len(webui.calls) == painted


def test_a_drawn_seed_is_one_for_all_frames_and_for_the_rest_of_a_stopped_run(webui, clip):
    stop_after(webui, 3)
    p = request(width=64, height=48, seed=-1)
    stopped = make(clip, p)
    assert "Stopped" in stopped.comments and "Video Stylize film" not in stopped.extra_generation_params
    webui.shared.state.begin()
    webui.on_step = lambda step: None
    finished = make(clip, request(width=64, height=48, seed=-1))
    assert project_of(finished) == project_of(stopped)
    assert {call.seed for call in webui.calls} == {finished.seed} and finished.seed >= 0
    again = make(clip, request(width=64, height=48, seed=-1))
    assert project_of(again) != project_of(finished), "a finished film with a drawn seed is not made again: a new one is drawn"


def stop_after(webui, frames: int) -> None:
    def step(now: int) -> None:
        if len(webui.calls) > frames:
            webui.shared.state.interrupted = True
    webui.on_step = step


def test_a_stopped_run_goes_on_to_the_same_film(webui, clip, tmp_path):
    whole = make(clip, script__project=str(clip.parent / "whole"))
    webui.calls.clear()
    stop_after(webui, 3)
    stopped = make(clip, script__project=str(clip.parent / "part"))
    assert len(stored(stopped)) == 3
    webui.shared.state.begin()
    webui.on_step = lambda step: None
    webui.calls.clear()
    resumed = make(clip, script__project=str(clip.parent / "part"))
    assert len(webui.calls) == FRAMES - 3
    assert film_of(resumed).read_bytes() == film_of(whole).read_bytes()


def test_a_skipped_frame_is_missing_and_named_and_painted_next_time(webui, clip):
    webui.on_step = lambda step: setattr(webui.shared.state, "skipped", len(webui.calls) == 3)
    result = make(clip)
    assert film_of(result).name == "walk-stylized-incomplete.mp4" and "2: skipped" in result.comments
    webui.on_step = lambda step: None
    webui.calls.clear()
    assert film_of(make(clip)).name == "walk-stylized.mp4" and len(webui.calls) == 1


def test_progress_is_the_hosts_own(webui, clip):
    seen = []
    webui.on_step = lambda step: seen.append((webui.shared.state.job_no, webui.shared.state.job_count, webui.shared.state.textinfo))
    make(clip)
    assert [no for no, _, _ in seen[::4]] == list(range(FRAMES))
    assert {count for _, count, _ in seen} == {FRAMES}
    assert "Painting: 3 of 6 frames" in seen[4 * 3][2]
    assert len(webui.shared.state.previews) >= FRAMES


@pytest.mark.parametrize(("size", "resize", "called", "made"), [
    ("the clip's shape", 0, (56, 40), (56, 40)), ("img2img's width and height", 0, (48, 48), (48, 48)),
    ("img2img's width and height", 1, (48, 48), (48, 48)), ("the working size", 0, (64, 48), (64, 48))])
def test_sizes(webui, clip, size, resize, called, made):
    result = make(clip, request(width=48, height=48, resize_mode=resize), script__size=size)
    assert (webui.calls[0].width, webui.calls[0].height) == called
    with open_clip(film_of(result)) as film:
        assert (film.info.width, film.info.height) == made


def test_the_clips_shape_has_as_many_pixels_as_img2img():
    from types import SimpleNamespace

    for width, height in ((1920, 1080), (720, 1280), (512, 512), (4000, 100)):
        wide, high = like(SimpleNamespace(width=width, height=height), 512 * 512)
        assert abs(wide * high / (512 * 512) - 1) < 0.06 and wide % 8 == high % 8 == 0
        assert abs(wide / high / (width / height) - 1) < 0.1


def test_try_one_frame_paints_it_with_several_seeds(webui, clip):
    p = request(width=64, height=48, seed=7)
    result = make(clip, p, script__make="one frame", script__trial_frame="4", script__trial_seeds=5)
    assert result.all_seeds == [7, 8, 9, 10, 11] and len(result.images) == 5
    assert result.extra_generation_params["Video Stylize frame"] == "4"
    assert "Seed: 9" in result.images[2].info["parameters"]
    assert not list(clip.parent.glob("*.vidstyl"))
    film = make(clip, request(width=64, height=48, seed=9))
    np.testing.assert_array_equal(stored(film)[4], np.asarray(result.images[2]))


def test_a_nan_frame_never_reaches_the_disk(webui, clip):
    pytest.importorskip("torch", reason="dtypes are torch's")
    clean = stored(make(clip, script__project=str(clip.parent / "clean")))
    webui.faults, webui.fault_at = {"half"}, lambda call: True
    webui.shared.cmd_opts.disable_nan_check = True
    result = make(clip, script__project=str(clip.parent / "spoiled"))
    for made, expected in zip(stored(result), clean, strict=True):
        np.testing.assert_array_equal(made, expected)
    assert "came out black" in result.comments
    webui.faults = {"always"}
    with pytest.raises(Exception, match="--no-half"):
        make(clip, script__project=str(clip.parent / "hopeless"))
    assert not list((clip.parent / "hopeless").glob("frames/*.png"))
