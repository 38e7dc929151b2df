"""A real webui, seen from outside: its API, and starting and stopping one."""

import base64
import io
import json
import shlex
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import numpy as np
from PIL import Image

SCRIPT = "video stylize"
STARTED = "Startup time"


class Refused(Exception):
    """The API's answer to what it refused."""


class Webui:
    """The API of a running webui. folder: its data folder (models, outputs). small: fields of the page that make it quick."""

    def __init__(self, url: str, folder: Path, **small: float) -> None:
        self.url, self.folder = url.rstrip("/"), folder
        self.small = {"steps": 4, "width": 64, "height": 64, "denoising_strength": 0.5, **small}

    @property
    def outputs(self) -> Path:
        """The webui's output folder for img2img: forks have other names for it."""
        return self.folder / self.get("/sdapi/v1/options")["outdir_img2img_samples"]

    def get(self, path: str) -> dict:
        return self._call(path, None)

    def post(self, path: str, **data) -> dict:
        return self._call(path, data)

    def switch(self, checkpoint: str) -> None:
        self.post("/sdapi/v1/refresh-checkpoints")
        self.post("/sdapi/v1/options", sd_model_checkpoint=f"{checkpoint}.safetensors")

    def arguments(self, **changes) -> list:
        """The script's arguments: its own defaults, with changes by label (blanks as underscores)."""
        found = next(script for script in self.get("/sdapi/v1/script-info") if script["name"] == SCRIPT and script["is_img2img"])
        labels = [argument["label"] for argument in found["args"]]
        values = [argument["value"] for argument in found["args"]]
        for name, value in changes.items():
            label = name.replace("_", " ")
            values[len(labels) - 1 - labels[::-1].index(label)] = value  # the last of a name: an upload has its path's label
        return values

    def film(self, clip: Path, *, request: dict | None = None, **changes) -> "Answer":
        """Run the script over the API."""
        body = {**BASIS, **(request or {})}
        answer = self.post("/sdapi/v1/img2img", **body, script_name=SCRIPT, script_args=self.arguments(Clip=str(clip), **changes))
        return Answer(answer)

    def film_aside(self, clip: Path, **request) -> "Aside":
        """The same in a thread of its own."""
        return Aside(lambda: self.film(clip, **request))

    def painted(self, picture: np.ndarray, **request) -> np.ndarray:
        """One picture by the webui's own img2img."""
        answer = self.post("/sdapi/v1/img2img", **{**BASIS, "init_images": [encoded(picture)], **request})
        return decoded(answer["images"][0])

    def _call(self, path: str, data: dict | None) -> dict:
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(self.url + path, body, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=600) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise Refused(error.read().decode("utf-8", "replace")) from error


BASIS = {"init_images": [], "prompt": "", "seed": 5, "steps": 4, "denoising_strength": 0.5, "width": 64, "height": 64,
         "sampler_name": "Euler", "scheduler": "Automatic", "cfg_scale": 7}


class Answer:
    """What the API returned for the script."""

    def __init__(self, answer: dict) -> None:
        self.images = [decoded(image) for image in answer["images"]]
        self.info = json.loads(answer["info"])
        self.facts = self.info["extra_generation_params"]
        self.infotext = self.info["infotexts"][0]
        self.film = Path(self.facts["Video Stylize film"]) if "Video Stylize film" in self.facts else None
        self.project = Path(self.facts["Video Stylize project"]) if "Video Stylize project" in self.facts else None

    def frames(self) -> dict[int, np.ndarray]:
        """The painted frames on disk."""
        return frames_in(self.project)


class Aside:
    """A call in a thread of its own."""

    def __init__(self, call) -> None:
        self.result, self.error = None, None
        self._thread = threading.Thread(target=self._run, args=(call,), daemon=True)
        self._thread.start()

    def _run(self, call) -> None:
        try:
            self.result = call()
        except (Refused, OSError, KeyError, ValueError) as error:
            self.error = error

    def join(self, seconds: float = 300) -> "Answer":
        self._thread.join(seconds)
        assert not self._thread.is_alive(), "no answer"
        if self.error:
            raise self.error
        return self.result


def frames_in(project: Path) -> dict[int, np.ndarray]:
    """Painted frames of a project, by number."""
    return {int(path.stem): np.asarray(Image.open(path).convert("RGB")) for path in sorted((project / "frames").glob("*.png"))}


def written(project: Path) -> dict[str, int]:
    """When each painted frame was written."""
    return {path.name: path.stat().st_mtime_ns for path in (project / "frames").glob("*.png")}


def encoded(picture: np.ndarray) -> str:
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def decoded(text: str) -> np.ndarray:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(text.split(",")[-1]))).convert("RGB"))


def wait_for(what, seconds: float = 120, pause: float = 0.1):
    """The first true value of `what()`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if value := what():
            return value
        time.sleep(pause)
    raise AssertionError(f"waited {seconds} s in vain")


class Launcher:
    """Starts webuis of its own with `command`, in which {port} and {folder} are replaced, and flags are added.

    Each gets a port of its own: that of the one before stays taken for a minute after it, and v1.10.1 does not take it then.
    """

    def __init__(self, command: str, log: Path) -> None:
        self.command, self.log = command, log
        self.process: subprocess.Popen | None = None

    def start(self, folder: Path, *flags: str, config: dict | None = None) -> Webui:
        """Start one and wait until it is ready; nothing is asked of it before, as that stops v1.10.1 from starting."""
        self.stop()
        if config is not None:
            (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        port = free_port()
        words = [word.format(port=port, folder=folder) for word in shlex.split(self.command)]
        with self.log.open("wb") as log:
            self.process = subprocess.Popen([*words, *flags], stdout=log, stderr=subprocess.STDOUT)
        wait_for(self._ready, 300, 0.5)
        webui = Webui(f"http://127.0.0.1:{port}", folder)
        wait_for(lambda: _answers(webui), 60)
        return webui

    def _ready(self) -> bool:
        assert self.process.poll() is None, self.said()[-3000:]
        return STARTED in self.said()

    def said(self) -> str:
        return self.log.read_text(encoding="utf-8", errors="replace")

    def kill(self) -> None:
        """As a power cut would."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def _answers(webui: Webui) -> bool:
    try:
        return any(script["name"] == SCRIPT for script in webui.get("/sdapi/v1/script-info"))
    except (OSError, Refused):
        return False


def chromium() -> str | None:
    """The browser on this machine."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
