"""A real webui and a real browser. What they need is said by the environment; without it these tests are skipped.

VIDSTYL_E2E_URL       address of a running webui with --api and this extension (on a CPU with --no-half --precision full)
VIDSTYL_E2E_FOLDER    its data folder: tiny checkpoints are put into models/ there, clips into outputs/
VIDSTYL_E2E_START     a command that starts a webui in the foreground, with {port} and {folder}; flags are added to it. It must not
                      name precision flags. For the tests that kill a webui or change its flags
VIDSTYL_E2E_SHOTS     where screenshots go; none are taken without it
"""

import os
import shutil
import uuid
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.drawn import moving
from tests.e2e import checkpoints
from tests.e2e.webui import Launcher, Webui, chromium

FRAMES = 6
PRECISE = ("--no-half", "--precision", "full")
JOBS = "fetch('vidstyl/v1/jobs').then(answer => answer.json()).then(found => found.jobs)"
PATIENCE = 240_000  # milliseconds; a busy machine needs a minute to draw this page


def pytest_collection_modifyitems(items):
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.timeout(1200))


def _needed(name):
    value = os.environ.get(name)
    if not value:
        pytest.skip(f"{name} is not set: see tests/e2e/conftest.py")
    return value


def _install(folder):
    models = folder / "models" / "Stable-diffusion"
    checkpoints.install(models, "vidstyl-tiny")
    checkpoints.install(models, "vidstyl-other", checkpoints.Recipe(tint=6))
    for fault in checkpoints.FAULTS[1:]:
        checkpoints.install(models, f"vidstyl-{fault}", checkpoints.Recipe(fault=fault))
    checkpoints.install(models, "vidstyl-inpainting", checkpoints.inpainting())
    checkpoints.adapter(folder / "models" / "ControlNet" / "vidstyl-t2iadapter.safetensors")


@pytest.fixture(scope="session")
def running():
    """The webui that runs already, with the tiny checkpoints."""
    webui = Webui(_needed("VIDSTYL_E2E_URL"), Path(_needed("VIDSTYL_E2E_FOLDER")))
    _install(webui.folder)
    return webui


@pytest.fixture
def webui(running):
    """The same, with the healthy checkpoint loaded."""
    running.switch("vidstyl-tiny")
    return running


@pytest.fixture(scope="session")
def launcher(tmp_path_factory):
    """Starts webuis of its own."""
    made = Launcher(_needed("VIDSTYL_E2E_START"), tmp_path_factory.mktemp("webui") / "webui.log")
    yield made
    made.stop()


@pytest.fixture(scope="session")
def own_folder(tmp_path_factory):
    """A data folder for webuis of one's own."""
    folder = tmp_path_factory.mktemp("data")
    _install(folder)
    return folder


def pictures(folder, count=FRAMES, size=64):
    """A clip as a folder of pictures."""
    folder.mkdir(parents=True)
    for i, frame in enumerate(moving(count, size, size)):
        Image.fromarray(frame).save(folder / f"{i:03d}.png")
    return folder


@pytest.fixture
def make_clip():
    """Draws clips below a webui's outputs, and removes them afterwards."""
    made = []

    def make(webui, count=FRAMES, size=64):
        folder = webui.outputs / f"e2e-{uuid.uuid4().hex[:8]}"
        made.append(folder)
        return pictures(folder / f"clip-{folder.name}", count, size)  # a name that no project had before

    yield make
    for folder in made:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def film(tmp_path_factory):
    """A video with sound, 10 frames at 30000/1001 fps."""
    import av

    path = tmp_path_factory.mktemp("clip") / "dance.mp4"
    with av.open(str(path), "w") as output:
        video = output.add_stream("libx264", rate=Fraction(30000, 1001))
        video.width = video.height = 64
        video.pix_fmt = "yuv420p"
        sound = output.add_stream("aac", rate=44100)
        for frame in moving(10, 64, 64):
            output.mux(video.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        output.mux(video.encode())
        wave = np.sin(np.arange(14 * 1024) * 2 * np.pi * 440 / 44100).astype(np.float32)[None]
        tone = av.AudioFrame.from_ndarray(wave, format="fltp", layout="mono")
        tone.rate = 44100
        output.mux(sound.encode(tone))
        output.mux(sound.encode())
    return path


@pytest.fixture(scope="session")
def browser():
    """Headless Chromium."""
    playwright = pytest.importorskip("playwright.sync_api")
    path = chromium()
    if path is None:
        pytest.skip("there is no Chromium")
    flags = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
             "--disable-component-update", "--disable-sync"]
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=path, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def page(browser, webui):
    """The webui's page at its img2img tab, 1280 pixels wide."""
    page = browser.new_page(viewport={"width": 1280, "height": 1600})
    page.set_default_timeout(PATIENCE)
    open_page(page, webui)
    yield page
    page.close()


def open_page(page, webui, query=""):
    """Load the page and go to img2img."""
    page.goto(f"{webui.url}/{query}", wait_until="commit")
    page.wait_for_function("() => typeof gradioApp === 'function' && gradioApp().querySelector('#img2img_generate')")
    page.locator("#tabs > .tab-nav button", has_text="img2img").first.click()


def fill(page, selector, value):
    field = page.locator(selector).first
    field.fill(str(value))
    field.blur()


def small(page, webui, prompt="red"):
    """Settings that the webui's model paints quickly."""
    fill(page, "#img2img_prompt textarea", prompt)
    for name, value in webui.small.items():
        fill(page, f"#img2img_{name} input[type=number]", value)
    fill(page, "#img2img_seed input", 5)


@pytest.fixture
def tab(page, webui):
    """The tab, of a page that fails the test on any error in its console."""
    problems = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("console", lambda said: problems.append(said.text) if ours(said) else None)
    small(page, webui)
    show_tab(page)
    yield page
    for job in page.evaluate(JOBS):
        page.evaluate(f"fetch('vidstyl/v1/jobs/{job['id']}/cancel', {{method: 'POST', headers: {{'X-Vidstyl': '1'}}}})")
    assert not problems, problems


def ours(said):
    """Whether it is an error of our scripts or routes; the webui has some of its own."""
    return said.type == "error" and "vidstyl" in said.location.get("url", "")


def show_tab(page):
    page.locator("#tabs > .tab-nav button", has_text="Video Stylize").first.click()
    page.wait_for_selector("#vidstyl_clip .vs-heading", state="visible")


def plays(page, player, seconds):
    """A film of at least so many seconds is in the player, and runs."""
    page.wait_for_selector(player)
    page.wait_for_function(f"document.querySelector('{player}').duration > {seconds}")
    page.evaluate(f"document.querySelector('{player}').play()")
    page.wait_for_function(f"document.querySelector('{player}').currentTime > 0.2")


@pytest.fixture
def shot():
    """Takes a screenshot where the environment says where to."""
    folder = os.environ.get("VIDSTYL_E2E_SHOTS")

    def take(page, name):
        if folder:
            Path(folder).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=str(Path(folder) / f"{name}.png"))

    return take
