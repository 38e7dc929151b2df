"""The script through the real page, in headless Chromium."""

import json
import re

import pytest

from tests.e2e.conftest import PATIENCE, open_page, plays, small
from tests.e2e.webui import wait_for

LIST = "#tab_img2img #script_list"


def choose_script(page, title="Video Stylize"):
    box = page.locator(f"{LIST} input")
    box.scroll_into_view_if_needed()
    box.click()
    page.locator(f"{LIST} li", has_text=title).first.click()
    page.wait_for_selector("#script_vidstyl_upload", state="visible")


def generate(page, seconds=240):
    """Press Generate, wait for the end; returns what is said below the gallery."""
    page.locator("#img2img_generate").click()
    page.wait_for_timeout(1000)
    page.wait_for_selector("#img2img_generate", state="visible", timeout=1000 * seconds)
    said = page.locator("#html_log_img2img, #html_info_img2img")
    wait_for(lambda: any(text.strip() for text in said.all_inner_texts()), seconds)
    return " ".join(said.all_inner_texts())


def test_a_film_with_sound_from_an_upload(page, webui, film, shot):
    import av

    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    choose_script(page)
    page.locator("#script_vidstyl_upload input[type=file]").set_input_files(str(film))
    page.wait_for_selector("#script_vidstyl_upload >> text=dance")
    small(page, webui)
    page.locator("#script_vidstyl_upload").scroll_into_view_if_needed()
    shot(page, "page-ready-1280")
    said = generate(page)
    plays(page, "video.vidstyl-film", seconds=0.3)
    shot(page, "page-done-1280")
    found = re.search(r"(/\S+\.mp4|[A-Za-z]:\\\S+\.mp4)", said)
    assert found, said
    with av.open(found[1]) as made:
        assert made.streams.video[0].average_rate == av.open(str(film)).streams.video[0].average_rate
        assert len(list(made.decode(video=0))) == 10
        assert made.streams.audio
    assert page.locator("#img2img_gallery img").count() >= 8
    assert not problems, problems


def test_without_a_clip_the_page_says_so(page, webui, shot):
    choose_script(page)
    small(page, webui)
    page.locator("#img2img_generate").click()
    page.wait_for_selector("text=there is no clip", timeout=PATIENCE)
    shot(page, "page-no-clip-1280")


def test_an_infotext_pasted_restores_the_script_and_its_fields(page, webui, make_clip, shot):
    clip = make_clip(webui, count=2)
    answer = webui.film(clip, request={"prompt": "blue", "seed": 77}, Prompts_per_range="0-1: red", Frames_per_batch=2,
                        Seed_rule="each", Sound=False, Format="webm")
    page.locator("#img2img_prompt textarea").fill(answer.infotext)
    page.locator("#paste").locator("visible=true").first.click()
    page.wait_for_function("() => gradioApp().querySelector('#tab_img2img #script_list input').value == 'Video Stylize'")
    page.wait_for_timeout(1500)
    shot(page, "page-pasted-1280")
    shown = page.evaluate(VALUES)
    assert shown["script_vidstyl_paint_prompts"] == "0-1: red", shown
    assert float(shown["script_vidstyl_paint_batch"]) == 2
    assert shown["script_vidstyl_paint_seed_rule"] == "each"
    assert shown["script_vidstyl_encode_sound"] is False
    assert shown["script_vidstyl_encode_format"] == "webm"
    assert page.locator("#img2img_seed input").input_value() == "77"
    assert page.locator("#img2img_prompt textarea").input_value() == "blue"


VALUES = """() => Object.fromEntries([...gradioApp().querySelectorAll('[id^=script_vidstyl_]')].map(each => {
    const radio = each.querySelector('input[type=radio]:checked'), box = each.querySelector('input[type=checkbox]');
    const field = each.querySelector('textarea, input[type=number], input');
    return [each.id, radio ? radio.value : box ? box.checked : field ? field.value : null]; }))"""


def test_reload_ui_leaves_a_script_that_works(page, webui, film, make_clip):
    page.locator("#settings_restart_gradio, a:has-text('Reload UI')").last.click()
    wait_for(lambda: _reloaded(page), 180, 2)
    clip = make_clip(webui, count=2)
    wait_for(lambda: _has_script(webui), 60, 2)
    assert webui.film(clip).film.is_file()
    open_page(page, webui)
    choose_script(page)
    page.locator("#script_vidstyl_upload input[type=file]").set_input_files(str(film))
    page.wait_for_selector("#script_vidstyl_upload >> text=dance")
    small(page, webui, "green")
    assert ".mp4" in generate(page)


def _reloaded(page):
    try:
        return page.evaluate("() => typeof gradioApp === 'function' && !!gradioApp().querySelector('#img2img_generate')")
    except Exception:  # noqa: BLE001 - the page is between two lives
        return False


def _has_script(webui):
    try:
        return "video stylize" in json.dumps(webui.get("/sdapi/v1/script-info"))
    except OSError:
        return False


@pytest.mark.parametrize("width, theme", [(1280, "dark"), (800, "light"), (800, "dark")])
def test_nothing_is_wider_than_the_page(browser, webui, shot, width, theme):
    page = browser.new_page(viewport={"width": width, "height": 1400})
    page.set_default_timeout(PATIENCE)
    try:
        open_page(page, webui, f"?__theme={theme}")
        choose_script(page)
        page.wait_for_timeout(1000)
        boxes = page.evaluate("""() => [...gradioApp().querySelectorAll('[id^=script_vidstyl_]')].map(each =>
            each.getBoundingClientRect()).filter(box => box.width).map(box => box.right)""")
        page.evaluate(f"() => gradioApp().querySelector('{LIST}').scrollIntoView()")
        shot(page, f"page-{theme}-{width}")
        assert boxes and max(boxes) <= width
    finally:
        page.close()
