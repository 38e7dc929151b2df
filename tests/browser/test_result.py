"""What came of it: tries, the film beside its source, films in the queue and out of it."""

import pytest

from tests.browser.steps import open_clip

pytestmark = pytest.mark.timeout(400)


def test_another_clip_can_be_thought_better_of(page, served):
    open_clip(page, served.clip("kept.mp4"))
    for shown in (True, False):
        page.click("button:has-text('Other clip')")
        assert page.is_visible(".vs-drop") == shown
    assert "kept.mp4" in page.inner_text("#vidstyl_clip .vs-facts")


FILLS = "document.fullscreenElement?.classList.contains('vs-theatre') ?? false"
PLACE = "document.querySelector('.vs-theatre').getBoundingClientRect().top"


@pytest.mark.parametrize("size", [(128, 96), (72, 128)], ids=["landscape", "portrait"])
def test_the_comparison_fills_the_screen_in_its_own_shape(page, served, size):
    open_clip(page, served.clip(f"screen{size[0]}.mp4", 12, size))
    page.click("#vidstyl_run")
    page.wait_for_function("document.querySelector('#vidstyl_film')?.duration > 0.5")
    page.click("#vidstyl_clip .vs-name")
    page.evaluate("document.querySelector('.vs-theatre').scrollIntoView({ block: 'end', behavior: 'instant' })")
    before = page.evaluate(PLACE)
    page.keyboard.press("f")
    page.wait_for_function(FILLS)
    scale = min(1280 / size[0], 900 / size[1])
    for _ in range(2):
        box = page.locator(".vs-compare").bounding_box()
        assert abs(box["width"] - size[0] * scale) <= 1 and abs(box["height"] - size[1] * scale) <= 1
        left, right = (page.locator(f".vs-label{side}").bounding_box() for side in ("Left", "Right"))
        assert box["x"] <= left["x"] and right["x"] + right["width"] <= box["x"] + box["width"] and left["y"] >= box["y"]
        page.click("#vidstyl_result button:has-text('Side by side')")
        scale = min(1280 / size[0] / 2, 900 / size[1])
        size = (2 * size[0], size[1])
    page.locator(".vs-line").focus()
    page.keyboard.press("ArrowRight")
    assert page.get_attribute(".vs-line", "aria-valuenow") == "55"
    page.locator(".vs-theatre").focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("i")  # what is not seen is not changed
    page.wait_for_function("document.querySelector('#vidstyl_film').currentTime > 0.1")
    assert page.evaluate("[vidstyl.state.at, vidstyl.state.first]") == [0, 0]
    page.keyboard.press(" ")
    page.wait_for_selector(".vs-theatre.vs-rests")
    page.mouse.move(600, 400)
    page.wait_for_selector(".vs-theatre:not(.vs-rests)")
    page.keyboard.press("Escape")
    page.wait_for_function(f"!({FILLS})")
    page.wait_for_function(f"Math.abs(({PLACE}) - {before}) < 2")


def test_a_browser_without_full_screen_offers_none(page, served):
    page.evaluate("Object.defineProperty(document, 'fullscreenEnabled', { value: false })")
    open_clip(page, served.clip("narrow.mp4", 6))
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    page.keyboard.press("f")
    assert page.locator("#vidstyl_result button:has-text('Side by side')").is_visible()
    assert page.locator("#vidstyl_screen").count() == 0


def test_a_film_that_is_made_again_is_listed_once(page, served):
    open_clip(page, served.clip("again.mp4", 6))
    for count in (1, 2):
        page.click("#vidstyl_run")
        page.wait_for_function(f"vidstyl.state.jobs.filter((job) => job.film === 'again-oil.mp4').length == {count}")
    page.wait_for_selector("#vidstyl_film")
    rows = page.locator(".vs-rowName", has_text="again-oil.mp4")
    rows.first.wait_for(state="attached")
    assert rows.count() == 1


def test_a_film_is_removed_at_the_second_click_and_the_queue_says_so(page, served):
    open_clip(page, served.clip("gone.mp4", 6))
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    page.click("#vidstyl_cleanup summary")
    row = page.locator("#vidstyl_cleanup .vs-row", has_text="gone-oil.mp4")
    row.get_by_text("the film itself").wait_for()
    row.get_by_role("button").click()
    row.get_by_text("Really remove the film?").wait_for()
    assert (served.folder / "films" / "gone-oil.mp4").is_file()
    row.get_by_role("button").click()
    row.wait_for(state="detached")
    assert not (served.folder / "films" / "gone-oil.mp4").exists()
    page.locator("#vidstyl_result", has_text="The film gone-oil.mp4 was removed.").wait_for()
    page.click(".vs-queue summary")
    listed = page.locator("#vidstyl_queue .vs-row", has_text="gone-oil.mp4")
    assert "the film was removed" in listed.inner_text() and listed.get_by_role("button", name="Show").count() == 0
    listed.get_by_role("button", name="Make it again").click()
    page.wait_for_selector("#vidstyl_film")
    listed.get_by_role("button", name="Show").wait_for()


def test_a_host_whose_cards_are_transparent_hides_no_words(page, served):
    page.add_style_tag(content=".gradio-container, .dark { --block-background-fill: transparent !important; }")
    open_clip(page, served.clip("transparent.mp4", 6))
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    page.evaluate("vidstyl.say('Something is said.', 'note')")
    seen = "([of, what]) => getComputedStyle(document.querySelector(of))[what]"
    assert page.evaluate(seen, ["#vidstyl_screen", "backgroundColor"]) == "rgba(0, 0, 0, 0)"
    assert page.evaluate(seen, [".vs-message", "backgroundColor"]).startswith("rgb(")
    page.click("#vidstyl_screen")
    page.wait_for_function(FILLS)
    page.wait_for_function(f"({seen})(['#vidstyl_screen', 'color']) === 'rgb(255, 255, 255)'")  # hosts let colours change slowly
    page.wait_for_function(f"({seen})(['#vidstyl_screen', 'backgroundColor']) === 'rgb(39, 39, 42)'")


def test_a_try_leaves_the_film_where_it_is_and_gives_way_to_one_that_is_asked_for(page, served):
    open_clip(page, served.clip("beside.mp4", 6))
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    page.click("#vidstyl_try")
    page.wait_for_selector(".vs-triedRow button.vs-tried img")
    assert page.locator("#vidstyl_film").is_visible()
    page.click(".vs-queue summary")
    page.locator("#vidstyl_queue .vs-row", has_text="beside-").get_by_role("button", name="Show").click()
    page.wait_for_function("document.querySelector('#vidstyl_trial').hidden")
    assert page.locator("#vidstyl_film").is_visible()
