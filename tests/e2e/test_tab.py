"""The tab, through the real page, in headless Chromium: from a clip to a film painted by the loaded model."""

import uuid
from fractions import Fraction

import pytest

from lib_vidstyl.clip.film import open_film
from tests.drawn import moving
from tests.e2e.conftest import JOBS, open_page, plays, show_tab


def clip(folder, frames=12):
    path = folder / f"e2e-{uuid.uuid4().hex[:6]}.mp4"
    with open_film(path, format="mp4", size=(64, 64), fps=Fraction(12), quality=90) as film:
        for index, image in enumerate(moving(frames, 64, 64)):
            film.write(image, time=Fraction(index, 12), duration=Fraction(1, 12), index=index)
    return path


def opened(page, path):
    page.set_input_files("#vidstyl_clip input[type=file]", str(path))
    page.wait_for_selector(".vs-track:not(.vs-loading)", state="visible")
    page.click("#vidstyl_take")
    page.wait_for_function("document.querySelector('#vidstyl_paint_prompt textarea').value == 'red'")


def job(page, kind="film"):
    return [each for each in page.evaluate(JOBS) if each["kind"] == kind][-1]


def test_keys_stop_reload_and_a_film_that_plays(tab, webui, tmp_path, shot):
    opened(tab, clip(tmp_path, 300))  # more than a webui paints while its page is loaded again
    tab.check("#vidstyl_use_keys")
    tab.evaluate("for (const frame of [0, 5, 11]) vidstyl.addKey(frame)")
    tab.wait_for_function("document.querySelectorAll('.vs-keyCard').length == 3")
    shot(tab, "tab-ready-1280")
    tab.click("#vidstyl_try")
    tab.wait_for_selector(".vs-triedRow button.vs-tried img")
    tab.uncheck("#vidstyl_use_keys")
    tab.wait_for_timeout(500)
    tab.click("#vidstyl_run")
    tab.wait_for_function("document.querySelector('.vs-stages')?.textContent.includes('Painting')")
    shot(tab, "tab-runs-1280")
    tab.evaluate("location.reload()")
    tab.wait_for_function("() => typeof gradioApp === 'function' && gradioApp().querySelector('#img2img_generate')")
    show_tab(tab)
    tab.wait_for_selector(".vs-job:not([hidden])")
    tab.click("#vidstyl_stop")
    tab.wait_for_function("document.querySelector('.vs-message')?.textContent.includes('Stopped')")
    assert job(tab)["state"] == "stopped"
    painted = job(tab)["stages"]["paint"]["done"]
    tab.fill("input[aria-label='Last frame']", "11")
    tab.keyboard.press("Tab")
    tab.wait_for_timeout(500)
    tab.click("#vidstyl_run")
    plays(tab, "#vidstyl_film", seconds=0.9)
    shot(tab, "tab-done-1280")
    done = job(tab)
    assert done["state"] == "done" and done["frames"] == 12 and not done["failed"] and painted > 0


def test_a_keyed_film_and_one_key_painted_anew(tab, webui, tmp_path, shot):
    opened(tab, clip(tmp_path))
    tab.check("#vidstyl_use_keys")
    tab.evaluate("for (const frame of [0, 11]) vidstyl.addKey(frame)")
    told = "document.querySelector('#vidstyl_request textarea, #vidstyl_request input').value"  # by the version of Gradio
    tab.wait_for_function(f"JSON.parse({told}).keys?.length == 2")
    tab.wait_for_timeout(500)
    tab.click("#vidstyl_run")
    tab.wait_for_selector("#vidstyl_film")
    assert job(tab)["stages"]["paint"]["done"] >= 2
    tab.click("button[aria-label='Repaint key 11']")
    tab.wait_for_function("document.querySelector('.vs-message')?.textContent.includes('painted anew')")
    tab.wait_for_function(f"{JOBS}.then(jobs => jobs.at(-1).state == 'done')")
    shot(tab, "tab-keys-1280")


def test_a_frame_goes_to_img2img(tab, webui, tmp_path):
    opened(tab, clip(tmp_path))
    tab.select_option("#vidstyl_send", "img2img")
    tab.wait_for_function("gradioApp().querySelector('#img2img_image img')?.naturalWidth == 64")


@pytest.mark.parametrize(("width", "theme"), [(1280, "dark"), (800, "light"), (375, "dark")])
def test_no_part_of_the_tab_is_wider_than_the_window(browser, webui, tmp_path, shot, width, theme):
    page = browser.new_page(viewport={"width": width, "height": 1400})
    page.set_default_timeout(240_000)
    try:
        open_page(page, webui, f"?__theme={theme}")
        show_tab(page)
        page.set_input_files("#vidstyl_clip input[type=file]", str(clip(tmp_path)))
        page.wait_for_selector(".vs-track:not(.vs-loading)", state="visible")
        page.wait_for_selector("#vidstyl_looks .vs-heading", state="visible")
        page.wait_for_timeout(1500)
        shot(page, f"tab-{theme}-{width}")
        boxes = page.evaluate("""[...document.querySelectorAll('[id^=vidstyl_]')].map(each => each.getBoundingClientRect())
            .filter(box => box.width).map(box => box.right)""")
        assert boxes and max(boxes) <= width
    finally:
        page.close()
