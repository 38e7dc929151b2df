"""The desk: a queue of jobs that one worker carries out in the background, whoever watches."""

from __future__ import annotations

import builtins
import json
import logging
import re
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.errors import Cancelled, SettingsError, VidStylError, write_failed
from lib_vidstyl.front.desk.clips import Card, Clips
from lib_vidstyl.front.desk.job import DONE, ENDED, FAILED, KINDS, RUNNING, STOPPED, TRIAL, WAITING, Job, superseded
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.desk.pictures import Pictures
from lib_vidstyl.front.desk.work import Means, carry_out, recipe_of
from lib_vidstyl.front.places import Places
from lib_vidstyl.local import without
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stylizers import make_painter
from lib_vidstyl.stylizers.base import Stylizer

logger = logging.getLogger(__name__)
KEPT = 60
"""So many ended jobs are remembered."""
MOST_WAITING = 200
_UPLOAD = re.compile(r"\bclips[\\/][0-9a-f]{16}[\\/]")
"""Where an upload is kept, which its user has never seen."""


def own_painter(recipe: Recipe) -> Stylizer:
    """Whoever the recipe names, of those that need no host."""
    return make_painter(recipe, recipe["paint"].painter)


class Desk:
    """Jobs on clips. Every method may be called from any thread; `close` ends the worker after the frame it is at.

    folder: where uploads, films, projects and the queue itself are kept. painter: makes who paints for a recipe. gate:
    entered around every job, for a host's own queue; it may raise VidStylError. interrupt: called when
    the running job is cancelled, to stop a painter within a frame. servers: remote webuis that may be asked. local: whoever
    asks from this machine may have a folder shown on its screen. films_stay: the page removes no film. What waited or ran when
    the desk was last closed, or killed, goes on by itself.
    """

    def __init__(self, folder: Path, places: Places | None = None, *, painter: Callable[[Recipe], Stylizer] = own_painter,
                 gate: Callable[[], AbstractContextManager[object]] = nullcontext, interrupt: Callable[[], None] = lambda: None,
                 servers: Sequence[str] = (), local: bool = False, films_stay: bool = False) -> None:
        self.folder = folder.resolve()
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise write_failed(error, folder) from error
        self.clips = Clips(self.folder / "clips", places or Places([self.folder]))
        self.painter, self.gate, self.interrupt, self.servers = painter, gate, interrupt, tuple(servers)
        self.local, self.films_stay = local, films_stay
        self.pictures = Pictures()
        self.paused, self._jobs = _read(self.folder / "desk.json")
        self._change = threading.Condition()
        self._stop: dict[str, threading.Event] = {}
        self._closed = False
        self._worker = threading.Thread(target=self._work, name="vidstyl-desk", daemon=True)
        self._worker.start()

    def start(self, kind: str, clip: Card, recipe: Recipe, *, frame: int = 0, seeds: int = 1, spread: int = 0) -> Job:
        """Put a job at the end of the queue; a trial at its front. Raises SettingsError if there are too many, or no such kind."""
        if kind not in KINDS:
            raise SettingsError(f"'{str(kind)[:40]}' is no kind of job", remedy=f"Kinds are: {', '.join(KINDS)}.")
        job = Job(kind, clip.id, recipe.to_json(), title=_title(clip, recipe), frame=frame, seeds=max(1, min(seeds, 16)),
                  spread=min(spread, 16))
        with self._change:
            if sum(other.state == WAITING for other in self._jobs) >= MOST_WAITING:
                raise SettingsError(f"{MOST_WAITING} jobs wait already", remedy="Wait until some are done, or cancel some.")
            self._jobs.append(job)
            self._save()
            self._change.notify_all()
        return job

    def job(self, known: str) -> Job:
        """The job of an id. Raises UnknownId."""
        with self._change:
            found = next((job for job in self._jobs if job.id == known), None)
        if found is None:
            raise UnknownId("this job is not known here", remedy="Look at the list of jobs.")
        return found

    def status(self, known: str) -> dict[str, Any]:
        """How far a job is. Raises UnknownId."""
        job = self.job(known)
        with self._change:
            return self._status(job)

    def jobs(self) -> builtins.list[Job]:
        """Every job, the newest last."""
        with self._change:
            return builtins.list(self._jobs)

    def list(self, clip: str = "") -> list[dict[str, Any]]:
        """Every job, the newest last; of one clip if it is given. newer: the job that has made the same film again since."""
        with self._change:
            newer = superseded(self._jobs)
            return [{**self._status(job), "newer": newer.get(job.id, "")} for job in self._jobs if clip in ("", job.clip)]

    def _status(self, job: Job) -> dict[str, Any]:
        return {**job.snapshot(time.time()), "ahead": self._ahead(job), "preview": self.pictures.version(job.id)}

    def cancel(self, known: str) -> dict[str, Any]:
        """Stop a job, or take it out of the queue; for one that has ended, nothing. Raises UnknownId."""
        job = self.job(known)
        with self._change:
            if job.state == WAITING:
                self._end(job, STOPPED)
            elif job.state == RUNNING:
                self._stop[job.id].set()
                self.interrupt()
        return self.status(known)

    def again(self, known: str, recipe: Recipe | None = None) -> dict[str, Any]:
        """Put a job that has ended into the queue once more; what is done of it stands. Raises UnknownId.

        recipe: what it does from now on; its own if none is given.
        """
        job = self.job(known)
        with self._change:
            if job.state in ENDED:
                job.recipe = recipe.to_json() if recipe else job.recipe
                self._jobs.remove(job)
                self._jobs.append(job)
                job.state, job.problem, job.started, job.ended = WAITING, "", 0.0, 0.0
                job.stages, job.failed, job.notices = {}, {}, []
                self._save()
                self._change.notify_all()
        return self.status(known)

    def move(self, known: str, places: int) -> None:
        """Move a waiting job so many places towards the end of the queue (negative: the front). Raises UnknownId."""
        job = self.job(known)
        with self._change:
            waiting = [other for other in self._jobs if other.state == WAITING]
            if job in waiting:
                at = max(0, min(len(waiting) - 1, waiting.index(job) + places))
                waiting.remove(job)
                waiting.insert(at, job)
                self._jobs = [other for other in self._jobs if other.state != WAITING] + waiting
                self._save()

    def pause(self, paused: bool) -> None:
        """Begin no further job until this is taken back; what runs ends, and single frames can still be tried."""
        with self._change:
            self.paused = paused
            self._save()
            self._change.notify_all()

    def retry(self) -> builtins.list[str]:
        """Put every job that failed, and was not done again since, into the queue once more; their ids."""
        with self._change:
            older = superseded(self._jobs)
            failed = [job.id for job in self._jobs if job.state == FAILED and job.id not in older]
        for known in failed:
            self.again(known)
        return failed

    def film_removed(self, film: str) -> None:
        """Note with every job of a film that it has been removed."""
        with self._change:
            for job in self._jobs:
                job.removed = job.removed or job.film == film
            self._save()

    def recipe(self, job: Job) -> Recipe:
        """The job's recipe."""
        return recipe_of(job)

    def close(self) -> None:
        """Stop the running job and the worker; the queue stays for the next desk."""
        with self._change:
            self._closed = True
            for event in self._stop.values():
                event.set()
                self.interrupt()
            self._change.notify_all()
        self._worker.join(timeout=30)

    def _work(self) -> None:
        while True:
            with self._change:
                job = self._next()
                while job is None and not self._closed:
                    self._change.wait()
                    job = self._next()
                if self._closed or job is None:
                    return
                job.state, job.started, job.stages = RUNNING, time.time(), {}
                self._stop[job.id] = threading.Event()
                self._save()
            self._carry_out(job)

    def _carry_out(self, job: Job) -> None:
        stop = self._stop[job.id]
        state, problem = DONE, ""
        try:
            with self.gate():
                carry_out(job, Means(self.folder, self.clips, self.painter, self.pictures, self.clean), stop.is_set)
        except Cancelled:
            state = WAITING if self._closed else STOPPED
        except VidStylError as error:
            state, problem = FAILED, self.clean(str(error))
        except OSError as error:
            state, problem = FAILED, self.clean(str(write_failed(error, error.filename or "")))
        except Exception as error:  # the next job has to go on whatever happens in this one
            logger.exception("a job failed unexpectedly")
            state, problem = FAILED, self.clean(f"Something went wrong that should not ({type(error).__name__}: {error}). "
                                                "The details are in the server's log; what is done is kept.")
        with self._change:
            self._stop.pop(job.id, None)
            self._end(job, state, problem)

    def clean(self, text: str) -> str:
        """A sentence without the folders of this machine."""
        return _UPLOAD.sub("", without(text, [self.folder, *self.clips.places.folders]))

    def _end(self, job: Job, state: str, problem: str = "") -> None:
        job.state, job.problem, job.ended = state, problem, 0.0 if state == WAITING else time.time()
        ended = [other for other in self._jobs if other.state in ENDED]
        for old in ended[:-KEPT]:
            self._jobs.remove(old)
            self.pictures.forget(old.id)
        self._save()

    def _next(self) -> Job | None:
        waiting = [job for job in self._jobs if job.state == WAITING]
        trial = next((job for job in waiting if job.kind == TRIAL), None)
        return trial if trial or self.paused or not waiting else waiting[0]

    def _ahead(self, job: Job) -> int:
        """How many jobs come before this one."""
        if job.state != WAITING:
            return 0
        before = self._jobs[:self._jobs.index(job)]
        return sum(other.state == WAITING for other in before) + sum(other.state == RUNNING for other in self._jobs)

    def _save(self) -> None:
        """Write the queue down. A full disk must not end the jobs that are there."""
        data = json.dumps({"paused": self.paused, "jobs": [asdict(job) for job in self._jobs]}).encode("ascii")  # any name fits
        with suppress(OSError):
            write_whole(self.folder / "desk.json", data)


def _title(clip: Card, recipe: Recipe) -> str:
    """What tells a job from others of the same clip, without a word of any language: name, range, look."""
    chosen = recipe["decode"]
    part = f"{chosen.start or 0}\u2013{chosen.end}" if chosen.start or chosen.end else ""
    look = recipe["look"].look if recipe["paint"].painter == "paint" else ""
    return " \u00b7 ".join(filter(None, (clip.name, part, look)))


def _read(path: Path) -> tuple[bool, list[Job]]:
    """Whether the queue was paused, and the jobs as they were left; one that ran waits again.

    A damaged list is an empty one; a damaged job, or one of a kind that only other versions know, is left out.
    """
    jobs: list[Job] = []
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        found = {"jobs": found} if isinstance(found, list) else found  # as versions before the pause wrote it
        listed = list(found["jobs"])
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return False, []
    for data in listed:
        with suppress(ValueError, TypeError, AttributeError):
            jobs.append(Job.read(data))
    for job in jobs:
        if job.state == RUNNING or job.state not in (WAITING, *ENDED):
            job.state = WAITING
    return found.get("paused") is True, jobs
