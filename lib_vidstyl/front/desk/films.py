"""What jobs have made, listed and found by id, never by path."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.film import read_metadata
from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.clip.sniff import HEAD_BYTES, sniffed
from lib_vidstyl.errors import SettingsError, VidStylError
from lib_vidstyl.front.desk.job import Job
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.keys import keys_of
from lib_vidstyl.front.session import text_of
from lib_vidstyl.hashes import digest
from lib_vidstyl.stages.encode import RECIPE_TAG
from lib_vidstyl.stages.keyframes import PLAN

TYPES = {".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".mkv": "video/x-matroska", ".gif": "image/gif",
         ".png": "image/png", ".jpg": "image/jpeg", ".json": "application/json", ".log": "text/plain; charset=utf-8",
         ".jsonl": "text/plain; charset=utf-8", ".svg": "application/octet-stream"}
"""What is sent for a file; everything else goes as bytes to be saved."""
STEADY = 0.9
"""Spans that are trusted so much need no key."""
_KEPT = ("recipe.json", "report.json", "run.log")


@dataclass(frozen=True)
class Artefact:
    """A file that a job has made. id: stays the same as long as its place does."""

    id: str
    kind: str
    path: Path

    @property
    def type(self) -> str:
        """Its media type."""
        return TYPES.get(self.path.suffix.lower(), "application/octet-stream")

    def described(self) -> dict[str, Any]:
        """For a program."""
        return {"id": self.id, "kind": self.kind, "name": self.path.name, "bytes": self.path.stat().st_size, "type": self.type}


def artefacts(folder: Path, job: Job) -> Iterator[Artefact]:
    """A job's film, its painted frames, recipe, report and log, as far as they are there. Links are left out."""
    root = folder.resolve()
    project = root / job.project if job.project else None
    places: list[tuple[str, Path]] = []
    if job.film:
        film = root / job.film
        places += [("film", path) for path in (sorted(film.iterdir()) if film.is_dir() else [film])]
    if project and project.is_dir():
        places += [("record", project / name) for name in _KEPT]
        places += [("frame", path) for path in sorted(project.glob("frames/*.png"))]
    for kind, path in places:
        if path.is_file() and root in path.resolve().parents and not path.is_symlink():
            yield Artefact(digest(job.id, path.relative_to(root).as_posix())[:20], kind, path)


def artefact(folder: Path, job: Job, known: str) -> Artefact:
    """One of them by its id. Raises UnknownId."""
    for found in artefacts(folder, job):
        if found.id == known:
            return found
    raise UnknownId("this file is not known here", remedy="List the job's files again.")


def recipe_text(data: bytes) -> str:
    """A recipe's JSON out of an uploaded recipe or film. Raises SettingsError if there is none."""
    if sniffed(data[:HEAD_BYTES]).kind in ("text", ""):
        return text_of(data)
    with tempfile.TemporaryDirectory(prefix="vidstyl-") as folder:
        path = Path(folder) / "film"
        path.write_bytes(data)
        try:
            return read_metadata(path)[RECIPE_TAG]
        except (KeyError, VidStylError) as error:
            raise SettingsError("this film holds no recipe", remedy="Give a film made here, or a recipe.json.") from error


def keys(folder: Path, job: Job) -> dict[str, list[int]]:
    """The frames that a job has chosen as keys, those of them that are painted, and the first frames of new shots."""
    found = _json(folder, job, PLAN)
    numbers = {name: [frame for frame in found.get(name, []) if isinstance(frame, int)] for name in ("keys", "cuts")}
    there = {path.stem for path in (folder / job.project / "frames").glob("*.png")} if numbers["keys"] else set()
    return {**numbers, "painted": [frame for frame in numbers["keys"] if f"{frame:06d}" in there]}


def painted(folder: Path, job: Job, frame: int) -> Path:
    """Where a job keeps a painted frame. Raises UnknownId if there is no project yet."""
    project = folder.resolve() / job.project
    frames = project / "frames"
    if not job.project or not project.is_dir() or project.is_symlink() or frames.is_symlink():
        raise UnknownId("this job has no project yet", remedy="Find or paint the keyframes first.")
    return frames / f"{frame:06d}.png"


def put_by_hand(folder: Path, job: Job, frame: int, data: bytes) -> None:
    """Let a picture of the user's own stand as a painted frame. Raises ClipError for what is no picture."""
    image, _ = decode_picture(data, where="the picture")
    path = painted(folder, job, frame)
    path.parent.mkdir(exist_ok=True)
    write_whole(path, encode_png(image))


def report(folder: Path, job: Job) -> dict[str, Any]:
    """Where one more keyframe would help a job's film most: {"worst": [{"frame", "first", "last", "confidence"}, ...]}."""
    project = folder / job.project
    if not job.project or not _json(folder, job, PLAN):
        return {"worst": []}
    return {"worst": [{"frame": weak.key, "first": weak.first, "last": weak.last, "confidence": round(weak.confidence, 3)}
                      for weak in keys_of(project).weak if weak.confidence < STEADY]}


def _json(folder: Path, job: Job, name: str) -> dict[str, Any]:
    path = folder / job.project / name
    if not job.project or not path.is_file() or path.is_symlink():
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}
