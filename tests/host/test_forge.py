"""What differs in Forge and reForge, seen in both running (commits dfdcbab6, 3b56b268); each with the file it was read from."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import numpy as np
import pytest

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.host.controlnet import ControlUnits
from lib_vidstyl.host.denoiser import loaded
from lib_vidstyl.host.entry import register
from lib_vidstyl.host.results import processed
from lib_vidstyl.host.stylizer import WebuiStylizer
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.control import ControlSettings
from tests.host.pressing import ask
from tests.host.test_controlnet import SIZE, frames, request
from tests.host.webui import request as pressed


class Canny:
    """modules_forge/supported_preprocessor.py:13-17, 73-88: a slider's facts lie in the arguments for the page's slider."""

    slider_resolution = SimpleNamespace(gradio_update_kwargs={"minimum": 128, "maximum": 2048, "value": 512})
    slider_1 = slider_2 = SimpleNamespace(gradio_update_kwargs={"minimum": 0, "maximum": 256, "value": 100})

    def __call__(self, image, resolution, slider_1=None, slider_2=None, slider_3=None, **more):
        assert slider_1 == 100
        return 255 - image


class ControlNet:
    """extensions-builtin/sd_forge_controlnet/scripts/controlnet.py."""

    args_from, args_to, filename = 1, 4, "/extensions-builtin/sd_forge_controlnet/scripts/controlnet.py"

    def __init__(self):
        self.current_params, self.seen = {}, []

    def title(self):
        return "ControlNet"

    def process(self, p, *units):
        """530-560; what get_input_data (153) reads: a black picture is compared with what was drawn over it."""
        self.current_params = {}
        for number, unit in enumerate(unit for unit in units if isinstance(unit, dict) and unit["enabled"]):
            if unit["module"] not in ("None", "canny"):
                raise AttributeError("'NoneType' object has no attribute 'slider_resolution'")
            image = unit.get("image")
            if image is not None and not hasattr(sys.modules["lib_controlnet.external_code"].ControlNetUnit, "image_fg"):
                image, drawn = image["image"], image["mask"]  # reForge's lines 218-223
            else:
                drawn = unit["image_fg"][:, :, 3] if "image_fg" in unit else None
            if image is not None and (image < 5).all() and (drawn > 5).any():
                image = drawn
            self.current_params[number] = image
            self.seen.append(image)


@pytest.fixture
def forge(webui, monkeypatch):
    script = ControlNet()
    webui.scripts.scripts_img2img.alwayson_scripts.append(script)
    state = ModuleType("lib_controlnet.global_state")  # lib_controlnet/global_state.py:56-95
    state.get_preprocessor = {"None": Canny(), "canny": Canny()}.get
    state.get_all_preprocessor_names = lambda: ["None", "canny"]
    state.get_all_controlnet_names = lambda: ["None", "edges [12ab]"]
    monkeypatch.setitem(sys.modules, "lib_controlnet", ModuleType("lib_controlnet"))
    monkeypatch.setitem(sys.modules, "lib_controlnet.global_state", state)
    code = ModuleType("lib_controlnet.external_code")
    code.ControlNetUnit = type("ControlNetUnit", (), {"image": None, "image_fg": None})
    monkeypatch.setitem(sys.modules, "lib_controlnet.external_code", code)
    return script


def painted(webui, unit, pictures, **settings):
    hook = ControlUnits(ControlSettings(**settings), cut=lambda a, b: False)
    with WebuiStylizer(request(webui, {"enabled": True, "model": "edges", **unit}), hooks=[hook]) as stylizer:
        return [stylizer.paint([Task(index, picture, 1)])[0] for index, picture in enumerate(pictures)]


def test_kept_maps_take_the_sliders_that_forge_keeps_elsewhere(webui, forge):
    pictures = frames(2)
    assert len(painted(webui, {"module": "Canny"}, pictures)) == 2
    for seen, picture in zip(forge.seen, pictures, strict=True):
        np.testing.assert_array_equal(seen[:SIZE[0], :SIZE[1]], 255 - picture)


def test_ready_made_maps_are_not_preprocessed_even_if_they_are_black(webui, forge, tmp_path):
    from PIL import Image

    for index in range(2):
        Image.fromarray(np.zeros((*SIZE, 3), np.uint8)).save(tmp_path / f"{index:03d}.png")
    painted(webui, {"module": "none"}, frames(2), sources="0: maps", files=f"0: {tmp_path}")
    assert [seen.max() for seen in forge.seen] == [0, 0]


def test_reforge_gets_a_picture_together_with_what_is_drawn_over_it(webui, forge, tmp_path):
    from PIL import Image

    code = sys.modules["lib_controlnet.external_code"]  # lib_controlnet/external_code.py:164-188
    code.ControlNetUnit = type("ControlNetUnit", (), {"image": None, "mask_image": None})
    for index, grey in enumerate((0, 90)):
        Image.fromarray(np.full((*SIZE, 3), grey, np.uint8)).save(tmp_path / f"{index:03d}.png")
    painted(webui, {"module": "none"}, frames(2), sources="0: maps", files=f"0: {tmp_path}")
    assert [seen.max() for seen in forge.seen] == [0, 90]


def test_a_preprocessor_of_the_other_dialect_is_named(webui, forge):
    with pytest.raises(SettingsError, match="no preprocessor 'depth_of_tomorrow'"):
        painted(webui, {"module": "depth_of_tomorrow"}, frames(1))


def test_model_and_control_are_fetched_for_an_inversion_and_let_go_of(monkeypatch):
    said = []
    module = ModuleType("backend.sampling.sampling_function")  # 366-408
    module.sampling_prepare = lambda unet, x: said.append(("fetched", unet, x))
    module.sampling_cleanup = lambda unet: said.append(("let go", unet))
    monkeypatch.setitem(sys.modules, "backend.sampling.sampling_function", module)
    pc = SimpleNamespace(sd_model=SimpleNamespace(forge_objects=SimpleNamespace(unet="unet")), init_latent="x")
    with pytest.raises(KeyError), loaded(pc):
        raise KeyError
    assert said == [("fetched", "unet", "x"), ("let go", "unet")]
    with loaded(SimpleNamespace(sd_model=SimpleNamespace(), init_latent="x")):
        assert len(said) == 2


def test_what_reforge_would_not_say_is_said_below_the_gallery(webui, monkeypatch):
    worker = ModuleType("modules_forge.main_thread")  # 29-41: an error is printed, and the page gets None
    monkeypatch.setitem(sys.modules, "modules_forge.main_thread", worker)
    script = register()()
    said = script.run(pressed(), None, *ask(None))
    assert "there is no clip" in said.comments and not said.images
    worker.last_exception = None  # Forge's remembers it
    with pytest.raises(SettingsError, match="there is no clip"):
        script.run(pressed(), None, *ask(None))


def test_the_folder_for_shown_pictures_is_made_where_neo_has_not(webui, tmp_path):
    webui.shared.opts.temp_dir = str(tmp_path / "tmp")  # Forge Neo, modules/shared_options.py:73, ui_tempdir.py:34-47
    processed(pressed(), [], infotext="", said=[], facts={})
    assert (tmp_path / "tmp").is_dir()


@pytest.fixture(params=["Forge", "Neo"])
def late(webui, request):
    """A host that loads the checkpoint only with the first picture: Forge's and Neo's modules/sd_models.py:385-392, 439-473."""
    loaded_model, webui.shared.sd_model = webui.shared.sd_model, SimpleNamespace()
    webui.sd_models.forge_model_reload = lambda: setattr(webui.shared, "sd_model", loaded_model)
    if request.param == "Forge":
        webui.sd_models.reload_model_weights = webui.sd_vae.reload_vae_weights = lambda *given, **named: None
    else:
        del webui.sd_models.reload_model_weights
    return webui


def test_a_film_names_the_checkpoint_that_is_loaded_only_with_the_first_picture(late):
    with WebuiStylizer(pressed()) as stylizer:
        assert stylizer.who()["checkpoint"][0] == "toy.safetensors"


def test_what_such_a_host_cannot_hold_goes_with_every_frame_and_names_who_paints(late, monkeypatch):
    asked = {"sd_model_checkpoint": "other.safetensors", "sd_vae": "fine.pt"}
    seen = []
    monkeypatch.setattr(WebuiStylizer, "_called", lambda self, tasks: seen.append(self._overrides) or [tasks[0].image])
    with WebuiStylizer(pressed(override_settings=dict(asked))) as stylizer, WebuiStylizer(pressed()) as usual:
        stylizer.paint([Task(0, np.zeros((64, 64, 3), np.uint8), 1)])
        assert seen == [asked] and stylizer.who() != usual.who()
