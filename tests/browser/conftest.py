import shutil
import socket
import threading
import time
from fractions import Fraction

import pytest

pytest.importorskip("gradio", minversion="3.41", reason="Gradio is not installed")
api = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
uvicorn = pytest.importorskip("uvicorn", reason="uvicorn is not installed")

from lib_vidstyl.clip.film import open_film
from lib_vidstyl.front.desk.desk import Desk
from lib_vidstyl.front.places import Places
from lib_vidstyl.front.serve import application
from tests.drawn import moving
from tests.fakes import Fake

FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required"]
FRAMES = 24


def chromium():
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Leisurely(Fake):
    """Takes `pause` seconds for every frame."""

    pause = 0.0

    def paint(self, tasks):
        time.sleep(self.pause * len(tasks))
        return super().paint(tasks)


class Served:
    """The page on a free port, with a painter that can be slowed down."""

    def __init__(self, folder):
        self.folder, self.painter = folder, Leisurely()
        with socket.socket() as one:
            one.bind(("127.0.0.1", 0))
            self.port = one.getsockname()[1]
        self.desk = Desk(folder / "films", Places([folder]), painter=lambda recipe: self.painter)
        config = uvicorn.Config(application(self.desk, self.port), host="127.0.0.1", port=self.port, log_level="error")
        self.server = uvicorn.Server(config)
        self.thread = threading.Thread(target=self.server.run, daemon=True)
        self.thread.start()
        while not self.server.started:
            time.sleep(0.05)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}/"

    def clip(self, name="clip.mp4", frames=FRAMES, size=(128, 96)):
        path = self.folder / name
        with open_film(path, format="mp4", size=size, fps=Fraction(12), quality=90) as film:
            for index, image in enumerate(moving(frames, *size[::-1])):
                film.write(image, time=Fraction(index, 12), duration=Fraction(1, 12), index=index)
        return path

    def close(self):
        self.painter.pause = 0
        self.server.should_exit = True
        self.server.force_exit = True
        self.thread.join(10)
        self.desk.close()


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    if chromium() is None:
        pytest.skip("Chromium is not installed")
    made = Served(tmp_path_factory.mktemp("page"))
    yield made
    made.close()


@pytest.fixture(scope="module")
def browser():
    if chromium() is None:
        pytest.skip("Chromium is not installed")
    with api.sync_playwright() as player:
        made = player.chromium.launch(executable_path=chromium(), args=FLAGS)
        yield made
        made.close()


@pytest.fixture
def page(browser, served):
    """A fresh page on the served address; the test fails on any error in its console."""
    served.painter.pause = 0.0
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    made = context.new_page()
    made.set_default_timeout(60_000)
    problems = []
    made.on("pageerror", lambda error: problems.append(str(error)))
    made.on("console", lambda said: problems.append(said.text) if said.type == "error" and "manifest" not in said.text else None)
    # Gradio asks for fonts elsewhere; tests touch no network.
    made.route("**/*", lambda route: route.continue_() if f"127.0.0.1:{served.port}" in route.request.url
               or route.request.url.startswith(("data:", "blob:")) else route.fulfill(status=200, body=""))
    made.goto(served.address)
    made.wait_for_selector("#vidstyl_clip .vs-drop")
    yield made
    context.close()
    assert not problems
