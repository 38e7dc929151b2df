"""A stand-in for remote webuis, over HTTP; recipes that ask them, and frames for them."""

import base64
import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.errors import NobodyThere
from lib_vidstyl.front.session import new_recipe
from lib_vidstyl.stylizers.base import Task
from tests.drawn import texture


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        if self.fake.down:
            return self.dropped()
        found = {"/sdapi/v1/options": self.fake.options, **self.fake.control}.get(self.path.split("?")[0])
        return self.answer(404, {"detail": "Not Found"}) if found is None else self.answer(200, found)

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.fake.down:
            return self.dropped()
        with self.fake.lock:
            self.fake.bodies.append(body)
            number = len(self.fake.bodies) - 1
        told = self.fake.script(number, body)
        if told == "drop":
            return self.dropped()
        if told:
            return self.answer(*told)
        image, _ = decode_picture(base64.b64decode(body["init_images"][0]))
        return self.answer(200, {"images": [base64.b64encode(encode_png(255 - image)).decode()]})

    def dropped(self):
        self.close_connection = True
        self.connection.close()

    def answer(self, code, data):
        wanted = "Basic " + base64.b64encode(self.fake.auth.encode()).decode()
        if self.fake.auth and self.headers.get("Authorization") != wanted:
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


class FakeWebui:
    """Answers like a webui: img2img turns the picture negative. `script` decides what each call does instead.

    While `down`, it answers nothing at all; `bodies` are the requests that it has got otherwise.
    """

    def __init__(self, options=None, *, auth="", script=None):
        self.options = {"sd_model_checkpoint": "tiny [abc]", "sd_vae": "None", **(options or {})}
        self.auth, self.script = auth, script or (lambda number, body: None)
        self.bodies, self.lock, self.down = [], threading.Lock(), False
        self.control = {"/controlnet/model_list": {"model_list": ["control_canny [12ab]"]},
                        "/controlnet/module_list": {"module_list": ["None", "canny", "reference_only"]}}
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Handler,), {"fake": self}))
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


def recipe(*fakes, **webui):
    servers = " ".join(fake if isinstance(fake, str) else fake.address for fake in fakes)
    return new_recipe().replaced("paint", painter="webui", steps=7).replaced("webui", servers=servers, **webui)


def tasks(count, height=30, width=44):
    return [Task(index, texture(height, width, seed=index), seed=index, prompt="in the rain") for index in range(count)]


def patiently(painter, frames):
    """Paint as a run does: ask again while nobody is there."""
    while True:
        try:
            return painter.paint(frames)
        except NobodyThere:
            assert told(painter, "No webui answers")


def until(true):
    ended = time.monotonic() + 20
    while not true():
        assert time.monotonic() < ended, "it never came"
        time.sleep(0.005)


def falling(number):
    """A webui that is down from this request on, until somebody sets it up again."""
    fake = FakeWebui()

    def script(count, body):
        fake.down = fake.down or count == number
        return "drop" if count == number else None

    fake.script = script
    return fake


def waiting(other, count=1):
    """A script: paint nothing before the other webui has been asked so often."""
    return lambda number, body: until(lambda: len(other.bodies) >= count)


def told(painter, words):
    return any(words in notice for notice in painter.notices)
