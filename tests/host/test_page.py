"""The tab and the API inside the webui: the queue, the lock, the rights, Reload UI."""

from __future__ import annotations

import base64
import time
from types import SimpleNamespace

import pytest

pytest.importorskip("gradio", reason="the tab is Gradio's")
pytest.importorskip("httpx", reason="the test client speaks HTTP with it")

from fastapi import FastAPI
from fastapi.testclient import TestClient

from lib_vidstyl.front.session import new_recipe
from lib_vidstyl.host import page, rights
from lib_vidstyl.host.entry import register
from tests.host.pressing import FRAMES


@pytest.fixture
def desk(webui):
    webui.shared.state.interrupt = lambda: setattr(webui.shared.state, "interrupted", True)
    yield page.desk()
    page.close()


def recipe():
    return new_recipe().replaced("paint", painter="webui", prompt="rain", steps=4, seed=3).replaced("encode", format="mp4")


def ended(desk, job, seconds: float = 60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        status = desk.status(job.id)
        if status["state"] not in ("waiting", "running"):
            return status
        time.sleep(0.02)
    raise AssertionError(f"still {status['state']}")


def test_a_job_is_painted_by_the_loaded_model_inside_the_hosts_queue(webui, clip, desk):
    held = []
    webui.on_step = lambda step: held.append(webui.call_queue.queue_lock.locked())
    status = ended(desk, desk.start("film", desk.clips.add(str(clip)), recipe()))
    assert status["state"] == "done", status
    assert len(webui.calls) == FRAMES and all(held)
    assert webui.calls[0].seed == 3 and webui.calls[0].prompt == "rain"
    assert not webui.call_queue.queue_lock.locked() and webui.shared.state.job == ""


def test_cancel_reaches_into_the_sampler(webui, clip, desk):
    jobs = []

    def step(now: int) -> None:
        if len(webui.calls) == 2 and now == 1:
            desk.cancel(jobs[0].id)
            desk.cancel(jobs[0].id)

    webui.on_step = step
    jobs.append(desk.start("film", desk.clips.add(str(clip)), recipe()))
    assert ended(desk, jobs[0])["state"] == "stopped"
    assert len(webui.calls) == 2


def test_generate_pressed_during_a_job_waits(webui, clip, desk):
    with webui.call_queue.queue_lock:
        job = desk.start("film", desk.clips.add(str(clip)), recipe())
        time.sleep(0.2)
        assert webui.calls == []
    assert ended(desk, job)["state"] == "done"


def test_reload_ui_goes_on_with_what_ran(webui, clip, desk):
    register()
    jobs = []

    def step(now: int) -> None:
        if len(webui.calls) == 2 and jobs:
            desk._closed = True
            desk._stop[jobs[0].id].set()

    webui.on_step = step
    jobs.append(desk.start("film", desk.clips.add(str(clip)), recipe()))
    desk._worker.join(30)
    for unload in webui.callbacks["on_script_unloaded"]:
        unload()
    webui.on_step = lambda now: None
    again = page.desk()
    assert again is not desk
    assert ended(again, jobs[0])["state"] == "done"
    assert len(webui.calls) == FRAMES, "no frame is painted twice"


def client(webui, app=None) -> TestClient:
    app = app or FastAPI()
    app.add_api_route("/{anything:path}", lambda anything: "the webui's own", methods=["GET"])
    page.add_routes(None, app)
    return TestClient(app)


def basic(name: str, password: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()}


def test_routes_come_before_the_hosts_catch_all_and_are_open_where_the_host_is(webui, desk):
    assert "sections" in client(webui).get("/vidstyl/v1/schema").text or client(webui).get("/vidstyl/v1/schema").status_code == 200
    assert client(webui).get("/elsewhere").json() == "the webui's own"


def test_api_auth_is_asked_for(webui, desk):
    webui.shared.cmd_opts.api_auth = "ann:secret,bob:p:w"
    asked = client(webui)
    assert asked.get("/vidstyl/v1/schema").status_code == 401
    for wrong in (basic("ann", "p:w"), basic("", ""), basic("eve", ""), {"Authorization": "Basic !!"},
                  {"Authorization": "Bearer x"}):
        assert asked.get("/vidstyl/v1/schema", headers=wrong).status_code == 401
    for right in (basic("ann", "secret"), basic("bob", "p:w")):
        assert asked.get("/vidstyl/v1/schema", headers=right).status_code == 200


def test_a_login_session_is_taken_and_nothing_else(webui, desk):
    app = FastAPI()
    app.auth, app.tokens = {"ann": "secret"}, {"token123": "ann"}
    asked = client(webui, app)
    assert asked.get("/vidstyl/v1/schema").status_code == 401
    assert asked.get("/vidstyl/v1/schema", headers=basic("ann", "secret")).status_code == 401
    for cookie, status in (("nothing", 401), ("token123", 200)):
        assert asked.get("/vidstyl/v1/schema", headers={"Cookie": f"access-token-unsecure={cookie}"}).status_code == status


def test_passwords_are_read_as_the_host_reads_them(webui):
    webui.shared.cmd_opts.api_auth = None
    assert rights.api_passwords() == {}


def test_what_breaks_the_tab_is_said_in_its_place(webui, monkeypatch):
    monkeypatch.setattr(page, "desk", lambda: 1 / 0)
    ((blocks, title, _),) = page.tabs()
    assert title == "Video Stylize"
    assert any("division by zero" in str(getattr(part, "value", "")) for part in blocks.blocks.values())


def test_a_request_from_a_recipe_has_the_other_scripts_defaults(webui):
    from lib_vidstyl.host.request import request_of

    runner = webui.scripts.scripts_img2img
    theirs = SimpleNamespace(args_from=1, args_to=3, controls=[SimpleNamespace(value="a"), SimpleNamespace(value=0.5)])
    runner.alwayson_scripts.append(theirs)
    runner.inputs = [None, "x", "y", "z"]
    assert request_of(recipe()).script_args == (0, "a", 0.5, None)


@pytest.mark.parametrize(("flag", "local", "films_stay"), [
    ("", True, False), ("listen", False, False), ("share", False, True), ("ngrok", False, True),
    ("hide_ui_dir_config", False, True)])
def test_what_visitors_may_do_with_folders_and_films(webui, flag, local, films_stay):
    if flag:
        setattr(webui.shared.cmd_opts, flag, True)
    try:
        assert (page.desk().local, page.desk().films_stay) == (local, films_stay)
    finally:
        page.close()
