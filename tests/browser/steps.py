"""What tests in a browser do again and again."""

import json


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


def saved_recipe(page, path):
    with page.expect_download() as saved:
        page.click("button:has-text('Save recipe')")
    saved.value.save_as(path)
    return json.loads(path.read_text(encoding="utf-8"))
