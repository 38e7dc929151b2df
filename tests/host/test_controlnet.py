"""ControlNet's units fed frame by frame, against a stand-in that behaves as the extension does: quiet about what goes wrong."""

from __future__ import annotations

import copy
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.host.controlnet import ControlUnits
from lib_vidstyl.host.stylizer import WebuiStylizer
from lib_vidstyl.host.units import changed, with_pictures
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.control import ControlSettings
from tests.drawn import flat, texture
from tests.host.extension import ControlNet, Preprocessor, Unit
from tests.host.webui import Img2Img

SIZE = (48, 64)


class Sharing(Unit):
    """internal_controlnet/args.py:53 is a model of pydantic 1: what copy.copy makes of it has the very same fields."""

    def __copy__(self):
        made = object.__new__(Sharing)
        object.__setattr__(made, "__dict__", self.__dict__)
        return made

    def copy(self):
        return Sharing(**vars(self))


def test_a_changed_unit_leaves_the_users_own_alone():
    own = Sharing(image=None)
    made = with_pictures(changed(own, module="none"), [np.ones((4, 4, 3), np.uint8)])
    assert made.image is not None and made.module == "none"
    assert own.image is None and own.module == "canny"


@pytest.fixture
def controlnet(webui, monkeypatch):
    import sys
    from types import ModuleType

    script = ControlNet()
    webui.scripts.scripts_img2img.alwayson_scripts.append(script)
    script.modules = {name: Preprocessor(name) for name in ("none", "canny", "ip-adapter-auto", "broken", "shuffle")}
    code = ModuleType("internal_controlnet.external_code")
    code.get_models = lambda update=False: ["None", "edges [12ab]", "adapter [34cd]"]
    code.get_modules = lambda alias_names=False: list(script.modules)
    code.Preprocessor = SimpleNamespace(get_preprocessor=script.modules.get)
    monkeypatch.setitem(sys.modules, "internal_controlnet.external_code", code)
    return script


def request(webui, *units, **values):
    p = Img2Img(sd_model=webui.shared.sd_model, prompt="", width=64, height=48, steps=2, denoising_strength=1.0, **values)
    p.scripts = webui.scripts.scripts_img2img
    p.script_args = [0, *units, *[Unit(enabled=False) for _ in range(3 - len(units))]]
    return p


def frames(count=3):
    return [texture(*SIZE, seed=index) for index in range(count)]


def painted(p, pictures, sources="", files="", stores=None, cut=lambda a, b: False, **settings):
    hook = ControlUnits(ControlSettings(sources=sources, files=files, **settings), cut=cut)
    made = []
    with WebuiStylizer(p, hooks=[hook]) as stylizer:
        if stores is not None:
            stylizer.keep_in(stores)
        for index, picture in enumerate(pictures):
            task = Task(index, picture, 1)
            stylizer.fingerprint(task)
            made += stylizer.paint([task])
            stylizer.made(task, made[-1])
    return made, stylizer


class Kept(dict):
    """A project's stores in memory: name -> frame -> (what it was made from, picture)."""

    def __call__(self, name):
        place = self.setdefault(name, {})

        def get(index, inputs, settings):
            return place[index][1] if place.get(index, ("",))[0] == (inputs, settings) else None

        def put(index, image, *, inputs, settings, seconds):
            place[index] = ((inputs, settings), image)

        return SimpleNamespace(get=get, put=put)


AS_OBJECT = lambda **values: Unit(**values)  # noqa: E731
AS_DICT = lambda **values: vars(Unit(**values))  # noqa: E731


@pytest.mark.parametrize("unit", [AS_OBJECT, AS_DICT])
def test_three_units_with_three_sources(webui, controlnet, unit):
    pictures = frames(4)
    p = request(webui, unit(), unit(module="none"), unit(module="none"))
    before = copy.deepcopy([vars(u) if isinstance(u, Unit) else u for u in p.script_args[1:]])
    made, _ = painted(p, pictures, "0: frame\n1: previous\n2: first", cut=lambda a, b: b is pictures[3])
    for index, seen in enumerate(controlnet.seen):
        np.testing.assert_array_equal(seen[0]["image"], np.repeat(255 - pictures[index][..., :1], 3, 2))
        fresh = index in (0, 3)
        np.testing.assert_array_equal(seen[1]["image"], pictures[index] if fresh else made[index - 1])
        np.testing.assert_array_equal(seen[2]["image"], pictures[index] if fresh else made[0])
        assert seen[0]["module"] == "none" and not seen[0]["save_detected_map"]
    assert [vars(u) if isinstance(u, Unit) else u for u in p.script_args[1:]] == before


def test_the_control_changes_the_frame_and_follows_it(webui, controlnet):
    pictures = frames()
    made, _ = painted(request(webui, Unit(module="none")), pictures)
    for image, picture in zip(made, pictures, strict=True):
        np.testing.assert_allclose(image, picture, atol=1)


def test_units_that_share_a_model_keep_a_picture_each(webui, controlnet, tmp_path):
    Image.fromarray(flat((255, 255, 255), *SIZE)).save(tmp_path / "white.png")
    picture = flat((55, 55, 55), *SIZE)
    made, _ = painted(request(webui, Unit(module="none"), Unit(module="none")), [picture], "0: frame\n1: picture",
                      f"1: {tmp_path / 'white.png'}")
    np.testing.assert_allclose(made[0], 155, atol=1)  # the mean of both; the first unit's alone would be 55


def test_maps_are_made_once_per_source_frame(webui, controlnet):
    kept, pictures = Kept(), frames()
    first, _ = painted(request(webui, Unit(), Unit()), pictures, stores=kept)
    assert len(controlnet.modules["canny"].calls) == 3, "both units share a map"
    assert sorted(kept) == ["maps-canny"] and sorted(kept["maps-canny"]) == [0, 1, 2]
    p = request(webui, Unit(), Unit())
    p.prompt = "another"
    again, _ = painted(p, pictures, stores=kept)
    assert len(controlnet.modules["canny"].calls) == 3
    painted(request(webui, Unit(threshold_a=50)), pictures, stores=kept)
    assert len(controlnet.modules["canny"].calls) == 6
    for a, b in zip(first, again, strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_map_painted_over_by_hand_is_used_and_repaints_its_frame(webui, controlnet):
    hook = ControlUnits(ControlSettings(), cut=lambda a, b: False)
    prints = []
    for value in (0, 1):
        by_hand = SimpleNamespace(get=lambda *facts, value=value: flat((value,) * 3, *SIZE), put=None)
        with WebuiStylizer(request(webui, Unit()), hooks=[hook]) as stylizer:
            stylizer.keep_in(lambda name, by_hand=by_hand: by_hand)
            prints.append(stylizer.fingerprint(Task(0, frames()[0], 1)))
    assert prints[0] != prints[1]


def test_without_kept_maps_controlnet_takes_the_frame_itself(webui, controlnet):
    painted(request(webui, Unit(image=flat((1, 1, 1)))), frames(), keep_maps=False)
    assert [seen[0]["image"] for seen in controlnet.seen] == [None] * 3
    assert controlnet.modules["canny"].calls == []


def test_references_keep_their_picture_others_say_that_they_do_not(webui, controlnet):
    own = flat((9, 9, 9), *SIZE)
    _, stylizer = painted(request(webui, Unit(module="ip-adapter-auto", image=own)), frames())
    assert all(seen[0]["image"] is own for seen in controlnet.seen)
    assert stylizer.abilities.batch > 1 and stylizer.notices == []
    _, stylizer = painted(request(webui, Unit(image=own)), frames())
    assert "0: own" in stylizer.notices[0] and stylizer.abilities.batch == 1


def test_references_by_range(webui, controlnet, tmp_path):
    from lib_vidstyl.clip.picture import encode_png

    for name, value in (("ada", 10), ("bob", 20)):
        (tmp_path / f"{name}.png").write_bytes(encode_png(flat((value,) * 3, *SIZE)))
    files = f"0 0-1: {tmp_path / 'ada.png'}\n0 2-: {tmp_path / 'bob.png'}\n0 2-: {tmp_path / 'ada.png'}"
    painted(request(webui, Unit(module="ip-adapter-auto")), frames(), "0: picture", files)
    assert [np.ndim(seen[0]["image"]) for seen in controlnet.seen] == [3, 3, 1]
    assert controlnet.seen[0][0]["image"][0, 0, 0] == 10 and len(controlnet.seen[2][0]["image"]) == 2
    with pytest.raises(PaintError, match="takes one picture"):
        painted(request(webui, Unit()), frames(), "0: picture", files)


@pytest.mark.parametrize(("unit", "sources", "said"), [
    ({"model": "None"}, "", "no model is chosen"), ({"model": "gone [99]"}, "", r"no model 'gone \[99\]'.*edges"),
    ({"module": "depth_of_tomorrow"}, "", "no preprocessor"), ({"module": "CLIP-ViT-H (IPAdapter)"}, "", "no preprocessor"),
    ({"enabled": False}, "0: warped", "not enabled"), ({}, "0: own", "holds no picture"), ({}, "0: nonsense", "no source"),
])
def test_what_is_missing_is_said_before_the_run(webui, controlnet, unit, sources, said):
    with pytest.raises(SettingsError, match=said):
        painted(request(webui, Unit(**unit)), frames(), sources)
    assert webui.calls == []


def test_a_model_is_known_with_and_without_its_hash(webui, controlnet):
    for model in ("edges", "edges [zzzz]", "Edges.safetensors"):
        painted(request(webui, Unit(model=model)), frames(1))
    assert [seen[0]["model"] for seen in controlnet.seen] == ["edges [12ab]"] * 3


def test_without_controlnet_sources_are_refused_and_nothing_else(webui):
    painted(request(webui), frames(1))
    with pytest.raises(SettingsError, match=r"no ControlNet.*sd-webui-controlnet"):
        painted(request(webui), frames(1), "0: frame")


def test_errors_that_the_webui_swallows_end_in_an_error(webui, controlnet):
    controlnet.fail = True
    report = webui.errors.report
    with pytest.raises(PaintError, match="frame 0: ControlNet failed: mat1 and mat2"):
        painted(request(webui, Unit()), frames())
    assert webui.errors.report is report


def test_a_unit_that_takes_no_part_ends_in_an_error(webui, controlnet):
    controlnet.process = lambda p, *units: setattr(controlnet, "latest_network", None)
    with pytest.raises(PaintError, match="took no part"):
        painted(request(webui, Unit()), frames())


def test_arguments_that_are_too_short_end_in_an_error(webui, controlnet):
    p = request(webui, Unit())
    p.script_args = p.script_args[:1]
    with pytest.raises(SettingsError, match="not enabled"):
        painted(p, frames(), "0: frame")


def test_a_preprocessor_that_fails_is_named(webui, controlnet):
    with pytest.raises(PaintError, match="'broken' failed"):
        painted(request(webui, Unit(module="broken")), frames())


def test_detected_maps_are_never_frames(webui, controlnet):
    from PIL import Image

    webui.extra_pictures = [Image.new("RGB", (64, 48), "red")]
    made, _ = painted(request(webui, Unit(module="none")), frames())
    assert all(np.abs(image.astype(int) - picture).max() <= 1 for image, picture in zip(made, frames(), strict=True))
