"""Forge and its kin: the script paints there as img2img does, inverts and obeys the ControlNet that is built in.

VIDSTYL_E2E_FORGE_URL and VIDSTYL_E2E_FORGE_FOLDER name one that runs with --api (on a CPU with --always-cpu --all-in-fp32) and
has loaded the checkpoint of `wide.install`, with the T2I-Adapter of `checkpoints.adapter(width=320)`. A step takes it seconds:
few are taken.
"""

import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.e2e.test_controlnet import _pictures, unit
from tests.e2e.test_inversion import by_vae, mean_error
from tests.e2e.test_script import difference
from tests.e2e.webui import Refused, Webui

FEW = {"steps": 2, "cfg_scale": 1.0, "seed": 3}


@pytest.fixture
def forge():
    url, folder = (os.environ.get(f"VIDSTYL_E2E_FORGE_{name}") for name in ("URL", "FOLDER"))
    if not url or not folder:
        pytest.skip("VIDSTYL_E2E_FORGE_URL and VIDSTYL_E2E_FORGE_FOLDER are not set: see tests/e2e/test_forge.py")
    return Webui(url, Path(folder))


def test_a_film_of_what_img2img_paints_there(forge, make_clip):
    clip = make_clip(forge, count=2)
    frames = forge.film(clip, request=FEW).frames()
    source = np.asarray(Image.open(clip / "001.png"))
    assert sorted(frames) == [0, 1]
    assert difference(frames[1], forge.painted(source, **FEW)) == 0


def test_an_inverted_frame_comes_back_there(forge, make_clip):
    clip = make_clip(forge, count=1)
    source = np.asarray(Image.open(clip / "000.png"))
    answer = forge.film(clip, request={**FEW, "steps": 4}, Make="an inversion check", Size="the working size")
    assert mean_error(answer.images[1], source) <= 1.2 * mean_error(by_vae(source), source)


def test_a_frame_follows_its_map_there(forge, make_clip):
    clip = _pictures(make_clip(forge, count=1).parent / "grey", {0: 60, 1: 60})
    maps = _pictures(clip.parent / "maps", {0: 0, 1: 255})
    controlled = {"alwayson_scripts": {"ControlNet": {"args": [unit()]}}}
    frames = forge.film(clip, request={**FEW, "denoising_strength": 0.75, **controlled}, Control_sources="0: maps",
                        Control_files=f"0: {maps}", Size="the working size").frames()
    assert frames[1].mean() > frames[0].mean() + 20
    with pytest.raises(Refused, match="no model 'absent'"):
        forge.film(clip, request={**FEW, "alwayson_scripts": {"ControlNet": {"args": [unit(model="absent")]}}})
