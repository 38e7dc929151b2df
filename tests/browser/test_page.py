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
    with page.expect_download() as saved:
        page.click("button:has-text('Save recipe')")
    path = tmp_path / "recipe.json"
    saved.value.save_as(path)
    recipe = json.loads(path.read_text(encoding="utf-8"))
    assert recipe["sections"]["look"]["look"] == "pencil"
    recipe["sections"]["look"]["look"] = "cartoon"
    path.write_text(json.dumps(recipe), encoding="utf-8")
    page.set_input_files("#vidstyl_looks input[type=file]", str(path))
    page.wait_for_selector(".vs-card[data-look=cartoon][aria-checked=true]")


def test_errors_are_said_in_the_page(page, served):
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
