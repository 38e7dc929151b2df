"""The script's fields, in the page, in the infotext and on the settings page."""

from __future__ import annotations

import json

import numpy as np
import pytest

pytest.importorskip("gradio", reason="the script's controls are Gradio's")

from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.host import controls
from lib_vidstyl.host.entry import register
from tests.host.pressing import ask, make, project_of
from tests.host.webui import request


def test_settings_are_the_users_img2img(webui, clip):
    p = request(width=64, height=48, seed=3, steps=9, sampler_name="DDIM", denoising_strength=0.3, cfg_scale=4,
                negative_prompt="fog")
    result = make(clip, p, paint__prompts="0-2: in the rain", paint__seed_rule="each", paint__batch=2)
    recipe = json.loads((project_of(result) / "recipe.json").read_text("utf-8"))["sections"]["paint"]
    assert recipe | {"painter": "webui", "steps": 9, "sampler": "DDIM", "denoising_strength": 0.3, "cfg_scale": 4.0,
                     "negative_prompt": "fog", "seed": 3, "prompt": "a painting"} == recipe
    assert [call.seed for call in webui.calls] == [[3, 4], [5, 6], [7, 8]]
    assert webui.calls[0].prompt == "a painting, in the rain"
    assert webui.calls[1].prompt == ["a painting, in the rain", "a painting"]


def test_infotext_holds_the_prompt_without_the_words_of_a_range(webui, clip):
    result = make(clip, request(prompt="a painting"), paint__prompts="0-: in the rain")
    assert webui.calls[0].prompt == "a painting, in the rain"
    assert result.images[0].info["parameters"].startswith("a painting\n")


def test_infotext_holds_every_changed_setting_and_no_path(webui, clip):
    mask = clip.with_name("mask.png")
    mask.write_bytes(encode_png(np.full((48, 64, 3), 255, np.uint8)))
    result = make(clip, paint__seed_rule="each", decode__every=2, paint__mask=str(mask), script__size="the working size")
    text = result.images[0].info["parameters"]
    for part in ("Script: Video Stylize", "Vidstyl paint seed rule: each", "Vidstyl decode every: 2",
                 "Vidstyl script size: the working"):
        assert part in text
    assert str(clip.parent) not in text and "mask.png" not in text


def test_ui_has_a_component_for_every_value_and_changes_nothing(webui):
    import gradio as gr

    script = register()()
    script.is_img2img = True
    assert script.title() == "Video Stylize" and script.show(True) and not script.show(False)
    with gr.Blocks():
        first, second, third = (script.ui(True) for _ in range(3))
    assert len(first) == len(second) == len(third) == len(controls.panel()) + 1
    assert [part.value for part in first[1:]] == controls.panel().values(controls.defaults())
    assert first[0].value is None
    names = [part.elem_id for part in first]
    assert len(set(names)) == len(names) and all(name.startswith("script_vidstyl_") for name in names)
    assert webui.calls == []


def test_pasting_a_runs_infotext_restores_every_field(webui, clip):
    import gradio as gr

    script = register()()
    with gr.Blocks():
        made = script.ui(True)
    values = {"paint__seed_rule": "list", "paint__seeds": "4, 5", "decode__every": 2, "script__make": "the film",
              "paint__prompts": "0-2: rain, \"wet\"\n3-: sun: bright", "decode__skip_duplicates": True, "encode__sound": False}
    result = make(clip, **values)
    given = {key: value for key, value in parsed(result.images[0].info["parameters"], result).items()}
    shown = dict(zip([id(part) for part in made], [None, *ask(None, **values)], strict=True))
    for component, reader in script.infotext_fields:
        assert reader(given) == shown[id(component)], component.elem_id
    assert "Script" in script.paste_field_names


def parsed(text: str, result) -> dict:
    """What the webui's own parser makes of it: names to texts (infotext_utils.py:230-290)."""
    return {key: str(value) for key, value in result.extra_generation_params.items() if key.startswith(("Vidstyl", "Script"))}


def test_what_breaks_us_is_said_in_the_page(webui, monkeypatch):
    import gradio as gr

    script = register()()

    def broken():
        raise ImportError("no module named av")

    monkeypatch.setattr(controls, "panel", broken)
    with gr.Blocks() as page:
        assert script.ui(True) == []
    assert any("no module named av" in str(getattr(part, "value", "")) for part in page.blocks.values())


def test_the_settings_page_holds_the_owners_settings(webui):
    register()
    for add in webui.callbacks["on_ui_settings"]:
        add()
    assert {"vidstyl_folders", "vidstyl_gallery"} <= set(webui.shared.opts.data_labels)
    assert webui.shared.opts.data_labels["vidstyl_folders"].restrict_api is True
