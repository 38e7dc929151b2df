"""The page as Gradio has it: what is where, generated from the settings."""

import json
import re
from html import unescape

import pytest

pytest.importorskip("gradio", reason="Gradio is not installed")

from lib_vidstyl.front.session import new_recipe
from lib_vidstyl.front.tab import CLIP, EXTRA, KEYED, LOOK, Page, numbers, page_panel
from lib_vidstyl.stages import STAGES


class Asked:
    servers = ()


def answered(html):
    return json.loads(unescape(re.search('data-answer="(.*)"', html)[1]))


@pytest.fixture
def page():
    return Page(Asked(), page_panel(Asked()), new_recipe())


def test_every_stage_that_can_be_left_out_has_a_switch(page):
    keys = {control.key for control in page.panel}
    assert {f"{stage.name}.on" for stage in STAGES if stage.optional and stage.name not in KEYED} <= keys
    assert {"deflicker.on", "report.on", "upscale.on"} <= set(EXTRA) <= keys
    assert {*CLIP, *LOOK} <= keys


def test_a_preset_changes_what_it_names_and_leaves_the_rest(page):
    values = page.panel.values(new_recipe().replaced("paint", prompt="a fox", seed=7))
    made = page.changed({"settings": {"look.look": "ink", "paint.seed": "9"}, "on": ["deflicker"], "off": []}, values)
    assert (made["look"].look, made["paint"].seed, made["paint"].prompt) == ("ink", 9, "a fox") and "deflicker" not in made.off


@pytest.mark.parametrize("asked", [
    '{"settings": {"nothing.there": 1}}', '{"settings": {"paint.steps": "many"}}', "[1]", "{", '{"recipe": 7}'])
def test_what_makes_no_sense_is_said(page, asked):
    answer, *updates = page.apply(asked, *page.panel.values(new_recipe()))
    assert answered(answer)["error"] and len(updates) == len(page.panel)


def test_the_page_knows_the_ends_of_every_number():
    found = numbers(page_panel(Asked()), new_recipe())
    side = {"label": "Longest side", "whole": True, "value": 0, "minimum": 0, "maximum": 16384}
    assert found["vidstyl_decode_longest_side"] == side
    assert len(found) > 20 and all(one["minimum"] <= one["value"] <= one["maximum"] for one in found.values())
