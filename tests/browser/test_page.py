"""The whole way, in a real browser."""

import json

import pytest

from tests.browser.steps import ended, jobs, open_clip, saved_recipe, set_last

pytestmark = pytest.mark.timeout(400)

TAGS = ("<img src=x onerror='window.pwned=1'>", "<script>window.pwned=1</script>", "<svg onload=window.pwned=1>",
        "\"><b onmouseover='window.pwned=1'>", "' onfocus='window.pwned=1' autofocus='", "javascript:window.pwned=1",
        "{{window.pwned=1}}", "${window.pwned=1}")
NAMES = [template.format(tag) for tag in TAGS for template in ("{}", "a{}b", "&lt;{}&gt;", "{}\u202e", "</div>{}")]


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


def test_the_page_waits_for_its_last_file(page, served):
    """Gradio may have drawn everything long before; the page once stayed white then."""
    def late(route):
        page.wait_for_timeout(1500)
        route.continue_()
    page.route("**/vidstyl_words.js*", late)
    page.reload(wait_until="commit")
    page.wait_for_selector("#vidstyl_clip .vs-drop")
