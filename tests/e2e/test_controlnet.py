"""ControlNet in a real webui: which picture reaches which unit, seen in the pixels that a tiny T2I-Adapter moves."""

import shutil
import uuid

import numpy as np
import pytest
from PIL import Image

from tests.drawn import flat
from tests.e2e.webui import Refused

MODEL = "vidstyl-t2iadapter"
GREYS = (60, 120, 180)
REQUEST = {"steps": 4, "cfg_scale": 1.0, "denoising_strength": 0.75, "seed": 3, "width": 64, "height": 64, "sampler_name": "Euler"}


def unit(**values):
    return {"enabled": True, "module": "none", "model": MODEL, "weight": 1.0, "pixel_perfect": True, **values}


@pytest.fixture
def clip(webui):
    """Flat frames of rising brightness: the adapter adds a control picture's brightness to the frame's."""
    folder = webui.outputs / f"e2e-{uuid.uuid4().hex[:8]}"
    _pictures(folder / "clip", dict(enumerate(GREYS)))
    yield folder
    shutil.rmtree(folder)


def _pictures(folder, greys):
    folder.mkdir(parents=True, exist_ok=True)
    for number, grey in greys.items():
        Image.fromarray(flat((grey,) * 3)).save(folder / f"{number:04d}.png")
    return folder


def painted(webui, clip, *units, **settings):
    """The film's frames, by number."""
    scripts = {"alwayson_scripts": {"ControlNet": {"args": list(units)}}} if units else {}
    answer = webui.film(clip / "clip", request={**REQUEST, **scripts}, Size="the working size", Resume=False, **settings)
    return answer.frames()


def brightness(frames):
    return np.array([frames[index].mean() for index in sorted(frames)])


def test_each_frame_changes_with_its_own_map_and_with_nothing_else(webui, clip):
    first = _pictures(clip / "maps-a", {0: 0, 1: 128, 2: 255})
    second = _pictures(clip / "maps-b", {0: 0, 1: 255, 2: 255})
    made = [painted(webui, clip, unit(), Control_sources="0: maps", Control_files=f"0: {folder}") for folder in (first, second)]
    for index in (0, 2):
        np.testing.assert_array_equal(made[0][index], made[1][index])
    assert abs(made[1][1].mean() - made[0][1].mean()) > 3
    without = painted(webui, clip)
    assert abs(made[0][2].mean() - without[2].mean()) > 3


def test_three_units_with_three_sources(webui, clip):
    """Each unit's weight tells its part: frame, a map, the picture painted before. Bright ones together would end in white."""
    for picture in (clip / "clip").iterdir():
        picture.unlink()
    _pictures(clip / "clip", dict.fromkeys(range(3), 20))
    maps = _pictures(clip / "maps", {0: 60, 1: 0, 2: 60})
    sources = {"Control_sources": "0: frame\n1: maps\n2: previous", "Control_files": f"1: {maps}"}
    whole = painted(webui, clip, unit(), unit(), unit(), **sources)
    again = painted(webui, clip, unit(), unit(), unit(), **sources)
    for index in whole:
        np.testing.assert_array_equal(whole[index], again[index])
    for number in range(3):
        weighted = [unit(weight=0.3 if number == place else 1.0) for place in range(3)]
        less = painted(webui, clip, *weighted, **sources)
        assert max(abs(less[index].mean() - whole[index].mean()) for index in whole) > 0.5, f"unit {number} has no part"


@pytest.mark.parametrize("module", ["canny", "tile_resample", "invert"])
def test_a_kept_map_paints_as_controlnets_own_and_is_made_once(webui, clip, module):
    own = painted(webui, clip, unit(module=module), Keep_control_maps=False)
    kept = painted(webui, clip, unit(module=module))
    for index in own:
        assert np.abs(own[index].astype(int) - kept[index]).max() <= 1


def test_maps_lie_in_the_project_and_serve_another_prompt(webui, clip):
    request = {**REQUEST, "alwayson_scripts": {"ControlNet": {"args": [unit(module="invert")]}}}
    first = webui.film(clip / "clip", request=request, Size="the working size", Resume=False)
    maps = sorted((first.project / "maps-invert").glob("*.png"))
    assert [path.stem for path in maps] == ["000000", "000001", "000002"]
    assert np.asarray(Image.open(maps[0]))[0, 0, 0] == 255 - GREYS[0]
    times = [path.stat().st_mtime_ns for path in maps]
    again = webui.film(clip / "clip", request={**request, "prompt": "red"}, Size="the working size",
                       Project_folder=str(first.project))
    assert again.project == first.project
    assert [path.stat().st_mtime_ns for path in maps] == times


@pytest.mark.parametrize(("values", "sources", "said"), [
    ({"model": "None"}, "", "no model is chosen"), ({"model": "absent"}, "", "no model 'absent'"),
    ({"enabled": False}, "0: previous", "not enabled"), ({}, "0: nonsense", "no source"),
])
def test_what_is_missing_is_an_error_not_frames_without_control(webui, clip, values, sources, said):
    with pytest.raises(Refused, match=said):
        painted(webui, clip, unit(**values), Control_sources=sources)
