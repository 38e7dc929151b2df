"""What is typed and pressed: fields, and keys as in video editors."""

import pytest

from tests.browser.steps import jobs, open_clip, saved_recipe

pytestmark = pytest.mark.timeout(400)


def typed(page, name, text):
    """What stands in a number's field, and what is said, after somebody has typed into it and left it."""
    field = page.locator(f"#vidstyl_{name} input[type=number]")
    page.evaluate("vidstyl.say('')")
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(text)  # at once: between two keys Gradio may write the number so far into the field
    page.keyboard.press("Tab")
    return field.input_value(), page.inner_text("#vidstyl_message")


def test_a_range_is_typed_in_frames_or_in_seconds(page, served):
    open_clip(page, served.clip("range.mp4"))
    page.fill("input[aria-label='First frame']", "0:00.2")
    page.keyboard.press("Tab")
    neither = "no frame and no time"
    for typed, last, said in (("0.4s", 4, ""), ("nonsense", 4, neither), ("-5", 4, neither), ("11", 11, ""),
                              ("999", 23, "ends with frame 23"), ("1e9", 23, neither), ("11", 11, "")):
        page.evaluate("vidstyl.say('')")
        page.fill("input[aria-label='Last frame']", typed)
        page.keyboard.press("Tab")
        assert page.input_value("input[aria-label='Last frame']") == str(last)
        assert said in page.inner_text("#vidstyl_message") and bool(said) == page.locator(".vs-message").is_visible()
    assert page.input_value("input[aria-label='First frame']") == "2"
    assert "10 frames" in page.inner_text("#vidstyl_clip .vs-range")


def test_numbers_that_make_no_sense_are_said_and_put_right(page, served, tmp_path):
    open_clip(page, served.clip("numbers.mp4"))
    assert typed(page, "decode_longest_side", "64") == ("64", "")
    assert typed(page, "decode_every", "2") == ("2", "")
    for name, before, label in (("decode_longest_side", "64", "Longest side"), ("decode_every", "2", "Every n-th frame")):
        for text, words in (("abc", "needs a number"), ("", "needs a number"), ("-5", "so -5 cannot be"),
                            ("99999999", "so 99999999 cannot be")):
            value, said = typed(page, name, text)
            assert value == before and label in said and words in said and f"stays {before}" in said
        value, said = typed(page, name, "7.5")
        assert value == "8" and "7.5 is now 8" in said
    typed(page, "decode_longest_side", "-5")
    page.wait_for_timeout(400)
    chosen = saved_recipe(page, tmp_path / "recipe.json")["sections"]["decode"]
    assert (chosen["longest_side"], chosen["every"]) == (8, 8)


def test_what_was_typed_wrongly_starts_nothing(page, served):
    open_clip(page, served.clip("wrongly.mp4", 6))
    for field, text in (("#vidstyl_decode_longest_side input", "-5"), ("input[aria-label='Last frame']", "abc")):
        before = len(jobs(page))
        page.fill(field, text)
        page.click("#vidstyl_run")
        page.wait_for_selector(".vs-message")
        page.wait_for_timeout(500)
        assert len(jobs(page)) == before
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")


def test_keys_work_wherever_the_page_was_clicked(page, served):
    open_clip(page, served.clip("keyboard.mp4"))
    page.keyboard.press("l")  # the field of the path, which had the focus, is gone
    assert page.evaluate("vidstyl.state.at") == 10
    for part in ("#vidstyl_clip .vs-stage", "#vidstyl_clip .vs-name", "#vidstyl_extra", "#vidstyl_looks .vs-heading"):
        page.evaluate("document.activeElement.blur()")
        page.evaluate("vidstyl.seek(0)")
        page.locator(part).scroll_into_view_if_needed()
        before = page.evaluate("scrollY")
        page.click(part, position={"x": 5, "y": 5})
        page.keyboard.press("ArrowRight")
        assert page.evaluate("[vidstyl.state.at, scrollY]") == [1, before], part
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "none"


def test_keys_go_on_after_a_field_and_after_a_button_that_is_gone(page, served):
    open_clip(page, served.clip("goes-on.mp4"))
    page.fill("input[aria-label='Last frame']", "20")
    page.keyboard.press("l")
    assert page.input_value("input[aria-label='Last frame']") == "20l"  # in a field, a letter is a letter
    page.fill("input[aria-label='Last frame']", "20")
    page.keyboard.press("Enter")
    page.keyboard.press("m")
    page.wait_for_function("vidstyl.state.keys.length == 1")
    page.click("button[aria-label='Remove key 20']")
    page.wait_for_selector(".vs-keyCard", state="detached")
    page.keyboard.press("Control+z")
    page.wait_for_function("vidstyl.state.keys.length == 1")
    page.click("#vidstyl_use_keys")
    page.keyboard.press("j")
    assert page.evaluate("vidstyl.state.at") == 10


def test_keys_are_left_to_whoever_was_touched_last(page, served):
    open_clip(page, served.clip("others.mp4"))
    page.evaluate("""() => {
        const other = document.createElement('div');
        other.id = 'other';
        other.textContent = 'of the host';
        document.body.prepend(other);
    }""")
    page.click("#other")
    page.keyboard.press("l")
    assert page.evaluate("vidstyl.state.at") == 0


def test_the_keys_are_listed(page, served):
    open_clip(page, served.clip("listed.mp4", 6))
    assert not page.locator("#vidstyl_key_list").is_visible()
    page.click("#vidstyl_clip button:has-text('Keys')")
    assert "a keyframe here" in page.inner_text("#vidstyl_key_list")
    assert page.locator("#vidstyl_key_list kbd").count() > 12
