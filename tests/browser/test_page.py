"""The whole way, in a real browser."""

import json

import pytest

pytestmark = pytest.mark.timeout(400)

TAGS = ("<img src=x onerror='window.pwned=1'>", "<script>window.pwned=1</script>", "<svg onload=window.pwned=1>",
        "\"><b onmouseover='window.pwned=1'>", "' onfocus='window.pwned=1' autofocus='", "javascript:window.pwned=1",
        "{{window.pwned=1}}", "${window.pwned=1}")
NAMES = [template.format(tag) for tag in TAGS for template in ("{}", "a{}b", "&lt;{}&gt;", "{}\u202e", "</div>{}")]


def open_clip(page, path):
    page.set_input_files("#vidstyl_clip input[type=file]", str(path))
    page.wait_for_selector(".vs-track:not(.vs-loading)")


def set_last(page, frame):
    page.fill("input[aria-label='Last frame']", str(frame))
    page.keyboard.press("Tab")
    page.wait_for_timeout(400)


def jobs(page):
    return page.evaluate("fetch('vidstyl/v1/jobs').then(answer => answer.json())")["jobs"]


def ended(page, kind):
    """The latest job of a kind, once it has ended."""
    for _ in range(600):
        found = [job for job in jobs(page) if job["kind"] == kind]
        if found and found[-1]["state"] not in ("waiting", "running"):
            return found[-1]
        page.wait_for_timeout(100)
    raise AssertionError(found)


def test_from_clip_to_film(page, served):
    open_clip(page, served.clip())
    page.wait_for_function("[...document.querySelectorAll('.vs-card img')].length == 8")
    assert "24 frames" in page.inner_text("#vidstyl_clip .vs-facts")
    page.click(".vs-card[data-look=ink]")
    set_last(page, 11)
    page.click("#vidstyl_try")
    page.wait_for_selector(".vs-triedRow button.vs-tried img")
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    page.wait_for_function("document.querySelector('#vidstyl_film').duration > 0.9")
    page.evaluate("document.querySelector('#vidstyl_film').play()")
    page.wait_for_function("document.querySelector('#vidstyl_film').currentTime > 0.2")
    done = jobs(page)[-1]
    assert done["film"] == "clip-ink.mp4" and done["frames"] == 12 and done["state"] == "done"
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


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


def typed(page, name, text):
    """What stands in a number's field, and what is said, after somebody has typed into it and left it."""
    field = page.locator(f"#vidstyl_{name} input[type=number]")
    page.evaluate("vidstyl.say('')")
    field.click()
    page.keyboard.press("Control+a")
    page.keyboard.press("Delete")
    page.keyboard.type(text)
    page.keyboard.press("Tab")
    return field.input_value(), page.inner_text("#vidstyl_message")


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


def test_the_queue_is_listed_as_it_is_done(page, served):
    served.painter.pause = 1.0
    open_clip(page, served.clip("queue.mp4"))
    titles = []
    for last in (8, 9, 10):
        set_last(page, last)
        page.click("#vidstyl_run")
        titles.append(f"queue.mp4 \u00b7 0\u2013{last}")
        page.wait_for_function(f"vidstyl.state.jobs.some((job) => job.title.startsWith('{titles[-1]}'))")
    page.click(".vs-queue summary")
    rows = page.locator(".vs-rowName").all_inner_texts()
    assert all(title in row for title, row in zip(titles, rows, strict=False)) and len(rows) >= 3
    assert page.locator(".vs-row.vs-waiting button[title=Sooner]").first.is_disabled()
    page.locator(".vs-row.vs-waiting button[title=Sooner]").nth(1).click()
    page.wait_for_function(f"document.querySelectorAll('.vs-rowName')[1].textContent.includes('{titles[2]}')")
    for job in jobs(page):
        page.evaluate(f"vidstyl.post('jobs/{job['id']}/cancel')")
    served.painter.pause = 0.0


def test_another_clip_can_be_thought_better_of(page, served):
    open_clip(page, served.clip("kept.mp4"))
    for shown in (True, False):
        page.click("button:has-text('Other clip')")
        assert page.is_visible(".vs-drop") == shown
    assert "kept.mp4" in page.inner_text("#vidstyl_clip .vs-facts")


def test_reload_in_mid_run_finds_the_job_then_stop_and_go_on(page, served):
    served.painter.pause = 1.0
    open_clip(page, served.clip("reload.mp4"))
    page.click("#vidstyl_run")
    page.wait_for_selector(".vs-job:not([hidden])")
    page.reload()
    page.wait_for_selector(".vs-job:not([hidden])")
    assert "reload.mp4" in page.inner_text(".vs-jobTitle")
    page.click("#vidstyl_stop")
    page.wait_for_function("document.querySelector('.vs-message')?.textContent.includes('Stopped')")
    kept = len(served.painter.asked)
    served.painter.pause = 0.0
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    assert jobs(page)[-1]["state"] == "done"
    assert len(served.painter.asked) - kept <= 24


def test_keyframes_are_found_changed_and_painted(page, served):
    open_clip(page, served.clip("keys.mp4"))
    page.check("#vidstyl_use_keys")
    page.click("#vidstyl_find_keys")
    page.wait_for_selector(".vs-keyCard")
    page.fill("input[aria-label='Last frame']", "20")
    page.keyboard.press("Tab")
    before = page.locator(".vs-keyCard").count()
    page.evaluate("vidstyl.seek(7)")
    page.click("#vidstyl_keys button:has-text('Add a key here')")
    page.wait_for_function(f"document.querySelectorAll('.vs-keyCard').length == {before + 1}")
    page.click("button[aria-label='Remove key 7']")
    page.wait_for_function(f"document.querySelectorAll('.vs-keyCard').length == {before}")
    page.click("button[aria-label=Undo]")
    page.wait_for_function(f"document.querySelectorAll('.vs-keyCard').length == {before + 1}")
    page.wait_for_timeout(400)
    page.click("#vidstyl_paint_keys")
    found = ended(page, "keys")
    plan = page.evaluate(f"fetch('vidstyl/v1/jobs/{found['id']}/keys').then(answer => answer.json())")
    assert 7 in plan["keys"] and len(plan["keys"]) == before + 1


def saved_recipe(page, path):
    with page.expect_download() as saved:
        page.click("button:has-text('Save recipe')")
    saved.value.save_as(path)
    return json.loads(path.read_text(encoding="utf-8"))


def test_recipes_are_saved_and_loaded(page, served, tmp_path):
    open_clip(page, served.clip("recipe.mp4"))
    page.click(".vs-card[data-look=pencil]")
    page.wait_for_timeout(400)
    path = tmp_path / "recipe.json"
    recipe = saved_recipe(page, path)
    assert recipe["sections"]["look"]["look"] == "pencil"
    recipe["sections"]["look"]["look"] = "cartoon"
    path.write_text(json.dumps(recipe), encoding="utf-8")
    page.set_input_files("#vidstyl_looks input[type=file]", str(path))
    page.wait_for_selector(".vs-card[data-look=cartoon][aria-checked=true]")


def test_errors_are_said_in_the_page(page, served):
    page.wait_for_selector("#vidstyl_run", state="attached")
    page.evaluate("document.querySelector('#vidstyl_run').click()")  # hidden as long as there is no clip
    page.wait_for_function("document.querySelector('.vs-message')?.textContent.includes('no clip yet')")


def test_no_name_becomes_html(page, served):
    clip = served.desk.clips.facts(served.desk.clips.add(str(served.clip("xss.mp4", 9))))
    for name in NAMES:
        hostile = {**clip, "name": name, "codec": name, "notices": [name]}
        job = {"id": "1" * 16, "kind": "film", "clip": clip["id"], "title": name, "state": "failed", "film": name, "problem": name,
               "stages": {name: {"done": 1, "of": 2}}, "failed": {"1": name}, "notices": [name], "share": 0.5, "seconds": 1,
               "eta": 1, "ahead": 0, "preview": 0, "tried": [], "shown": [], "spread": 0, "frames": 1, "ended": 1,
               "start_seconds": 0}
        page.evaluate("""([clip, job]) => {
            vidstyl.refreshJobs = () => {};
            vidstyl.set({ clip, jobs: [job], job: { ...job, state: 'running' } });
            vidstyl.set({ job });
            vidstyl.say(clip.name);
        }""", [hostile, job])
        assert page.text_content(".vs-message span") == name
        assert page.text_content("#vidstyl_clip .vs-name") == name
        drawn = "[...document.querySelectorAll('.vs-facts *, .vs-message *, .vs-row *')]"
        assert page.evaluate(f"{drawn}.map(one => one.tagName).filter(tag => /^(IMG|SCRIPT|SVG|BODY)$/i.test(tag))") == []
    page.wait_for_timeout(300)
    assert page.evaluate("window.pwned") is None


@pytest.mark.parametrize(("width", "theme"), [(1280, "light"), (800, "dark"), (375, "light")])
def test_nothing_is_wider_than_the_window(page, served, width, theme):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{served.address}?__theme={theme}")
    page.wait_for_selector("#vidstyl_clip .vs-drop")
    open_clip(page, served.clip("wide.mp4"))
    page.wait_for_timeout(500)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_spread_frames_are_shown_before_the_run(page, served):
    open_clip(page, served.clip("sheet.mp4"))
    page.click("#vidstyl_tries input")
    page.click("text=3 frames of the film")
    page.wait_for_timeout(300)
    page.click("#vidstyl_try")
    page.wait_for_function("document.querySelectorAll('.vs-triedRow button.vs-tried img').length == 3")
    page.click(".vs-triedRow button.vs-tried >> nth=1")
    page.wait_for_function("vidstyl.state.at == 12")


def test_a_preset_is_kept_and_taken(page, served):
    open_clip(page, served.clip("preset.mp4", 6))
    page.click(".vs-card[data-look=pencil]")
    page.click(".vs-presets summary")
    page.fill(".vs-presets input", "My pencil")
    page.wait_for_timeout(400)
    page.click("#vidstyl_save_preset")
    page.wait_for_selector(".vs-cardBox img")
    page.click(".vs-presets .vs-card:has-text('Comic')")
    page.wait_for_selector(".vs-card[data-look=cartoon][aria-checked=true]")
    page.wait_for_function("document.querySelector('#vidstyl_deflicker_on input').checked")
    page.click(".vs-cardBox .vs-card")
    page.wait_for_selector(".vs-card[data-look=pencil][aria-checked=true]")
    page.click(".vs-cardBox .vs-close")
    page.wait_for_selector(".vs-cardBox", state="detached")


def test_a_report_leads_to_bad_frames_and_only_they_are_painted_anew(page, served):
    open_clip(page, served.clip("report.mp4", 12))
    page.check("#vidstyl_report_on input")
    page.wait_for_timeout(400)
    page.click("#vidstyl_run")
    page.wait_for_selector(".vs-curve polyline")
    page.click(".vs-triedRow .vs-keyPicture >> nth=0")
    page.wait_for_selector(".vs-bad:not([hidden])")
    span = page.evaluate("vidstyl.state.bad")
    before = len(served.painter.asked)
    page.click(".vs-triedRow button:has-text('Repaint') >> nth=0")
    page.wait_for_function("document.querySelector('.vs-message')?.textContent.includes('painted anew')")
    page.wait_for_timeout(500)
    assert ended(page, "film")["state"] == "done"
    assert served.painter.asked[before:] == list(range(span["first"], span["last"] + 1))


def test_the_queue_waits_while_it_is_paused(page, served):
    page.evaluate("vidstyl.post('desk', { paused: true })")
    try:
        open_clip(page, served.clip("paused.mp4", 6))
        page.click("#vidstyl_run")
        page.wait_for_function("document.querySelector('.vs-jobWords')?.textContent.includes('The queue is paused')")
        page.click("#vidstyl_queue button:has-text('Go on with the queue')")
        page.wait_for_selector("#vidstyl_film")
    finally:
        page.evaluate("vidstyl.post('desk', { paused: false })")


def test_what_takes_room_is_removed_at_the_second_click(page, served):
    for name in ("room.mp4", "other.mp4"):
        open_clip(page, served.clip(name))
        page.wait_for_function("(name) => vidstyl.state.clip?.name === name", arg=name)
        page.wait_for_function("[...document.querySelectorAll('.vs-card img')].filter((one) => one.complete).length >= 8")
    page.click("#vidstyl_cleanup summary")
    assert page.locator("#vidstyl_cleanup .vs-row", has_text="other.mp4").get_by_role("button").is_disabled()
    row = page.locator("#vidstyl_cleanup .vs-row", has_text="room.mp4")
    row.get_by_role("button").click()
    row.get_by_text("Really remove?").click()
    row.wait_for(state="detached")
    kept = page.evaluate("fetch('vidstyl/v1/desk/kept').then((answer) => answer.json())")["kept"]
    assert "room.mp4" not in [one["name"] for one in kept]


def test_what_is_done_on_the_timeline_is_undone_and_done_again(page, served):
    open_clip(page, served.clip("undo.mp4"))
    set_last(page, 11)
    page.click(".vs-track", position={"x": 40, "y": 30})
    page.keyboard.press("m")
    page.wait_for_function("vidstyl.state.keys.length == 1")
    page.keyboard.press("Control+z")
    page.keyboard.press("Control+z")
    page.wait_for_function("vidstyl.state.keys.length == 0 && vidstyl.state.last == 23")
    page.keyboard.press("Control+Shift+z")
    page.wait_for_function("vidstyl.state.last == 11")


def test_an_error_gives_a_report_to_copy(page, served):
    page.evaluate("vidstyl.say('It went wrong in ' + '/home/somebody/films/a.mp4')")
    page.evaluate("delete navigator.clipboard; Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.click("button:has-text('Copy a report')")
    page.wait_for_selector(".vs-report")
    text = page.input_value(".vs-report")
    assert "video-stylize" in text and "somebody" not in text


def test_the_page_speaks_german(browser, served):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="de-DE")
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.route("**/*", lambda route: route.continue_() if f"127.0.0.1:{served.port}" in route.request.url
               or route.request.url.startswith(("data:", "blob:")) else route.fulfill(status=200, body=""))
    try:
        page.goto(served.address)
        page.wait_for_selector("text=Video hierher ziehen")
        open_clip(page, served.clip("deutsch.mp4", 6))
        assert "6 Bilder" in page.inner_text("#vidstyl_clip .vs-facts")
        page.wait_for_selector("#vidstyl_run:has-text('Film machen')")
        page.wait_for_selector("#vidstyl_frames:has-text('Jedes n-te Bild')")
        page.click(".vs-card[data-look=ink]")
        page.click("#vidstyl_run")
        page.wait_for_selector("#vidstyl_film")
        assert jobs(page)[-1]["film"] == "deutsch-ink.mp4"
    finally:
        context.close()


FILLS = "document.fullscreenElement?.classList.contains('vs-theatre') ?? false"


@pytest.mark.parametrize("size", [(128, 96), (72, 128)], ids=["landscape", "portrait"])
def test_the_comparison_fills_the_screen_in_its_own_shape(page, served, size):
    open_clip(page, served.clip(f"screen{size[0]}.mp4", 12, size))
    page.click("#vidstyl_run")
    page.wait_for_function("document.querySelector('#vidstyl_film')?.duration > 0.5")
    page.click("#vidstyl_clip .vs-name")
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


def test_a_browser_without_full_screen_offers_none(page, served):
    page.evaluate("Object.defineProperty(document, 'fullscreenEnabled', { value: false })")
    open_clip(page, served.clip("narrow.mp4", 6))
    page.click("#vidstyl_run")
    page.wait_for_selector("#vidstyl_film")
    page.keyboard.press("f")
    assert page.locator("#vidstyl_result button:has-text('Side by side')").is_visible()
    assert page.locator("#vidstyl_screen").count() == 0


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
