"""The HTTP interface: the same jobs as the page's, for programs. `router` is mounted by whoever serves it.

Works with FastAPI from 0.94 on, whichever pydantic it has: bodies are read as plain JSON and checked by the settings.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import contextmanager_in_threadpool
from fastapi.responses import JSONResponse, Response
from starlette.concurrency import run_in_threadpool

from lib_vidstyl import pipeline
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front import bodies
from lib_vidstyl.front.desk.clips import Card, position, thumbs
from lib_vidstyl.front.desk.desk import Desk
from lib_vidstyl.front.desk.films import artefact, artefacts, keys, painted, put_by_hand, recipe_text, report
from lib_vidstyl.front.desk.job import RUNNING
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.fields import fields
from lib_vidstyl.front.incoming import MOST_BYTES, UploadError
from lib_vidstyl.front.page_routes import PageRoutes
from lib_vidstyl.front.panel import read
from lib_vidstyl.front.places import PlaceError
from lib_vidstyl.front.ranges import file_response
from lib_vidstyl.front.schema import recipe_schema
from lib_vidstyl.front.session import kinds, new_recipe
from lib_vidstyl.front.web_guard import same_site
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stylizers.webui_client import addresses
from lib_vidstyl.versions import __version__

PREFIX = "/vidstyl/v1"
MOST_RECIPE = 256 << 20
"""Size of the largest film that is read for its recipe only."""


def router(desk: Desk, *, allowed: Callable[[Request], None] | None = None, most_bytes: int = MOST_BYTES) -> APIRouter:
    """All routes, below PREFIX. allowed: raises fastapi's HTTPException for a request without the right to be here.

    most_bytes: size of the largest upload.
    """
    def may_be_here(request: Request) -> None:
        if allowed:
            allowed(request)

    guards = [Depends(same_site), Depends(may_be_here)]
    made = APIRouter(prefix=PREFIX, dependencies=guards, tags=["Video Stylize"])
    for method, path, handler in [*Routes(desk, most_bytes).all(), *PageRoutes(desk).all()]:
        made.add_api_route(path, bodies.plain(handler, desk.clean), methods=[method], name=f"vidstyl_{handler.__name__}",
                           response_class=JSONResponse, summary=(handler.__doc__ or "").split("\n")[0])
    return made


class Routes:
    """What each route does."""

    def __init__(self, desk: Desk, most_bytes: int) -> None:
        self.desk, self.most_bytes = desk, most_bytes

    def all(self) -> list[tuple[str, str, bodies.Handler]]:
        """(method, path, handler) of every route."""
        return [
                ("GET", "/schema", self.schema), ("GET", "/recipe", self.recipe), ("POST", "/recipe", self.read_recipe),
                ("POST", "/clips", self.add_clip), ("GET", "/clips/{clip}", self.clip), ("GET", "/clips/{clip}/strip", self.strip),
                ("GET", "/clips/{clip}/frames/{frame}", self.frame), ("GET", "/clips/{clip}/file", self.clip_file),
                ("GET", "/clips/{clip}/looks/{look}", self.look),
                ("POST", "/jobs", self.start), ("GET", "/jobs", self.jobs), ("GET", "/jobs/{job}", self.status),
                ("POST", "/jobs/{job}/cancel", self.cancel), ("POST", "/jobs/{job}/again", self.again),
                ("POST", "/jobs/{job}/move", self.move), ("GET", "/jobs/{job}/pictures/{number}", self.picture),
                ("GET", "/jobs/{job}/recipe", self.job_recipe), ("GET", "/jobs/{job}/report", self.report),
                ("GET", "/jobs/{job}/keys", self.keys), ("GET", "/jobs/{job}/keys/{frame}", self.key),
                ("POST", "/jobs/{job}/keys/{frame}", self.replace_key),
                ("GET", "/jobs/{job}/artefacts", self.list_artefacts), ("GET", "/jobs/{job}/artefacts/{artefact}", self.fetch)]

    async def schema(self, request: Request) -> Response:
        """The JSON schema of a recipe, and what can be asked for."""
        stages = [{"name": name, "on": name not in pipeline.off_by_default()} for name in pipeline.sections()]
        return bodies.answer({"version": __version__, "recipe": recipe_schema(kinds()), "stages": stages,
                      "largest_upload": self.most_bytes})

    async def recipe(self, request: Request) -> Response:
        """The recipe with every default."""
        return bodies.answer(json.loads(new_recipe().to_json(paths=False)))

    async def read_recipe(self, request: Request) -> Response:
        """The recipe in the body: a recipe.json, or a film that was made here."""
        data = await bodies.body(request, MOST_RECIPE)
        text = await run_in_threadpool(recipe_text, data)
        made = Recipe.from_json(text, kinds(), off=pipeline.off_by_default(), paths=False)
        return bodies.answer(json.loads(made.to_json(paths=False)))

    async def add_clip(self, request: Request) -> Response:
        """A clip: JSON {"path": ...} on this machine, or the file itself as the body with its name in X-Name."""
        if request.headers.get("content-type", "").startswith("application/json"):
            path = str((await bodies.json_body(request)).get("path", ""))
            card = await run_in_threadpool(self.desk.clips.add, path)
        else:
            card = await self._upload(request)
        return bodies.answer(await run_in_threadpool(self.desk.clips.facts, card), 201)

    async def clip(self, request: Request) -> Response:
        """What a clip is."""
        return bodies.answer(await run_in_threadpool(self.desk.clips.facts, self._card(request)))

    async def strip(self, request: Request) -> Response:
        """The filmstrip: evenly spread frames side by side, JPEG. Which ones they are is in X-Frames, if `count` is given."""
        count = request.query_params.get("count", "")
        data = await run_in_threadpool(self.desk.clips.strip, self._card(request))
        frames = ",".join(map(str, thumbs(position(count)))) if count else ""
        return bodies.picture(data, {"X-Frames": frames})

    async def frame(self, request: Request) -> Response:
        """One frame of a clip as JPEG; `side`: pixels on its longer side at most."""
        side = min(4096, max(16, position(request.query_params.get("side", "960"))))
        index = position(request.path_params["frame"])
        return bodies.picture(await run_in_threadpool(self.desk.clips.frame, self._card(request), index, side))

    async def look(self, request: Request) -> Response:
        """A small frame of a clip, painted in one of the embedded looks, JPEG."""
        card, name = self._card(request), request.path_params["look"]
        return bodies.picture(await run_in_threadpool(self.desk.clips.look, card, name))

    async def clip_file(self, request: Request) -> Response:
        """The clip's own file, for a player. Folders of pictures have none."""
        path = self._card(request).path
        if not path.is_file():
            raise UnknownId("this clip is no single file")
        return file_response(path, asked=request.headers.get("range", ""), type=_player_type(path.suffix))

    async def start(self, request: Request) -> Response:
        """Start a job, or let it wait: {"clip": id, "kind": "film", "recipe": {...} or "settings": {"paint.seed": 7}}."""
        asked = await bodies.json_body(request)
        card = self.desk.clips.card(str(asked.get("clip", "")))
        recipe = with_places(recipe_of(asked), self.desk)
        numbers = {name: position(asked.get(name, least)) for name, least in (("frame", 0), ("seeds", 1), ("spread", 0))}
        job = await run_in_threadpool(lambda: self.desk.start(str(asked.get("kind", "film")), card, recipe, **numbers))
        return bodies.answer(self.desk.status(job.id), 201)

    async def jobs(self, request: Request) -> Response:
        """Every job, of one clip if it is given."""
        return bodies.answer({"jobs": self.desk.list(request.query_params.get("clip", "")), "paused": self.desk.paused})

    async def status(self, request: Request) -> Response:
        """How far a job is."""
        return bodies.answer(self.desk.status(request.path_params["job"]))

    async def cancel(self, request: Request) -> Response:
        """Stop a job; what is done is kept. Doing it twice does no harm."""
        return bodies.answer(await run_in_threadpool(self.desk.cancel, request.path_params["job"]))

    async def again(self, request: Request) -> Response:
        """Go on with a job that has ended."""
        return bodies.answer(await run_in_threadpool(self.desk.again, request.path_params["job"]))

    async def move(self, request: Request) -> Response:
        """Move a waiting job: {"places": -1} is one towards the front."""
        places = (await bodies.json_body(request)).get("places", 0)
        if not isinstance(places, int) or abs(places) > 1000:
            raise SettingsError("'places' must be a whole number")
        await run_in_threadpool(self.desk.move, request.path_params["job"], places)
        return bodies.answer({"jobs": self.desk.list()})

    async def picture(self, request: Request) -> Response:
        """A job's picture as JPEG: `preview`, or what a trial painted, from 0."""
        asked = request.path_params["number"]
        data = self.desk.pictures.get(request.path_params["job"], -1 if asked == "preview" else position(asked))
        if data is None:
            raise UnknownId("there is no such picture yet")
        return bodies.picture(data)

    async def job_recipe(self, request: Request) -> Response:
        """A job's recipe."""
        made = self.desk.recipe(self.desk.job(request.path_params["job"]))
        return bodies.answer(json.loads(made.to_json(paths=False)))

    async def report(self, request: Request) -> Response:
        """Where one more keyframe would help a job's film most, the worst first."""
        return bodies.answer(await run_in_threadpool(report, self.desk.folder, self.desk.job(request.path_params["job"])))

    async def keys(self, request: Request) -> Response:
        """The frames that a job has chosen as keys, which of them are painted, and where its cuts are."""
        return bodies.answer(await run_in_threadpool(keys, self.desk.folder, self.desk.job(request.path_params["job"])))

    async def key(self, request: Request) -> Response:
        """A painted keyframe, as PNG."""
        frame = position(request.path_params["frame"])
        path = painted(self.desk.folder, self.desk.job(request.path_params["job"]), frame)
        if not path.is_file() or path.is_symlink():
            raise UnknownId("this frame is not painted yet")
        return file_response(path, type="image/png")

    async def replace_key(self, request: Request) -> Response:
        """Let the picture in the body stand as a painted keyframe."""
        job, frame = self.desk.job(request.path_params["job"]), position(request.path_params["frame"])
        data = await bodies.body(request, MOST_RECIPE)
        if job.state == RUNNING:
            raise SettingsError("the job is running", remedy="Stop it first, then replace the keyframe.")
        await run_in_threadpool(put_by_hand, self.desk.folder, job, frame, data)
        return bodies.answer({"frame": frame}, 201)

    async def list_artefacts(self, request: Request) -> Response:
        """What a job has made."""
        job = self.desk.job(request.path_params["job"])
        found = await run_in_threadpool(lambda: [one.described() for one in artefacts(self.desk.folder, job)])
        return bodies.answer({"artefacts": found})

    async def fetch(self, request: Request) -> Response:
        """A file that a job has made; `save` offers it for saving."""
        job = self.desk.job(request.path_params["job"])
        found = await run_in_threadpool(artefact, self.desk.folder, job, request.path_params["artefact"])
        name = found.path.name if "save" in request.query_params else ""
        return file_response(found.path, asked=request.headers.get("range", ""), type=found.type, save_as=name)

    def _card(self, request: Request) -> Card:
        return self.desk.clips.card(request.path_params["clip"])

    async def _upload(self, request: Request) -> Card:
        from urllib.parse import unquote

        bodies.refuse_long(request, self.most_bytes)
        size = 0
        upload = self.desk.clips.upload(unquote(request.headers.get("x-name", "clip.mp4"))[:300])
        async with contextmanager_in_threadpool(upload) as incoming:  # a clip is looked through when all of it is there
            async for data in request.stream():
                size += len(data)
                if size > self.most_bytes:
                    raise bodies.too_long(self.most_bytes)
                await run_in_threadpool(incoming.write, data)
        if incoming.card is None:
            raise UploadError("nothing was uploaded")
        return incoming.card


def recipe_of(asked: dict[str, Any], base: Recipe | None = None) -> Recipe:
    """The recipe that a program asks for: a whole one, or the base (the defaults) with some settings. Raises SettingsError."""
    whole = asked.get("recipe")
    if whole is not None:
        text = whole if isinstance(whole, str) else json.dumps(whole)
        made = Recipe.from_json(text, kinds(), off=pipeline.off_by_default())
    else:
        made = base or new_recipe()
    settings = asked.get("settings", {})
    known = {field.key: field for field in fields(kinds())}
    if not isinstance(settings, dict) or not set(settings) <= set(known):
        raise SettingsError("'settings' must be an object of settings that are known", remedy=f"See {PREFIX}/schema.")
    for key, value in settings.items():
        made = made.replaced(known[key].section, **{known[key].name: read(known[key], value)})
    return pipeline.switched(made, on=_words(asked, "on"), off=_words(asked, "off"))


def with_places(recipe: Recipe, desk: Desk) -> Recipe:
    """The recipe with every path made absolute, inside of the desk's open folders. Raises PlaceError.

    Servers must be those that the desk's owner has named.
    """
    placed = {name: section.placed(lambda path: str(desk.clips.places.path(path))) for name, section in recipe.sections.items()}
    named = set(addresses(recipe["webui"].servers))
    if not named <= set(desk.servers):
        raise PlaceError("this server may not be asked from here", where=sorted(named - set(desk.servers))[0],
                         remedy="The owner of this machine names servers with: vidstyl ui --webui ADDRESS.")
    return replace(recipe, sections=placed).replaced("webui", servers=" ".join(desk.servers))


def _words(asked: dict[str, Any], name: str) -> list[str]:
    words = asked.get(name, [])
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise SettingsError(f"'{name}' must be a list of stages")
    return words


def _player_type(suffix: str) -> str:
    from lib_vidstyl.front.desk.films import TYPES

    kind = TYPES.get(suffix.lower(), "")
    return kind if kind.startswith(("video/", "image/")) else "video/mp4"
