"""A chain of three ControlNet units, set up in the real page: the film changes with what a unit is given, and nowhere else."""

import re
from pathlib import Path

import numpy as np

from tests.e2e.conftest import fill, small
from tests.e2e.test_controlnet import MODEL, _pictures
from tests.e2e.test_page import choose_script
from tests.e2e.webui import frames_in, wait_for

PANEL = "#img2img_controlnet"
SOURCES = "0: frame\n1: maps\n2: previous"


def open_accordion(page, selector):
    page.locator(f"{selector} .label-wrap").first.click()


def enable(page, number):
    page.locator(f"{PANEL}_tabs > .tab-nav button").nth(number).click()
    unit = f"{PANEL}_ControlNet-{number}_controlnet"
    page.locator(f"{unit}_enable_checkbox input").check()
    page.locator(f"{unit}_pixel_perfect_checkbox input").check()
    page.locator(f"{unit}_model_dropdown input").click()
    page.locator(f"{unit}_model_dropdown li", has_text=MODEL).first.click()


def test_three_units_of_the_page_with_three_sources(page, webui, make_clip, shot):
    folder = make_clip(webui, count=3).parent
    clip = _pictures(folder / "dark", {0: 20, 1: 20, 2: 20})  # three bright controls would end in white
    first = _pictures(folder / "maps-a", {0: 0, 1: 0, 2: 0})
    second = _pictures(folder / "maps-b", {0: 0, 1: 60, 2: 0})
    choose_script(page)
    small(page, webui, prompt="")
    fill(page, "#script_vidstyl_script_clip textarea, #script_vidstyl_script_clip input", clip)
    open_accordion(page, f"{PANEL} #controlnet")
    for number in range(3):
        enable(page, number)
    shot(page, "chain-units-1280")
    open_accordion(page, "#script_vidstyl_control_more")
    fill(page, "#script_vidstyl_control_sources textarea", SOURCES)
    open_accordion(page, "#script_vidstyl_script_more")
    page.locator("#script_vidstyl_script_resume input").uncheck()  # a film each
    made = [film(page, maps, shot) for maps in (first, second)]
    np.testing.assert_array_equal(made[0][0], made[1][0])
    assert abs(made[1][1].mean() - made[0][1].mean()) > 3, "frame 1 does not follow its map"
    assert abs(made[1][2].mean() - made[0][2].mean()) > 0.5, "frame 2 does not follow what was painted before it"


def film(page, maps, shot):
    """Press Generate with these maps; the painted frames."""
    fill(page, "#script_vidstyl_control_files textarea", f"1: {maps}")
    before = film_named(page)
    page.locator("#img2img_generate").click()
    named = wait_for(lambda: film_named(page) not in ("", before) and film_named(page), 240, 1)
    shot(page, f"chain-{maps.name}-1280")
    return frames_in(Path(f"{named}.vidstyl"))


def film_named(page):
    """The film that the page tells of, without its suffix; "" while there is none."""
    said = " ".join(page.locator("#html_log_img2img, #html_info_img2img").all_inner_texts())
    found = re.search(r"(/\S+)\.mp4", said)
    return found[1] if found else ""
