"""What takes room on the desk, with sizes, and removing it: uploaded clips, the frames from which films were made, and films."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import filelock

from lib_vidstyl.errors import ProjectError, VidStylError, write_failed
from lib_vidstyl.front.desk.clips import Clips
from lib_vidstyl.front.desk.job import ENDED, Job
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.desk.written import alike, files_of, the_same
from lib_vidstyl.hashes import digest, sha_of
from lib_vidstyl.manifest import Manifest
from lib_vidstyl.project import SUFFIX, UNSEEN

CLIP, FRAMES, FILM = "clip", "frames", "film"
OURS = ("project.json", "manifest.jsonl", "run.log")
"""What a project consists of even when it holds nothing."""


@dataclass(frozen=True)
class Kept:
    """Something that takes room. id: a clip's own, or made from the project's or film's name. kind: an uploaded clip, a film's
    frames, or a film. used: when it was last written, seconds since the epoch. busy: a job that waits or runs needs it.
    job: the one that has made the film.
    """

    id: str
    kind: str
    name: str
    bytes: int
    used: float
    busy: bool
    path: Path
    job: Job | None = None

    def described(self) -> dict[str, Any]:
        """For a page: everything but the place, and who has made it."""
        return {name: value for name, value in vars(self).items() if name not in ("path", "job")}


def kept(folder: Path, clips: Clips, jobs: Sequence[Job]) -> list[Kept]:
    """Everything that can be removed from the desk's folder, the largest first. Of films, those that the jobs themselves made."""
    active = [job for job in jobs if job.state not in ENDED]
    found = [*_uploads(clips, {job.clip for job in active}), *_projects(folder, {job.project for job in active}),
             *_films(folder, jobs, _needed(folder, clips, active))]
    return sorted(found, key=lambda each: each.bytes, reverse=True)


def remove(what: Kept) -> list[str]:
    """Remove it. Of a film's frames, those that somebody has painted over or put there stay: their names are returned.

    Raises ProjectError if it is in use, or is a film that somebody has changed; OutputError if it cannot be removed.
    """
    if what.busy:
        raise ProjectError("a job that waits or runs needs this", where=what.name, remedy="Remove the job from the queue first.")
    try:
        if what.kind == FRAMES:
            return _without_frames(what.path)
        if what.job:
            return _without_film(what.path, what.job)
        shutil.rmtree(what.path)
    except OSError as error:
        raise write_failed(error, what.name) from error
    return []


def one_of(found: Sequence[Kept], known: str) -> Kept:
    """The one of an id. Raises UnknownId."""
    for each in found:
        if each.id == known:
            return each
    raise UnknownId("this is no longer there", remedy="Look at the list again.")


def _uploads(clips: Clips, needed: set[str]) -> Iterator[Kept]:
    """Clips whose file is ours; one that was given by its path stays where it is, and is not listed."""
    for folder in _folders(clips.folder, "*"):
        with suppress(VidStylError, OSError):
            card = clips.card(folder.name)
            if folder in card.path.parents:
                yield _kept(card.id, CLIP, card.name, folder, busy=card.id in needed)


def _projects(folder: Path, needed: set[str]) -> Iterator[Kept]:
    for project in _folders(folder, f"*{SUFFIX}"):
        if (project / "project.json").is_file():
            with suppress(OSError):
                yield _kept(digest(project.name)[:16], FRAMES, project.stem, project, busy=project.name in needed)


def _films(folder: Path, jobs: Sequence[Job], needed: set[Path]) -> Iterator[Kept]:
    """Films of the jobs that are as they were written, as far as can be seen at a glance; by the last job that made each."""
    for film, job in {job.film: job for job in jobs if job.film}.items():
        path = folder / film
        if not job.removed and folder in path.parents and alike(path, job.written):
            with suppress(OSError):
                yield replace(_kept(digest(FILM, film)[:16], FILM, film, path, busy=path in needed), job=job)


def _needed(folder: Path, clips: Clips, active: Sequence[Job]) -> set[Path]:
    """Files that jobs read or write again."""
    found = {folder / name for job in active for name in (job.film, job.name) if name}
    for job in active:
        with suppress(VidStylError, OSError):
            found.add(clips.card(job.clip).path)
    return found


def _folders(folder: Path, pattern: str) -> list[Path]:
    return [path for path in sorted(folder.glob(pattern)) if path.is_dir() and not path.is_symlink()]


def _kept(known: str, kind: str, name: str, path: Path, *, busy: bool) -> Kept:
    files = path.rglob("*") if path.is_dir() else [path]
    sizes = [(facts.st_size, facts.st_mtime) for file in files if (facts := file.lstat()) and not file.is_dir()]
    return Kept(known, kind, name, sum(size for size, _ in sizes), max((at for _, at in sizes), default=0.0), busy, path)


def _without_frames(project: Path) -> list[str]:
    """Remove what a project has written and what can be recomputed; the project itself only where nothing else is in it."""
    with _alone(project):
        stays = list(_swept(project))
    if not stays:
        shutil.rmtree(project)
    return stays


def _without_film(film: Path, job: Job) -> list[str]:
    """Remove a film, if every byte of it is as it was written."""
    project = film.parents[len(Path(job.film).parts) - 1] / job.project
    with _alone(project) if project.is_dir() else nullcontext():
        if not the_same(film, job.written):
            raise ProjectError("the film is no longer what was written here, so it is left alone", where=job.film,
                               remedy="Remove it in its folder, if you want to be rid of it.")
        for path in files_of(film):
            path.unlink()
        if film.is_dir():
            with suppress(OSError):  # what a system has left in it
                film.rmdir()
    return []


@contextmanager
def _alone(project: Path) -> Iterator[None]:
    """Keep others from the project. Raises ProjectError where a run is at work in it."""
    lock = filelock.FileLock(project / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise ProjectError("a run is at work in it", where=project.name, remedy="Wait until it has ended.") from error
    try:
        yield
    finally:
        lock.release()


def _swept(project: Path) -> Iterator[str]:
    """Remove file after file; yield the names of those that the project did not write, and of films."""
    manifest = Manifest(project / "manifest.jsonl")
    for path in sorted(project.rglob("*")):
        name = path.relative_to(project).as_posix()
        if (path.is_dir() and not path.is_symlink()) or name in OURS or name.startswith("cache/") or UNSEEN.fullmatch(path.name):
            continue
        if path.is_symlink() or name.startswith("result/") or not manifest.wrote(name, sha_of(path)):
            yield name
        else:
            path.unlink()
    if (project / "cache").is_dir() and not (project / "cache").is_symlink():
        shutil.rmtree(project / "cache")
