"""img2img's own Batch tab, which runs a script once for every picture of a folder."""

from tests.e2e.conftest import PATIENCE, small
from tests.e2e.test_page import choose_script
from tests.e2e.webui import wait_for


def to_batch(page, folder, results):
    page.locator("#mode_img2img > .tab-nav button", has_text="Batch").first.click()
    page.locator("#img2img_batch_source button", has_text="From directory").first.click()
    page.fill("#img2img_batch_input_dir textarea, #img2img_batch_input_dir input", str(folder))
    page.fill("#img2img_batch_output_dir textarea, #img2img_batch_output_dir input", str(results))


def test_the_script_is_refused_there_with_what_to_do_instead(page, webui, make_clip, shot):
    clip = make_clip(webui, count=3)
    choose_script(page)
    small(page, webui)
    page.fill("#script_vidstyl_script_clip textarea, #script_vidstyl_script_clip input", str(clip))
    to_batch(page, clip, clip.parent / "results")
    page.locator("#img2img_generate").click()
    page.wait_for_selector("text=img2img's Batch tab calls a script once for every picture", timeout=PATIENCE)
    shot(page, "batch-refused-1280")
    assert not list(webui.outputs.rglob(f"{clip.name}-stylized*"))


def test_without_the_script_it_works_as_ever(page, webui, make_clip):
    clip = make_clip(webui, count=3)
    results = clip.parent / "results"
    small(page, webui)
    to_batch(page, clip, results)
    page.locator("#img2img_generate").click()
    assert wait_for(lambda: results.is_dir() and len(list(results.glob("*.png"))) == 3, 120, 1)
