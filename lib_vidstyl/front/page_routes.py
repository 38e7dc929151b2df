"""Routes for what the page has beside clips and jobs: presets, the queue as a whole, disk space, repainting, reports."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from lib_vidstyl import pipeline
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front import bodies
from lib_vidstyl.front.desk import cleanup, folder
from lib_vidstyl.front.desk.clips import position
from lib_vidstyl.front.desk.desk import Desk
from lib_vidstyl.front.desk.films import TYPES
from lib_vidstyl.front.desk.job import FILM, KEYS
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.desk.presets import BUILT_IN, Presets
from lib_vidstyl.front.desk.space import Space
from lib_vidstyl.front.desk.trouble import report
from lib_vidstyl.front.ranges import file_response
from lib_vidstyl.front.session import kinds
from lib_vidstyl.front.steadiness import Steadiness, steadiness
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages.ranges import reseeded

STILL = {"Content-Security-Policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:",
         "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
"""Headers of a page that may run nothing and fetch nothing."""
HERE = ("127.0.0.1", "::1")
Handler = Callable[[Request], Awaitable[Response]]


class PageRoutes:
    """What each route does."""

    def __init__(self, desk: Desk) -> None:
        self.desk, self.space = desk, Space(desk.clips)
        self.presets = Presets(desk.folder / "presets")

    def all(self) -> list[tuple[str, str, Handler]]:
        """(method, path, handler) of every route."""
        return [
            ("GET", "/desk", self.about), ("POST", "/desk", self.pause), ("POST", "/desk/retry", self.retry),
            ("POST", "/desk/folder", self.show_folder), ("POST", "/trouble", self.trouble),
            ("GET", "/desk/kept", self.list_kept), ("POST", "/desk/kept/{kept}/remove", self.remove_kept),
            ("GET", "/presets", self.list_presets), ("POST", "/presets", self.save_preset),
            ("GET", "/presets/{preset}/picture", self.preset_picture), ("POST", "/presets/{preset}/delete", self.delete_preset),
            ("GET", "/clips/{clip}/space", self.needed), ("POST", "/jobs/{job}/repaint", self.repaint),
            ("GET", "/jobs/{job}/steadiness", self.steadiness), ("GET", "/jobs/{job}/steadiness/page", self.steadiness_page),
            ("GET", "/jobs/{job}/steadiness/{frame}", self.worst_picture)]

    async def about(self, request: Request) -> Response:
        """The desk: whether its queue is paused, free disk space, and whether its folder can be shown to who asks."""
        free = shutil.disk_usage(self.desk.folder).free
        return bodies.answer({"paused": self.desk.paused, "free": free, "local": self._local(request)})

    async def pause(self, request: Request) -> Response:
        """Pause the queue, or let it go on: {"paused": true}."""
        paused = (await bodies.json_body(request)).get("paused")
        if not isinstance(paused, bool):
            raise SettingsError("'paused' must be true or false")
        await run_in_threadpool(self.desk.pause, paused)
        return await self.about(request)

    async def retry(self, request: Request) -> Response:
        """Put every job that failed into the queue once more."""
        return bodies.answer({"jobs": await run_in_threadpool(self.desk.retry)})

    async def show_folder(self, request: Request) -> Response:
        """Show the folder of films on the screen of the machine that serves, to who sits at it; without a desktop, its path."""
        if not self._local(request):
            raise UnknownId("the folder can be shown only on the machine that has it")
        shown = await run_in_threadpool(folder.show, self.desk.folder)
        return bodies.answer({} if shown else {"folder": str(self.desk.folder)})

    async def list_kept(self, request: Request) -> Response:
        """What takes room and can be removed: uploaded clips, the frames of films, and films, with sizes."""
        return bodies.answer({"kept": [one.described() for one in await run_in_threadpool(self._kept)]})

    async def remove_kept(self, request: Request) -> Response:
        """Remove one of them; {"stays": names of pictures of somebody's own, which are never removed}."""
        what = cleanup.one_of(await run_in_threadpool(self._kept), request.path_params["kept"])
        stays = await run_in_threadpool(cleanup.remove, what)
        if what.kind == cleanup.FILM:
            await run_in_threadpool(self.desk.film_removed, what.name)
        return bodies.answer({"stays": stays})

    def _kept(self) -> list[cleanup.Kept]:
        found = cleanup.kept(self.desk.folder, self.desk.clips, self.desk.jobs())
        return [one for one in found if not (self.desk.films_stay and one.kind == cleanup.FILM)]

    async def trouble(self, request: Request) -> Response:
        """A report on what went wrong, to hand on: {"said": what the page said, "job": its id, if it was a job's}."""
        asked = await bodies.json_body(request)
        job = self.desk.job(str(asked["job"])) if asked.get("job") else None
        text = await run_in_threadpool(report, self.desk.folder, job, str(asked.get("said", ""))[:4000])
        return bodies.answer({"text": text})

    async def list_presets(self, request: Request) -> Response:
        """The presets that come with the page and the user's own."""
        own = await run_in_threadpool(self.presets.all)
        return bodies.answer({"built_in": [{**one.described(), "painter": one.painter} for one in BUILT_IN], "own": own})

    async def save_preset(self, request: Request) -> Response:
        """Keep a recipe: {"name", "recipe", "clip": id or "", "job": whose picture it gets, or ""}."""
        asked = await bodies.json_body(request)
        made = Recipe.from_json(json.dumps(asked.get("recipe")), kinds(), off=pipeline.off_by_default(), paths=False)
        kept = made.replaced("decode", start="", end="")  # a range belongs to a clip
        picture = await run_in_threadpool(self._picture, asked, kept)
        name, text = str(asked.get("name", "")), kept.to_json(paths=False)
        known = await run_in_threadpool(self.presets.save, name, json.loads(text), picture)
        return bodies.answer({"id": known}, 201)

    async def preset_picture(self, request: Request) -> Response:
        """A preset's picture, JPEG."""
        return bodies.picture(await run_in_threadpool(self.presets.picture, request.path_params["preset"]))

    async def delete_preset(self, request: Request) -> Response:
        """Forget one of the user's presets."""
        await run_in_threadpool(self.presets.delete, request.path_params["preset"])
        return bodies.answer({})

    async def needed(self, request: Request) -> Response:
        """Disk and time that a film of a clip needs, about: first, last, every, side; `kept`: how many stages keep every frame;
        `look`: the embedded look that paints each.
        """
        card, asked = self.desk.clips.card(request.path_params["clip"]), request.query_params
        first, last, every, side, kept = (position(asked.get(name, least)) for name, least in (
            ("first", 0), ("last", 0), ("every", 1), ("side", 0), ("kept", 1)))
        frames = (max(last - first, 0)) // max(every, 1) + 1
        found = await run_in_threadpool(lambda: self.space.needed(card, frames, middle=(first + last) // 2, side=min(side, 16384),
                                                                  kept=min(kept, 9), look=asked.get("look", "")))
        return bodies.answer(found)

    async def repaint(self, request: Request) -> Response:
        """Paint a job's frames anew, with another seed, and make again what depends on them: {"first": 7, "last": 9}."""
        asked = await bodies.json_body(request)
        first, last = position(asked.get("first")), position(asked.get("last", asked.get("first")))
        job = self.desk.job(request.path_params["job"])
        if job.kind not in (FILM, KEYS) or first > last:
            raise SettingsError("there are no such frames to paint anew", remedy="Make a film or its keyframes first.")
        recipe = self.desk.recipe(job)
        seeds = reseeded(recipe["paint"].seed_ranges, first, last, secrets.randbelow(2**32))
        return bodies.answer(await run_in_threadpool(self.desk.again, job.id, recipe.replaced("paint", seed_ranges=seeds)))

    async def steadiness(self, request: Request) -> Response:
        """How steady a job's film is: curves, worst frames, what helps them. Empty where there is no report."""
        return bodies.answer(await run_in_threadpool(lambda: _shown(self._steadiness(request))))

    async def steadiness_page(self, request: Request) -> Response:
        """The whole report as a page that runs nothing."""
        found = await run_in_threadpool(self._steadiness, request)
        if found is None or not found.page.is_file() or found.page.is_symlink():
            raise UnknownId("this film has no report", remedy="Make it with the report switched on.")
        return Response(await run_in_threadpool(found.page.read_bytes), media_type="text/html; charset=utf-8", headers=STILL)

    async def worst_picture(self, request: Request) -> Response:
        """One of the report's worst frames, as a picture."""
        found, frame = await run_in_threadpool(self._steadiness, request), position(request.path_params["frame"])
        path = next((bad.picture for bad in found.worst if bad.frame == frame), None) if found else None
        if path is None:
            raise UnknownId("the report has no such picture")
        return file_response(path, type=TYPES.get(path.suffix, "application/octet-stream"))

    def _steadiness(self, request: Request) -> Steadiness | None:
        job = self.desk.job(request.path_params["job"])
        return steadiness(self.desk.folder / job.project) if job.project else None

    def _local(self, request: Request) -> bool:
        return self.desk.local and request.client is not None and request.client.host in HERE

    def _picture(self, asked: dict[str, Any], recipe: Recipe) -> bytes | None:
        """What a preset's card shows: what the job has painted, or else the clip in the recipe's look."""
        known = str(asked.get("job", ""))
        made = self.desk.pictures.get(known, 0) or self.desk.pictures.get(known, -1)
        if made or recipe["paint"].painter != "paint" or not asked.get("clip"):
            return made
        return self.desk.clips.look(self.desk.clips.card(str(asked["clip"])), recipe["look"].look)


def _shown(found: Steadiness | None) -> dict[str, Any]:
    """A report for a page: its pictures by routes, not by places."""
    if found is None:
        return {}
    return {"frames": list(found.frames), "curves": [{"title": curve.title, "words": curve.words, "values": list(curve.values)}
                                                     for curve in found.curves],
            "worst": [{"frame": bad.frame, "first": bad.first, "last": bad.last, "why": bad.why,
                       "keyed": bad.label.startswith("add"), "paintable": bad.label.startswith("repaint")} for bad in found.worst]}
