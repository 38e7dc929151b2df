"""One job on the desk: what was asked, how far it is, what came of it."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from lib_vidstyl.stages.base import Progress

FILM, KEYS, PLAN, TRIAL = "film", "keys", "plan", "trial"
KINDS = (FILM, KEYS, PLAN, TRIAL)
WAITING, RUNNING, DONE, STOPPED, FAILED = "waiting", "running", "done", "stopped", "failed"
ENDED = (DONE, STOPPED, FAILED)

_UNSEEN = ("recipe", "name", "made", "written", "project")
"""What no page needs to know of a job."""


@dataclass
class Job:
    """kind: film, keys (paint the keyframes only), plan (only find them) or trial (one frame, several seeds). clip: its id.
    recipe: as JSON.

    frame, seeds: what a trial paints; spread: so many frames of the whole range instead, each once; tried, shown: seed and frame of
    what it has painted. film: name of the film in the desk's folder; name: what it is to be called, settled together with the
    project when the job first runs; made: of which settings it was made last; written: what it was then (see `desk.written`);
    removed: whether the page has removed it since. problem: why it failed, for the user.
    stages: name -> {"done", "of", "eta"}. times are seconds since the epoch.
    """

    kind: str
    clip: str
    recipe: str
    title: str = ""
    frame: int = 0
    seeds: int = 1
    spread: int = 0
    id: str = field(default_factory=lambda: secrets.token_hex(8))
    state: str = WAITING
    created: float = field(default_factory=time.time)
    started: float = 0.0
    ended: float = 0.0
    problem: str = ""
    film: str = ""
    name: str = ""
    made: str = ""
    written: dict[str, Any] = field(default_factory=dict)
    removed: bool = False
    project: str = ""
    frames: int = 0
    start_seconds: float = 0.0
    failed: dict[str, str] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)
    stages: dict[str, dict[str, Any]] = field(default_factory=dict)
    tried: list[int] = field(default_factory=list)
    shown: list[int] = field(default_factory=list)

    def took(self, progress: Progress) -> None:
        """Note one Progress value. What is there is replaced, not changed: another thread may be going through it."""
        if progress.notice:
            if progress.notice not in self.notices:
                self.notices = [*self.notices, progress.notice]
            return
        now = {"done": progress.done, "of": progress.of, "eta": progress.eta, "frame": progress.frame,
               "at": round(progress.seconds, 2)}
        self.stages = {**self.stages, progress.stage: now}

    @property
    def share(self) -> float:
        """How much is done, 0 to 1: the mean of the stages that have begun."""
        parts = [stage["done"] / max(stage["of"], 1) for stage in self.stages.values()]
        if self.state == DONE:
            return 1.0
        return sum(parts) / len(parts) if parts else 0.0

    def snapshot(self, now: float) -> dict[str, Any]:
        """For a page or a program: everything but the recipe and places of this machine, with what follows from it."""
        shown = {name: value for name, value in asdict(self).items() if name not in _UNSEEN}
        ran = (self.ended or now) - self.started if self.started else 0.0
        left = ran * (1 - self.share) / self.share if self.state == RUNNING and self.share > 0.01 else None
        return {**shown, "share": round(self.share, 4), "seconds": round(ran, 2), "eta": left}

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Job:
        """A job as it was saved. Raises TypeError or ValueError for what is none."""
        known = {one.name: one for one in fields(cls)}
        job = cls(**{name: value for name, value in data.items() if name in known})
        plain = asdict(cls("", "", ""))
        if job.kind not in KINDS or not all(_alike(getattr(job, name), value) for name, value in plain.items()):
            raise ValueError("no job")
        return job


def superseded(jobs: Sequence[Job]) -> dict[str, str]:
    """Of every job that has ended and whose film (or keys) a later one makes again: its id -> the last such job's.

    One that was stopped or failed stands for other pictures than a later one with other settings, and goes on by itself.
    """
    found: dict[str, str] = {}
    last: dict[tuple[str, str], Job] = {}
    for job in reversed(jobs):
        newer = last.setdefault((job.kind, job.name), job) if job.name else job
        if newer is not job and job.state in ENDED and (job.state == DONE or job.recipe == newer.recipe):
            found[job.id] = newer.id
    return found


def _alike(value: object, plain: object) -> bool:
    """Whether a value is of the kind that a field's plain value has; whole numbers are numbers too."""
    return isinstance(value, (int, float) if isinstance(plain, float) else type(plain))
