"""A remote webui paints: the same protocol over its /sdapi/v1/img2img. Several of them share the frames."""

from __future__ import annotations

import base64
import binascii
import os
import queue
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any

import numpy as np

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import decode_picture
from lib_vidstyl.errors import Cancelled, ClipError, NobodyThere, PaintError, PaintingHopeless, SettingsError
from lib_vidstyl.settings import Recipe, Settings, setting
from lib_vidstyl.stylizers.base import Abilities, Task, Who
from lib_vidstyl.stylizers.remote_units import Offer, RemoteUnits, coded, read_units
from lib_vidstyl.stylizers.webui_client import ServerGone, WebuiClient, addresses
from lib_vidstyl.stylizers.webui_servers import Servers

AUTH = "VIDSTYL_WEBUI_AUTH"
"""Environment variable with NAME:PASSWORD; a password never stands in a recipe, a project or a log."""
GRID = 8
STOP_SECONDS = 0.2
PATIENCE = 600.0
"""Seconds to wait for a webui to come back when none answers: enough to start one and load its model."""
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
    """A `Stylizer` over one or several webuis. A server that goes away loses no frame: the others paint it, or itself when it is
    back. It is taken again only if it still would paint alike.

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
        self._servers = Servers(self.clients, self._compare, self.notices.append)
        self._patience = 0.0
        self._done: dict[int, tuple[Task, Image]] = {}
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
        return Abilities(batch=at_once, least=at_once, masks=True)

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
        """Every frame by whichever server is free. What is painted when it raises is taken when the task is given again.

        Raises PaintError for a frame that a server refuses, NobodyThere once when no server answers, PaintingHopeless if
        that stays so.
        """
        todo: queue.SimpleQueue[Task] = queue.SimpleQueue()
        for task in filter(self._lacks, tasks):
            todo.put(task)
        while any(map(self._lacks, tasks)):
            living = self._servers.living or self._waited(tasks[0].index)
            self._patience = 0.0
            pool = ThreadPoolExecutor(len(living), thread_name_prefix="vidstyl-webui")
            try:
                self._await([pool.submit(self._serve, client, todo) for client in living])
            finally:
                pool.shutdown(wait=False)
        return [self._done.pop(id(task))[1] for task in tasks]

    def _lacks(self, task: Task) -> bool:
        return id(task) not in self._done

    def _waited(self, frame: int) -> list[WebuiClient]:
        """The servers that answer when none did; the first time only the user is told."""
        if not self._patience and not self._servers.hopeless:
            self._patience = time.monotonic() + PATIENCE
            self.notices.append(f"No webui answers at frame {frame}: waiting up to {PATIENCE / 60:.0f} minutes for one to do so.")
            raise NobodyThere("no webui answers just now", remedy="What is done is kept. Start one, then run it again.")
        while not self._servers.wait(STOP_SECONDS):
            self._obey()
            if self._servers.hopeless or time.monotonic() > self._patience:
                raise PaintingHopeless("no webui answers any more", remedy="What is done is kept. Start one, then run it again.")
        return self._servers.living

    def watch(self, stop: Callable[[], bool]) -> None:
        """Ask this while frames are painted: a stop reaches the servers, none of which paints on for nobody."""
        self._stop = stop

    def _await(self, serving: Sequence[Future[None]]) -> None:
        """Wait until all have served. Raises Cancelled when the run is to stop."""
        try:
            while wait(serving, timeout=STOP_SECONDS).not_done:
                self._obey()
        except BaseException:
            self._stopped.set()
            for client, task in tuple(self._at_work.items()):
                client.interrupt(task)
            raise
        for served in serving:
            served.result()

    def _obey(self) -> None:
        """Raise Cancelled when the run is to stop."""
        if self._stop():
            raise Cancelled("stopped", remedy="What is done is kept: run it again to go on.")

    def __enter__(self) -> RemoteWebui:
        found: dict[str, dict[str, Any]] = {}
        gone: dict[WebuiClient, PaintError] = {}
        for client in self.clients:
            try:
                found[client.name] = self._look(client)
            except ServerGone as error:
                gone[client] = error
        if not found:
            first = gone[self.clients[0]]
            raise PaintError(first.what, where=first.where, remedy=first.remedy) from first
        self._options = self._same(found)
        self.units.__enter__()
        if self.units.plan.in_order:
            self.notices.append(f"The frames are painted one by one: {self.units.plan.alone}.")
        for client in gone:
            self._servers.lose(client)
        return self

    def __exit__(self, *exc: object) -> None:
        self._servers.close()
        self.units.__exit__(*exc)

    def _look(self, client: WebuiClient, *, patiently: bool = True) -> dict[str, Any]:
        """A server's options that decide pixels; what its ControlNet has is noted. Raises PaintError, SettingsError."""
        options = client.get("/sdapi/v1/options", patiently=patiently)
        if not isinstance(options, dict):
            raise PaintError("this is no webui's API", where=client.name, remedy="Give its address as in http://127.0.0.1:7860.")
        if self.units.units:
            self._offers[client] = self._offer(client)
        return {key: options[key] for key in OPTIONS if key in options}

    def _compare(self, client: WebuiClient) -> None:
        """Ask a server once whether it is there again, and raise PaintError or SettingsError if it is not as the others are."""
        self._same({"the others": self._options, client.name: self._look(client, patiently=False)})

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

    def _serve(self, client: WebuiClient, todo: queue.SimpleQueue[Task]) -> None:
        """Let one server paint what is to do, until nothing is, or it is gone."""
        while not self._stopped.is_set():
            try:
                task = todo.get_nowait()
            except queue.Empty:
                return
            try:
                self._done[id(task)] = task, self._painted(client, task)
            except ServerGone:
                todo.put(task)
                self._servers.lose(client)
                return
            self._servers.useful(client)

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

