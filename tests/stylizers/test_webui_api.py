import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from lib_vidstyl import pipeline, stylize
from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.errors import Cancelled, PaintError, PaintingHopeless, SettingsError
from lib_vidstyl.front.session import new_recipe
from lib_vidstyl.stylizers import make_painter, webui_client
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.webui_api import AUTH, RemoteWebui, cut, padded, read_units
from lib_vidstyl.stylizers.webui_client import addresses
from tests.drawn import flat, texture


class FakeWebui:
    """Answers like a webui: img2img turns the picture negative. `script` decides what each call does instead."""

    def __init__(self, options=None, *, auth="", script=None):
        self.options = {"sd_model_checkpoint": "tiny [abc]", "sd_vae": "None", **(options or {})}
        self.auth, self.script = auth, script or (lambda number, body: None)
        self.bodies, self.lock = [], threading.Lock()
        self.control = {"/controlnet/model_list": {"model_list": ["control_canny [12ab]"]},
                        "/controlnet/module_list": {"module_list": ["None", "canny", "reference_only"]}}
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                found = {"/sdapi/v1/options": fake.options, **fake.control}.get(self.path.split("?")[0])
                self.answer(404, {"detail": "Not Found"}) if found is None else self.answer(200, found)

            def do_POST(self):
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with fake.lock:
                    fake.bodies.append(body)
                    number = len(fake.bodies) - 1
                told = fake.script(number, body)
                if told == "drop":
                    self.close_connection = True
                    self.connection.close()
                elif told:
                    self.answer(*told)
                else:
                    image, _ = decode_picture(base64.b64decode(body["init_images"][0]))
                    self.answer(200, {"images": [base64.b64encode(encode_png(255 - image)).decode()]})

            def answer(self, code, data):
                wanted = "Basic " + base64.b64encode(fake.auth.encode()).decode()
                if fake.auth and self.headers.get("Authorization") != wanted:
                    code, data = 401, {"detail": "Incorrect username or password"}
                text = json.dumps(data).encode()
                self.send_response(code)
                if code == 307:
                    self.send_header("Location", data["to"])
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            def log_message(self, *words):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


@contextmanager
def webuis(*fakes):
    try:
        yield fakes
    finally:
        for fake in fakes:
            fake.stop()


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(webui_client, "PAUSES", (0.0, 0.0))
    monkeypatch.delenv(AUTH, raising=False)


def recipe(*fakes, **webui):
    servers = " ".join(fake if isinstance(fake, str) else fake.address for fake in fakes)
    return new_recipe().replaced("paint", painter="webui", steps=7).replaced("webui", servers=servers, **webui)


def tasks(count, height=30, width=44):
    return [Task(index, texture(height, width, seed=index), seed=index, prompt="in the rain") for index in range(count)]


def test_a_frame_is_painted_at_its_own_size():
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake)) as painter:
        task = tasks(1)[0]
        assert np.array_equal(painter.paint([task])[0], 255 - task.image)
        body = fake.bodies[0]
        assert (body["width"], body["height"]) == (48, 32)
        assert (body["steps"], body["seed"], body["prompt"]) == (7, 0, "in the rain")


def test_two_servers_share_the_frames_and_keep_their_order():
    together = threading.Barrier(2, timeout=10)

    def both(number, body):
        if number == 0:
            together.wait()

    with webuis(FakeWebui(script=both), FakeWebui(script=both)) as (a, b), RemoteWebui(recipe(a, b)) as painter:
        frames = tasks(8)
        for task, image in zip(frames, painter.paint(frames), strict=True):
            assert np.array_equal(image, 255 - task.image)
        assert a.bodies and b.bodies and len(a.bodies) + len(b.bodies) == 8


def test_a_film_by_two_servers_keeps_both_at_work(tmp_path):
    together = threading.Barrier(2, timeout=10)

    def both(number, body):
        if number == 0:
            together.wait()

    clip = tmp_path / "clip"
    clip.mkdir()
    for task in tasks(6):
        (clip / f"{task.index}.png").write_bytes(encode_png(task.image))
    with webuis(FakeWebui(script=both), FakeWebui(script=both)) as (a, b):
        made = stylize(clip, tmp_path / "film.mp4", webui=f"{a.address} {b.address}")
    assert made.complete and made.frames == 6
    assert a.bodies and b.bodies and len(a.bodies) + len(b.bodies) == 6


def test_a_stop_interrupts_the_servers_at_once():
    asked, told, begun = [], threading.Event(), threading.Event()

    def script(number, body):
        asked.append(body)
        if "id_task" in body:
            return 200, {"active": body["id_task"] == asked[0]["force_task_id"]}
        if "init_images" not in body:
            told.set()
            return 200, {}
        begun.set()
        assert told.wait(20), "nobody told the server to stop"
        return None

    with webuis(FakeWebui(script=script)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        painter.watch(begun.is_set)
        with pytest.raises(Cancelled):
            painter.paint(tasks(5))
    assert sum("init_images" in body for body in asked) == 1


def test_a_stop_leaves_alone_what_a_server_does_for_others():
    begun, freed, paths = threading.Event(), threading.Event(), []

    def script(number, body):
        paths.append(sorted(body))
        if "id_task" in body:
            return 200, {"active": False, "queued": True}
        begun.set()
        freed.wait(20)
        return None

    with webuis(FakeWebui(script=script)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        painter.watch(begun.is_set)
        with pytest.raises(Cancelled):
            painter.paint(tasks(2))
        freed.set()
    assert len(paths) == 2, paths


def test_a_dead_server_loses_no_frame_and_the_film_is_the_same():
    with webuis(FakeWebui(), FakeWebui(script=lambda number, body: "drop" if number >= 1 else None)) as (a, b):
        with RemoteWebui(recipe(a, b)) as painter:
            frames = tasks(12)
            images = painter.paint(frames)
            who = painter.who()
            assert [np.array_equal(image, 255 - task.image) for task, image in zip(frames, images, strict=True)] == [True] * 12
            assert any("does not answer" in notice for notice in painter.notices)
        with RemoteWebui(recipe(a)) as alone:
            assert alone.who() == who


def test_all_servers_dead_is_hopeless():
    with webuis(FakeWebui(script=lambda number, body: "drop")) as (fake,), RemoteWebui(recipe(fake)) as painter, \
            pytest.raises(PaintingHopeless, match="no webui answers"):
        painter.paint(tasks(3))


def test_a_server_that_is_not_there_is_said_at_once():
    with webuis(FakeWebui()) as (fake,):
        with RemoteWebui(recipe(fake, "http://127.0.0.1:9")) as painter:
            assert len(painter.paint(tasks(2))) == 2 and "127.0.0.1:9" in painter.notices[0]
        with pytest.raises(PaintError, match="does not answer"):
            RemoteWebui(recipe("http://127.0.0.1:9")).__enter__()


def test_a_busy_gateway_is_tried_again():
    with webuis(FakeWebui(script=lambda number, body: (503, {}) if number < 2 else None)) as (fake,), \
            RemoteWebui(recipe(fake)) as painter:
        assert len(painter.paint(tasks(1))) == 1 and len(fake.bodies) == 3


def test_a_frame_that_cannot_be_painted_is_the_frames_fault():
    script = lambda number, body: (500, {"error": "NansException", "errors": "A tensor with all NaNs"}) if number == 0 else None  # noqa: E731
    with webuis(FakeWebui(script=script)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        with pytest.raises(PaintError, match="all NaNs"):
            painter.paint(tasks(1))
        assert len(painter.paint(tasks(1))) == 1


@pytest.mark.parametrize("answer", [{}, {"images": []}, {"images": [7]}, {"images": ["!!"]}, {"images": ["AAAA"]}, [], "x",
                                    {"images": [base64.b64encode(encode_png(flat((0, 0, 0)))).decode()]}])
def test_answers_without_a_picture_are_said(answer):
    with webuis(FakeWebui(script=lambda number, body: (200, answer))) as (fake,), RemoteWebui(recipe(fake)) as painter, \
            pytest.raises(PaintError, match=r"no picture|black picture"):
        painter.paint(tasks(1))


def test_the_password_comes_from_the_environment_and_stays_there(monkeypatch):
    with webuis(FakeWebui(auth="ada:secret")) as (fake,):
        with pytest.raises(PaintError, match="name and a password"):
            RemoteWebui(recipe(fake)).__enter__()
        monkeypatch.setenv(AUTH, "ada:secret")
        with RemoteWebui(recipe(fake)) as painter:
            assert len(painter.paint(tasks(1))) == 1
            assert "secret" not in json.dumps(dict(painter.who()))


def test_nothing_is_sent_elsewhere():
    with webuis(FakeWebui()) as (other,), webuis(FakeWebui(script=lambda number, body: (307, {"to": other.address}))) as (fake,), \
            RemoteWebui(recipe(fake)) as painter:
        with pytest.raises(PaintError):
            painter.paint(tasks(1))
        assert not other.bodies


def test_servers_that_would_paint_differently_are_refused():
    with webuis(FakeWebui(), FakeWebui({"sd_model_checkpoint": "other [def]"})) as (a, b), \
            pytest.raises(PaintError, match="would not paint alike"):
        RemoteWebui(recipe(a, b)).__enter__()


def test_masks_and_control_units_are_passed_on():
    units = '[{"module": "canny", "model": "control_canny", "weight": 0.8}]'
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake, units=units)) as painter:
        task = tasks(1)[0]
        mask = np.zeros(task.image.shape[:2], np.uint8)
        mask[:, 20:] = 255
        painter.paint([Task(0, task.image, 1, mask=mask)])
        body = fake.bodies[0]
        wanted = {**json.loads(units)[0], "model": "control_canny [12ab]"}
        assert body["alwayson_scripts"]["ControlNet"]["args"][0].items() >= wanted.items()
        sent, _ = decode_picture(base64.b64decode(body["mask"]))
        assert np.array_equal(sent[:30, :44, 0], mask)


def test_units_are_sent_in_the_servers_own_names():
    units = '[{"module": "Canny", "model": "control_canny.safetensors"}, {"module": "none", "model": "control_canny [ff]"}]'
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake, units=units)) as painter:
        painter.paint(tasks(1))
        sent = fake.bodies[0]["alwayson_scripts"]["ControlNet"]["args"]
    known = "control_canny [12ab]"
    assert [(unit["module"], unit["model"]) for unit in sent] == [("canny", known), ("None", known)]


@pytest.mark.parametrize("unit, said", [('{"module": "canny", "model": "absent"}', "no model 'absent'"),
                                        ('{"module": "canny"}', "no model is chosen"),
                                        ('{"module": "kanny", "model": "control_canny"}', "no preprocessor 'kanny'")])
def test_units_that_a_server_would_leave_out_are_refused(unit, said):
    with webuis(FakeWebui()) as (fake,), pytest.raises(SettingsError, match=said), RemoteWebui(recipe(fake, units=f"[{unit}]")):
        pass


def test_units_without_a_model_that_need_none_and_units_switched_off_pass():
    units = '[{"module": "reference_only"}, {"module": "canny", "model": "absent", "enabled": false}]'
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake, units=units)) as painter:
        painter.paint(tasks(1))
        assert len(fake.bodies[0]["alwayson_scripts"]["ControlNet"]["args"]) == 2


def test_units_for_a_webui_without_controlnet_are_refused():
    with webuis(FakeWebui()) as (fake,):
        fake.control = {}
        with pytest.raises(SettingsError, match="has no ControlNet"), RemoteWebui(recipe(fake, units='[{"module": "canny"}]')):
            pass
        with RemoteWebui(recipe(fake)) as painter:
            assert painter.paint(tasks(1))


def test_a_film_over_a_remote_webui_leaves_no_address_in_itself():
    made = recipe("http://10.0.0.7:7860")
    assert "10.0.0.7" not in made.to_json(paths=False) and "10.0.0.7" in made.to_json()
    assert pipeline.sections()  # the section belongs to a painter, not to a stage


@pytest.mark.parametrize("text", ["x", "ftp://a", "file:///etc/passwd", "http://", "http://u:p@host", "//host", "http://a#b",
                                  "javascript:x"])
def test_addresses_that_are_none(text):
    with pytest.raises(SettingsError) as caught:
        addresses(text)
    assert "u:p" not in str(caught.value)


def test_addresses_are_split_and_kept_once():
    assert addresses("http://a:1/, https://b/sub\nhttp://a:1") == ["http://a:1", "https://b/sub"]


def test_inversion_is_refused_not_left_out():
    made = recipe("http://127.0.0.1:1").replaced("inversion", invert=True)
    with pytest.raises(SettingsError, match="inside a webui only"):
        RemoteWebui(made)


def test_units_must_be_a_list_of_objects():
    for text in ("{", "7", '{"a": 1}', "[7]"):
        with pytest.raises(SettingsError):
            read_units(text)
    assert read_units("") == [] and read_units("[{}]")[0]["enabled"]


def test_no_server_named_is_said():
    with pytest.raises(SettingsError, match="no webui was named"):
        make_painter(new_recipe(), "webui")


def test_padding_is_cut_off_again():
    frame = texture(13, 21)
    assert padded(frame).shape == (16, 24, 3) and np.array_equal(cut(padded(frame), frame), frame)
    assert cut(texture(64, 64), frame).shape == frame.shape
