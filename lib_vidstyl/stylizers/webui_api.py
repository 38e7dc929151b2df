"""A remote webui paints: the same protocol over its /sdapi/v1/img2img. Several of them share the frames."""

from __future__ import annotations

import base64
import binascii
import json
import os
import queue
import threading
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import decode_picture
from lib_vidstyl.errors import Cancelled, ClipError, PaintError, PaintingHopeless, SettingsError
from lib_vidstyl.settings import Recipe, Settings, setting
from lib_vidstyl.stylizers.base import Abilities, Task, Who
from lib_vidstyl.stylizers.remote_units import Offer, RemoteUnits, coded
from lib_vidstyl.stylizers.webui_client import ServerGone, WebuiClient, addresses

AUTH = "VIDSTYL_WEBUI_AUTH"
"""Environment variable with NAME:PASSWORD; a password never stands in a recipe, a project or a log."""
GRID = 8
STOP_SECONDS = 0.2
A_SERVER = 2
"""Frames per batch and server: enough to keep each busy, few enough to stop soon."""
OPTIONS = (
    "sd_model_checkpoint", "sd_checkpoint_hash", "sd_vae", "CLIP_stop_at_last_layers", "randn_source",
    "eta_noise_seed_delta", "initial_noise_multiplier", "img2img_extra_noise", "img2img_color_correction", "s_churn",
    "s_tmin", "s_tmax", "s_noise", "sigma_min", "sigma_max", "rho", "sd_noise_schedule", "sdxl_crop_left", "emphasis",
    "fp8_storage", "forge_preset", "forge_additional_modules")
"""The servers' own options that decide pixels; what one of them lacks is left out."""


@dataclass(frozen=True)
class WebuiSettings(Settings):
    """Which remote webuis paint, for the painter 'webui' outside of a webui."""

    servers: str = setting("", "Remote webuis", "Addresses of webuis that run with --api, separated by spaces, as in "
                           "http://127.0.0.1:7860; several share the frames. Inside a webui it is that one, and this is not read.",
                           many=True, private=True, flag="webui")
    units: str = setting("", "Control units", "ControlNet units as JSON, as the webui's API takes them: [{\"module\": \"canny\", "
                         "\"model\": \"control_canny\", \"weight\": 0.8}]. A unit without an image follows the frame.", lines=True,
                         flag="webui-units")
    timeout: float = setting(600.0, "Seconds to wait", "So long may one frame take before its server counts as gone.", minimum=1.0,
                             maximum=86400.0, flag="webui-timeout")


class RemoteWebui:
    """A `Stylizer` over one or several webuis. A server that goes away loses no frame: the others paint it.

    Raises SettingsError for addresses or units that make no sense; at entering, PaintError if the servers cannot be
    reached or would not paint alike. `notices` are sentences for the user.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.paint_settings, settings = recipe["paint"], recipe["webui"]
        found = addresses(settings.servers)
        if not found:
            raise SettingsError("no webui was named that could paint", remedy="Give its address with --webui http://127.0.0.1:7860.")
        if recipe["inversion"].invert:
            raise SettingsError("frames can be inverted inside a webui only", where="inversion",
                                remedy="Use the script in that webui's img2img, or switch 'invert' off.")
        self.units = RemoteUnits(read_units(settings.units), recipe["control"].feeds())
        auth = os.environ.get(AUTH, "")
        self.clients = [WebuiClient(address, auth=auth, seconds=settings.timeout) for address in found]
        self.notices: list[str] = []
        self._living = list(self.clients)
        self._lock = threading.Lock()
        self._at_work: dict[WebuiClient, str] = {}
        self._stopped = threading.Event()
        self._stop: Callable[[], bool] = lambda: False
        self._options: dict[str, Any] = {}
        self._offers: dict[WebuiClient, Offer] = {}

    @property
    def abilities(self) -> Abilities:
        """Masks are the webui's own inpainting. Each request holds one frame: the batch only says how many are under way."""
        shared = len(self.clients) > 1 and not self.units.plan.in_order
        at_once = A_SERVER * len(self.clients) if shared else 1
        return Abilities(batch=at_once, least=at_once, masks=True, resizes=True)

    def who(self) -> Who:
        """Checkpoint and options of the servers, every parameter, the units; not which or how many servers there are."""
        chosen = {name: getattr(self.paint_settings, name) for name in _PARAMETERS}
        return {"painter": "webui-api", "options": self._options, "units": self.units.who(), **chosen}

    def fingerprint(self, task: Task) -> str:
        """The pictures that its control units get."""
        return self.units.fingerprint(task)

    def made(self, task: Task, image: Image) -> None:
        """A frame's picture, for units that look back at it."""
        self.units.made(task, image)

    def paint(self, tasks: Sequence[Task]) -> list[Image]:
        """Every frame by whichever server is free.

        Raises PaintError for a frame that a server refuses, PaintingHopeless when no server is left.
        """
        todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in range(len(tasks)):
            todo.put(number)
        done: dict[int, Image] = {}
        while len(done) < len(tasks):
            with self._lock:
                living = list(self._living)
            if not living:
                raise PaintingHopeless("no webui answers any more", remedy="What is done is kept. Start one, then run it again.")
            pool = ThreadPoolExecutor(len(living), thread_name_prefix="vidstyl-webui")
            try:
                self._await([pool.submit(self._serve, client, tasks, todo, done) for client in living])
            finally:
                pool.shutdown(wait=False)
        return [done[number] for number in range(len(tasks))]

    def watch(self, stop: Callable[[], bool]) -> None:
        """Ask this while frames are painted: a stop reaches the servers, none of which paints on for nobody."""
        self._stop = stop

    def _await(self, serving: Sequence[Future[None]]) -> None:
        """Wait until all have served. Raises Cancelled when the run is to stop."""
        try:
            while wait(serving, timeout=STOP_SECONDS).not_done:
                if self._stop():
                    raise Cancelled("stopped", remedy="What is done is kept: run it again to go on.")
        except BaseException:
            self._stopped.set()
            for client, task in tuple(self._at_work.items()):
                client.interrupt(task)
            raise
        for served in serving:
            served.result()

    def __enter__(self) -> RemoteWebui:
        found: dict[str, dict[str, Any]] = {}
        problems: list[PaintError] = []
        for client in self.clients:
            try:
                options = client.get("/sdapi/v1/options")
                if self.units.units:
                    self._offers[client] = self._offer(client)
            except ServerGone as error:
                problems.append(error)
                self._lose(client)
            else:
                found[client.name] = {key: options[key] for key in OPTIONS if key in options}
        if not found:
            raise PaintError(problems[0].what, where=problems[0].where, remedy=problems[0].remedy) from problems[0]
        self._options = self._same(found)
        self.units.__enter__()
        if self.units.plan.in_order:
            self.notices.append(f"The frames are painted one by one: {self.units.plan.alone}.")
        return self

    def __exit__(self, *exc: object) -> None:
        self.units.__exit__(*exc)

    def _offer(self, client: WebuiClient) -> Offer:
        """What the server's ControlNet has. Raises SettingsError if that is not what the units need."""
        try:
            models = client.get("/controlnet/model_list")["model_list"]
            modules = [client.get(f"/controlnet/module_list?alias_names={aliases}")["module_list"] for aliases in ("false", "true")]
            offer = Offer(tuple(map(str, models)), tuple(str(name) for names in modules for name in names))
        except ServerGone:
            raise
        except (PaintError, KeyError, TypeError) as error:
            raise SettingsError("this webui has no ControlNet, and control units were given", where=client.name,
                                remedy="Install it there, or leave the units out.") from error
        self.units.fitted(self.units.units, offer, client.name)
        return offer

    def _same(self, found: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The options of all servers. Raises PaintError if they would paint differently."""
        (first, options), *others = found.items()
        for name, other in others:
            for key in options:
                if options[key] != other.get(key):
                    raise PaintError(f"the webuis would not paint alike: '{key}' is {options[key]!r} on {first} and "
                                     f"{other.get(key)!r} on {name}", remedy="Set it the same on both, or use one of them.")
        return options

    def _serve(self, client: WebuiClient, tasks: Sequence[Task], todo: queue.SimpleQueue[int], done: dict[int, Image]) -> None:
        """Let one server paint what is to do, until nothing is, or it is gone."""
        while not self._stopped.is_set():
            try:
                number = todo.get_nowait()
            except queue.Empty:
                return
            try:
                done[number] = self._painted(client, tasks[number])
            except ServerGone:
                todo.put(number)
                self._lose(client)
                return

    def _lose(self, client: WebuiClient) -> None:
        with self._lock:
            if client in self._living:
                self._living.remove(client)
                self.notices.append(f"The webui at {client.name} does not answer; the others go on without it.")

    def _painted(self, client: WebuiClient, task: Task) -> Image:
        name = self._at_work[client] = f"task(vidstyl-{uuid.uuid4().hex})"
        try:
            answer = client.post("/sdapi/v1/img2img", {**self.request(task, client), "force_task_id": name})
        finally:
            self._at_work.pop(client, None)
        try:
            data = base64.b64decode(str(answer["images"][0]).rpartition(",")[2], validate=True)
            image, _ = decode_picture(data, where=client.name)
        except (KeyError, IndexError, TypeError, ClipError, binascii.Error) as error:
            raise PaintError("the webui's answer holds no picture", where=client.name) from error
        if not image.any():
            raise PaintError("the webui returned a black picture", where=client.name,
                             remedy="Start it with --no-half or --no-half-vae, or choose another VAE.")
        return cut(image, task.image)

    def request(self, task: Task, client: WebuiClient) -> dict[str, Any]:
        """The body of a server's /sdapi/v1/img2img for a frame."""
        frame, chosen = padded(task.image), self.paint_settings
        body = {"init_images": [coded(frame)], "prompt": task.prompt, "negative_prompt": task.negative_prompt, "seed": task.seed,
                "sampler_name": chosen.sampler, "scheduler": chosen.scheduler, "steps": chosen.steps, "cfg_scale": chosen.cfg_scale,
                "denoising_strength": chosen.denoising_strength, "width": frame.shape[1], "height": frame.shape[0],
                "batch_size": 1, "n_iter": 1, "do_not_save_samples": True, "do_not_save_grid": True, "save_images": False,
                "send_images": True, "include_init_images": False}
        if task.mask is not None:
            body |= {"mask": coded(np.repeat(padded(task.mask)[..., None], 3, axis=2)), "inpainting_fill": 1,
                     "inpainting_mask_invert": 0, "inpaint_full_res": False, "mask_blur": 0}
        if self.units.units:
            units = self.units.fitted(self.units.at(task), self._offers[client], client.name)
            body["alwayson_scripts"] = {"ControlNet": {"args": units}}
        return body


_PARAMETERS = ("sampler", "scheduler", "steps", "cfg_scale", "denoising_strength")


def read_units(text: str) -> list[dict[str, Any]]:
    """Control units from their JSON. Raises SettingsError for anything but a list of objects."""
    if not text.strip():
        return []
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError("the control units are no JSON", remedy='Write a list, as in [{"module": "canny"}].') from error
    if not isinstance(found, list) or not all(isinstance(unit, dict) for unit in found):
        raise SettingsError("the control units are no list of objects", remedy='Write a list, as in [{"module": "canny"}].')
    return [{"enabled": True, "pixel_perfect": True, **unit} for unit in found]


def padded(image: Any) -> Any:
    """A picture or mask, its last rows and columns repeated to multiples of GRID."""
    down, right = -image.shape[0] % GRID, -image.shape[1] % GRID
    return np.pad(image, [(0, down), (0, right), *[(0, 0)] * (image.ndim - 2)], mode="edge") if down or right else image


def cut(image: Image, frame: Image) -> Image:
    """The painted picture without what `padded` has added; at the frame's size, if the webui chose another."""
    height, width = frame.shape[:2]
    if image.shape[:2] == padded(frame).shape[:2]:
        return np.ascontiguousarray(image[:height, :width])
    return resized(image, (width, height))

