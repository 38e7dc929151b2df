"""Requests that nobody sends on purpose, disks and files that change under the server: an answer in words, no place named."""

import json
import os
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

pytest.importorskip("fastapi", reason="FastAPI is not installed")
pytest.importorskip("httpx", reason="httpx, which FastAPI's test client needs, is not installed")

from fastapi.testclient import TestClient

from lib_vidstyl.front import ranges
from lib_vidstyl.front.desk.job import FILM, Job
from lib_vidstyl.front.places import Places
from lib_vidstyl.stages.base import Progress
from tests.front.test_api import clip_id, serve, wait

CLIPS, JOBS = "/vidstyl/v1/clips", "/vidstyl/v1/jobs"


@pytest.fixture
def client(bench):
    with serve(bench.desk) as made:
        yield TestClient(made.app, base_url=str(made.base_url), headers=dict(made.headers), raise_server_exceptions=False)


@pytest.mark.parametrize("path", ["/frames/%C2%B2", "/strip?count=%C2%B2", "/frames/%D9%A1", "/frames/0?side=%C2%B2"])
def test_a_digit_of_another_script_is_no_frame_number(client, bench, path):
    answer = client.get(f"{CLIPS}/{clip_id(client, bench)}{path}")
    assert answer.status_code == 422 and "frame number" in answer.json()["error"]


@pytest.mark.parametrize("setting", ['"look.strength": 1' + "0" * 400, '"paint.prompt": "\\ud800"',
                                     '"decode.folder_fps": "1e999999999"'])
def test_what_no_file_can_hold_harms_no_job(client, bench, setting):
    clip = clip_id(client, bench)
    bench.painter.free.set()
    client.post(JOBS, content=f'{{"clip": "{clip}", "settings": {{{setting}}}}}')
    job = client.post(JOBS, json={"clip": clip, "settings": {"encode.format": "ffv1"}}).json()["id"]
    assert wait(client, job, "done", "failed")["state"] == "done"
    assert client.get(JOBS).status_code == 200


def test_a_preset_may_have_any_name(client, bench):
    recipe = client.get("/vidstyl/v1/recipe").json()
    saved = client.post("/vidstyl/v1/presets", content=json.dumps({"name": "\ud800 Öl", "recipe": recipe}))
    assert saved.status_code == 201
    assert client.get("/vidstyl/v1/presets").json()["own"][0]["name"] == "\ud800 Öl"


@pytest.mark.skipif(sys.platform != "linux", reason="names are Unicode here")
def test_a_clip_whose_name_is_no_unicode(client, bench):
    clip = bench.folder / os.fsdecode(b"caf\xe9.mkv")
    clip.write_bytes(bench.clip.read_bytes())
    bench.painter.free.set()
    known = client.post(CLIPS, content=json.dumps({"path": str(clip)}), headers={"Content-Type": "application/json"}).json()["id"]
    job = client.post(JOBS, json={"clip": known, "settings": {"encode.format": "ffv1"}}).json()["id"]
    assert wait(client, job, "done", "failed")["state"] == "done"
    film = client.get(f"{JOBS}/{job}/artefacts").json()["artefacts"][0]
    assert client.get(f"{JOBS}/{job}/artefacts/{film['id']}?save").status_code == 200


def test_a_clip_that_is_gone_is_said_without_its_place(client, bench):
    clip = clip_id(client, bench)
    bench.clip.unlink()
    answer = client.get(f"{CLIPS}/{clip}")
    job = client.post(JOBS, json={"clip": clip}).json()["id"]
    problem = wait(client, job, "failed")["problem"]
    for said in (answer.text, problem):
        assert "no such file" in said and "clip.mkv" in said and str(bench.folder) not in said


def test_a_damaged_upload_does_not_tell_where_it_was_put(client, bench):
    answer = client.post(CLIPS, content=bench.clip.read_bytes()[:600] + bytes(5000), headers={"X-Name": "a.mkv"})
    assert answer.status_code == 422 and "a.mkv" in answer.text and str(bench.folder) not in answer.text


def test_a_full_disk_is_said(client, bench, monkeypatch):
    def full(path, data):
        raise OSError(28, "No space left on device", str(path))

    clip = clip_id(client, bench)
    monkeypatch.setattr("lib_vidstyl.front.desk.clips.write_whole", full)
    answer = client.get(f"{CLIPS}/{clip}/strip")
    assert answer.status_code == 507 and "disk is full" in answer.json()["error"] and str(bench.folder) not in answer.text


def test_a_clip_of_a_folder_that_has_been_closed_is_not_given_out(client, bench, tmp_path):
    clip = clip_id(client, bench)
    upload = client.post(CLIPS, content=bench.clip.read_bytes(), headers={"X-Name": "a.mkv"}).json()["id"]
    bench.desk.clips.places = Places([tmp_path / "other"])
    assert client.get(f"{CLIPS}/{clip}/file").status_code == 403
    assert client.get(f"{CLIPS}/{upload}/file").status_code == 200


def test_a_job_can_be_looked_at_while_it_goes_on():
    job, ended, problems = Job(FILM, "0" * 16, "{}"), threading.Event(), []

    def look():
        while not ended.is_set():
            try:
                job.snapshot(0)
            except RuntimeError as error:
                problems.append(error)
                return

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    looking = threading.Thread(target=look)
    looking.start()
    try:
        for number in range(500):
            job.took(Progress(f"stage {number}", 1, 1))
            job.took(Progress("notice", 0, 0, notice=f"{number}"))
    finally:
        ended.set()
        looking.join()
        sys.setswitchinterval(before)
    assert problems == []


def test_a_file_is_not_held_open_while_a_player_waits(tmp_path, monkeypatch):
    monkeypatch.setattr(ranges, "PIECE", 4)
    film = tmp_path / "film.mkv"
    film.write_bytes(b"0123456789")
    opened, genuine = [], type(film).open
    monkeypatch.setattr(type(film), "open", lambda path, mode: opened.append(genuine(path, mode)) or opened[-1])

    async def play():
        pieces = ranges._pieces(film, 0, 10)
        got = [await anext(pieces)]
        assert all(file.closed for file in opened)
        film.write_bytes(b"another film")
        return [*got, *[piece async for piece in pieces]]

    import anyio

    with ThreadPoolExecutor(1) as pool:  # a thread of its own: a browser's tests may have left a loop in this one
        assert pool.submit(anyio.run, play).result() == [b"0123"]
