"""Forge and its kin: script and tab by hand, inversion, and the ControlNet that is built in.

VIDSTYL_E2E_FORGE_URL and VIDSTYL_E2E_FORGE_FOLDER name one that runs with --api (on a CPU with --always-cpu --all-in-fp32) and
has loaded the checkpoint of `wide.install`, with vidstyl-t2iadapter.safetensors of `checkpoints.adapter(width=320)` and
vidstyl-controlnet.safetensors of `wide.controlnet`. A step takes it seconds: few are taken.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e import test_controlnet, test_inversion, test_page, test_script, test_tab
from tests.e2e.test_controlnet import _pictures, unit
from tests.e2e.test_inversion import by_vae, mean_error
from tests.e2e.test_script import difference
from tests.e2e.webui import Refused, Webui

clip, frame = test_controlnet.clip, test_inversion.frame  # fixtures of the tests at the end
FEW = {"steps": 2, "cfg_scale": 1.0, "seed": 3}


@pytest.fixture
def webui():
    """Takes the place of the webui whose checkpoint is tiny, also for the browser's page."""
    url, folder = (os.environ.get(f"VIDSTYL_E2E_FORGE_{name}") for name in ("URL", "FOLDER"))
    if not url or not folder:
        pytest.skip("VIDSTYL_E2E_FORGE_URL and VIDSTYL_E2E_FORGE_FOLDER are not set: see tests/e2e/test_forge.py")
    return Webui(url, Path(folder), steps=2, cfg_scale=1)


def test_a_film_of_what_img2img_paints_there(webui, make_clip):
    clip = make_clip(webui, count=2)
    frames = webui.film(clip, request=FEW).frames()
    source = np.asarray(Image.open(clip / "001.png"))
    assert sorted(frames) == [0, 1]
    assert difference(frames[1], webui.painted(source, **FEW)) == 0


def test_an_inverted_frame_comes_back_there(webui, make_clip):
    clip = make_clip(webui, count=1)
    source = np.asarray(Image.open(clip / "000.png"))
    answer = webui.film(clip, request={**FEW, "steps": 4}, Make="an inversion check", Size="the working size")
    assert mean_error(answer.images[1], source) <= 1.2 * mean_error(by_vae(source), source)


@pytest.mark.parametrize("model", ["vidstyl-t2iadapter", "vidstyl-controlnet"])
def test_a_frame_follows_its_map_there(webui, make_clip, model):
    clip = _pictures(make_clip(webui, count=1).parent / "grey", {0: 60, 1: 60})
    maps = _pictures(clip.parent / "maps", {0: 0, 1: 255})
    controlled = {"alwayson_scripts": {"ControlNet": {"args": [unit(model=model)]}}}
    frames = webui.film(clip, request={**FEW, "denoising_strength": 0.75, **controlled}, Control_sources="0: maps",
                        Control_files=f"0: {maps}", Size="the working size").frames()
    assert frames[1].mean() > frames[0].mean() + 20
    with pytest.raises(Refused, match="no model 'absent'"):
        webui.film(clip, request={**FEW, "alwayson_scripts": {"ControlNet": {"args": [unit(model="absent")]}}})


test_one_frame_with_several_seeds_there = test_script.test_one_frame_with_several_seeds
test_bad_clips_are_refused_there = test_script.test_bad_clips_are_refused_with_a_sentence
test_a_units_own_picture_counts_there = test_script.test_a_units_own_picture_reaches_every_frame
test_units_have_their_own_sources_there = test_controlnet.test_three_units_with_three_sources
test_kept_maps_are_the_hosts_own_there = test_controlnet.test_a_kept_map_paints_as_controlnets_own_and_is_made_once
test_what_control_misses_is_said_there = test_controlnet.test_what_is_missing_is_an_error_not_frames_without_control
test_control_and_inversion_together_there = test_inversion.test_a_frame_comes_back_through_the_control_that_its_noise_was_found_with
test_a_clip_dropped_in_img2img_plays_there = test_page.test_a_film_with_sound_from_an_upload
test_no_clip_is_said_there = test_page.test_without_a_clip_the_page_says_so
test_an_infotext_is_pasted_there = test_page.test_an_infotext_pasted_restores_the_script_and_its_fields
test_the_script_fits_the_window_there = test_page.test_nothing_is_wider_than_the_page
test_the_tab_from_clip_to_film_there = test_tab.test_keys_stop_reload_and_a_film_that_plays
test_keys_in_the_tab_there = test_tab.test_a_keyed_film_and_one_key_painted_anew
test_a_frame_goes_to_img2img_there = test_tab.test_a_frame_goes_to_img2img
test_the_tab_fits_the_window_there = test_tab.test_no_part_of_the_tab_is_wider_than_the_window
