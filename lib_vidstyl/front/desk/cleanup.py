"""What takes room on the desk, with sizes, and removing it: uploaded clips, and the frames from which films were made."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import filelock

from lib_vidstyl.errors import ProjectError, VidStylError, write_failed
from lib_vidstyl.front.desk.clips import Clips
from lib_vidstyl.front.desk.job import ENDED, Job
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.hashes import digest, sha_of
from lib_vidstyl.manifest import Manifest
from lib_vidstyl.project import SUFFIX, UNSEEN

CLIP, FRAMES = "clip", "frames"
OURS = ("project.json", "manifest.jsonl", "run.log")
"""What a project consists of even when it holds nothing."""


@dataclass(frozen=True)
class Kept:
    """Something that takes room. id: a clip's own, or made from the project's name. kind: an uploaded clip, or a film's frames.
    used: when it was last written, seconds since the epoch. busy: a job that waits or runs needs it.
    """

    id: str
    kind: str
    name: str
    bytes: int
    used: float
    busy: bool
    path: Path

    def described(self) -> dict[str, Any]:
        """For a page: everything but the place."""
        return {name: value for name, value in asdict(self).items() if name != "path"}


def kept(folder: Path, clips: Clips, jobs: Sequence[Job]) -> list[Kept]:
    """Everything that can be removed from the desk's folder, the largest first. Films are never among it."""
    active = [job for job in jobs if job.state not in ENDED]
    found = [*_uploads(clips, {job.clip for job in active}), *_projects(folder, {job.project for job in active})]
    return sorted(found, key=lambda each: each.bytes, reverse=True)


def remove(what: Kept) -> list[str]:
    """Remove it. Of a film's frames, those that somebody has painted over or put there stay: their names are returned.

    Raises ProjectError if it is in use, OutputError if it cannot be removed.
    """
    if what.busy:
        raise ProjectError("a job that waits or runs needs this", where=what.name, remedy="Remove the job from the queue first.")
    try:
        if what.kind == FRAMES:
            return _without_frames(what.path)
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


def _folders(folder: Path, pattern: str) -> list[Path]:
    return [path for path in sorted(folder.glob(pattern)) if path.is_dir() and not path.is_symlink()]


def _kept(known: str, kind: str, name: str, path: Path, *, busy: bool) -> Kept:
    sizes = [(facts.st_size, facts.st_mtime) for file in path.rglob("*") if (facts := file.lstat()) and not file.is_dir()]
    return Kept(known, kind, name, sum(size for size, _ in sizes), max((at for _, at in sizes), default=0.0), busy, path)


def _without_frames(project: Path) -> list[str]:
    """Remove what a project has written and what can be recomputed; the project itself only where nothing else is in it."""
    lock = filelock.FileLock(project / ".lock")
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise ProjectError("a run is at work in it", where=project.name, remedy="Wait until it has ended.") from error
    try:
        stays = list(_swept(project))
    finally:
        lock.release()
    if not stays:
        shutil.rmtree(project)
    return stays


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
