"""Webuis that are started for the test: killed in mid-run, with and without flags, without the page, without ControlNet."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.e2e.conftest import PRECISE
from tests.e2e.test_script import SLOW, _project_with_frames, difference
from tests.e2e.webui import SCRIPT, Refused, frames_in, wait_for, written

IMPRECISE = ("--precision", "half")  # what also a CPU paints in; with neither flag v1.10.1 asks CUDA first
WITHOUT_CONTROL = {"disabled_extensions": ["sd-webui-controlnet"], "disable_all_extensions": "none"}
HALF = ("vidstyl-half-vae", "vidstyl-half-unet", "vidstyl-half-attention")


def test_killed_in_mid_run_and_resumed_by_the_next_webui(launcher, own_folder, make_clip):
    webui = launcher.start(own_folder, *PRECISE)
    clip = make_clip(webui, count=8)
    whole = webui.film(clip, request=SLOW, Resume=False).frames()
    webui.film_aside(clip, request=SLOW, Resume=False)
    project = wait_for(lambda: _project_with_frames(clip, webui, 3))
    launcher.kill()
    kept, times = frames_in(project), written(project)
    assert 3 <= len(kept) < 8
    assert all(difference(kept[i], whole[i]) == 0 for i in kept)
    webui = launcher.start(own_folder, *PRECISE)
    finished = webui.film(clip, request=SLOW, Project_folder=str(project))
    assert finished.film.is_file()
    again = written(project)
    assert len(again) == 8 and sum(again[name] != when for name, when in times.items()) <= 1  # the last may not be on record yet
    assert all(difference(frame, whole[i]) == 0 for i, frame in finished.frames().items())


@pytest.mark.parametrize("flags", [(), ("--disable-nan-check",)], ids=["plain", "nan check off"])
def test_half_precision_that_fails_is_raised_and_put_back(launcher, own_folder, make_clip, flags):
    webui = launcher.start(own_folder, *IMPRECISE, *flags)
    clip = make_clip(webui, count=2)
    webui.switch("vidstyl-tiny")
    healthy = webui.film(clip).frames()
    for checkpoint in HALF:
        webui.switch(checkpoint)
        frames = webui.film(clip, Resume=False).frames()
        assert sorted(frames) == [0, 1], checkpoint
        for i, frame in frames.items():
            assert frame.mean() > 10, f"{checkpoint}: frame {i} is black"
            assert difference(frame, healthy[i]) < 12, checkpoint
    webui.switch("vidstyl-nan")
    with pytest.raises(Refused, match="frame 0"):
        webui.film(clip, Resume=False)
    webui.switch("vidstyl-tiny")
    assert all(difference(frame, healthy[i]) == 0 for i, frame in webui.film(clip, Resume=False).frames().items())


def test_a_film_that_fades_to_black_passes_in_half_precision(launcher, own_folder, make_clip):
    webui = launcher.start(own_folder, *IMPRECISE)
    webui.switch("vidstyl-tiny")
    clip = make_clip(webui, count=3)
    for i, share in enumerate((1.0, 0.4, 0.0)):
        path = clip / f"{i:03d}.png"
        Image.fromarray((np.asarray(Image.open(path)) * share).astype(np.uint8)).save(path)
    assert sorted(webui.film(clip, Resume=False).frames()) == [0, 1, 2]


def test_without_the_page_and_without_controlnet(launcher, own_folder, make_clip):
    webui = launcher.start(own_folder, *PRECISE, "--nowebui", config=WITHOUT_CONTROL)
    clip = make_clip(webui, count=2)
    with pytest.raises(Refused):
        webui.get("/controlnet/model_list")
    assert webui.film(clip, Frames_per_batch=2).film.is_file()
    (own_folder / "config.json").unlink()


def test_the_page_without_controlnet(launcher, own_folder, make_clip):
    webui = launcher.start(own_folder, *PRECISE, config=WITHOUT_CONTROL)
    assert webui.film(make_clip(webui, count=2)).film.is_file()
    assert "Traceback" not in launcher.said()
    (own_folder / "config.json").unlink()


def test_the_owners_own_defaults_fill_the_script(launcher, own_folder):
    """The webui's ui-config.json, which "Settings > Defaults" writes, holds every field of the script."""
    own = {"Seed rule": "each", "Frames per batch": 3, "Prompts per range": "0-9: rain", "Resume": False, "Format": "webm"}
    where = own_folder / "ui-config.json"
    where.write_text(json.dumps({f"customscript/video_stylize.py/img2img/{label}/value": value for label, value in own.items()}),
                     encoding="utf-8")
    try:
        webui = launcher.start(own_folder, *PRECISE)
        shown = [part["props"] for part in webui.get("/config")["components"]]
        script = {props["label"]: props["value"] for props in shown if str(props.get("elem_id")).startswith("script_vidstyl_")
                  and "value" in props and "label" in props}
        assert {label: script[label] for label in own} == own
        kept = json.loads(where.read_text(encoding="utf-8"))
        missing = [argument["label"] for argument in script_arguments(webui)
                   if f"customscript/video_stylize.py/img2img/{argument['label']}/value" not in kept]
        assert missing == ["Upload a clip"]
    finally:
        where.unlink()


def script_arguments(webui):
    scripts = webui.get("/sdapi/v1/script-info")
    return next(script for script in scripts if script["name"] == SCRIPT and script["is_img2img"])["args"]
