"""A run's folder: what was asked, what was made, what it was made from. Never touches a file that it did not write.

    NAME.vidstyl/
      project.json    which clip this is
      recipe.json     the settings, without local paths, and a digest that tells other paths from the same
      manifest.jsonl  a line per written file: frame -> input hash, settings hash, state, seconds, sha of its bytes
      run.log         what happened when, and the versions of everything that took part
      frames/         painted frames, one picture each, named by the clip's frame number
      result/         the film, where no other place was asked for
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import filelock

from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.folder import pictures_in
from lib_vidstyl.clip.picture import PNG_HEAD, decode_picture, png_is_whole
from lib_vidstyl.errors import ClipError, OutputError, ProjectError, write_failed
from lib_vidstyl.hashes import digest, sha_of, sha_of_bytes
from lib_vidstyl.local import without
from lib_vidstyl.manifest import Manifest, Record

FORMAT, VERSION = "vidstyl-project", 1
SUFFIX = ".vidstyl"
SPARE_BYTES = 1 << 30
"""A run stops before less than this is left on the disk."""

_TEMPORARY = re.compile(r"\..+\.[0-9]+-[0-9a-z_]+\.part")
UNSEEN = re.compile(r"\..*|thumbs\.db|desktop\.ini", re.IGNORECASE)
"""Hidden files: what systems leave in every folder that is looked at, and our own unfinished files."""


def fingerprint(path: Path) -> str:
    """Tells one clip from another without reading it whole: names and sizes of a folder's pictures, or a file's size and three
    pieces of it. What else is in the folder, as a film that was written there, is no part of the clip.
    """
    if path.is_dir():
        return digest([[entry.name, entry.stat().st_size] for entry in pictures_in(path)])
    size, piece = path.stat().st_size, 1 << 20
    with path.open("rb") as file:
        parts = []
        for start in (0, size // 2, max(0, size - piece)):
            file.seek(start)
            parts.append(file.read(piece))
    return digest(size, *parts)


def belongs(folder: Path, clip: Path) -> bool:
    """Whether a folder is free for a clip's project, or holds it already."""
    if not folder.exists():
        return True
    try:
        return _read_identity(folder / "project.json")["fingerprint"] == fingerprint(clip)
    except ProjectError:
        return False


def owned(folder: Path, path: Path, **facts: Any) -> bool:
    """Whether a file is, byte for byte, the last one of its name that the project here wrote, with these facts on record."""
    record = recorded(folder, [path])[0]
    return path.is_file() and record.get("sha") == sha_of(path) and all(record.get(name) == value for name, value in facts.items())


def recorded(folder: Path, paths: Iterable[Path]) -> list[Record]:
    """What the project in this folder has on record of the last file that it wrote of each name; nothing: {}."""
    manifest = Manifest(folder / "manifest.jsonl")
    return [manifest.latest(_name(folder, path)) or {} for path in paths]


def _name(folder: Path, path: Path) -> str:
    with suppress(ValueError):
        return path.relative_to(folder).as_posix()
    return f"elsewhere/{digest(str(path.parent.resolve()))[:8]}/{path.name}"


def inspect(folder: Path) -> Iterator[tuple[str, str]]:
    """Yield (file, what is wrong) for every file of a project that is missing, damaged or changed by hand. Changes nothing.

    Raises ProjectError if the folder is no project.
    """
    if not (folder / "project.json").is_file():
        raise ProjectError("this is no project", where=folder,
                           remedy=f"Give the folder NAME{SUFFIX} that lies beside a film that was made here.")
    _read_identity(folder / "project.json")
    manifest = Manifest(folder / "manifest.jsonl")
    if manifest.damaged:
        yield "manifest.jsonl", f"damaged lines: {', '.join(map(str, manifest.damaged))}"
    for name in manifest.files():
        record = manifest.latest(name)
        inside = not (name.startswith("elsewhere/") or Path(name).is_absolute() or ".." in Path(name).parts)
        if record and record.get("sha") and inside:
            problem = _problem(folder / name, record["sha"])
            if problem:
                yield name, problem


def _problem(path: Path, sha: str) -> str:
    if not path.is_file():
        return "missing"
    data = path.read_bytes()
    if sha_of_bytes(data) == sha:
        return ""
    return "changed by hand" if path.suffix == ".png" and is_by_hand(data) else "damaged"


def is_by_hand(data: bytes) -> bool:
    """Whether bytes that we did not write are a picture of somebody's own: a whole PNG, or, under a PNG's name, another kind.

    What is left of a PNG of ours after damage is none.
    """
    if data.startswith(PNG_HEAD):
        return png_is_whole(data)
    try:
        decode_picture(data)
    except ClipError:
        return False
    return True


class Project:
    """An open project folder; nobody else can open it until it is closed.

    Raises ProjectError if the folder holds other things than a project, a project of another clip or of a newer version,
    or is in use; OutputError if it cannot be written.
    """

    def __init__(self, folder: Path, clip: Path) -> None:
        self.folder = folder
        self._local = [folder.resolve().parent, clip.resolve().parent]
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except FileExistsError as error:
            raise ProjectError("there is a file where the project folder should be", where=folder,
                               remedy="Choose another project folder.") from error
        except OSError as error:
            raise write_failed(error, folder) from error
        self._refuse_foreign()
        self._refuse_links()
        self._lock = self._locked()
        try:
            self._identify(clip)
            self.manifest = Manifest(folder / "manifest.jsonl")
            self._sweep()
        except BaseException:
            self._lock.release()
            raise

    def __enter__(self) -> Project:
        return self

    def __exit__(self, *exc: object) -> None:
        self._lock.release()

    def name_of(self, path: Path) -> str:
        """A file's name in the manifest: relative to the project, or, outside of it, without its folder's path."""
        return _name(self.folder, path)

    def owns(self, path: Path) -> bool:
        """Whether we may write this file: it does not exist, or it is, byte for byte, one that we wrote."""
        return not path.exists() or self.manifest.wrote(self.name_of(path), sha_of(path))

    def claim(self, path: Path, *, folder: bool = False) -> None:
        """Raise OutputError if the file exists and is not ours; of a `folder`, if anything in it is not that people can see."""
        inside = [entry for entry in path.iterdir() if not UNSEEN.fullmatch(entry.name)] if folder and path.is_dir() else [path]
        if not all(map(self.owns, inside)):
            into = f" To put a film into this folder, write {path / 'film.mp4'}." if path.is_dir() else ""
            raise OutputError("there is something that this project did not write", where=path,
                              remedy=f"Choose another name, or move it away.{into}")

    def begin(self, unfinished: Path) -> None:
        """Note an unfinished file that is about to be made outside of the project."""
        self.record(unfinished, "", state="unfinished")

    def tidy(self, film: Path) -> None:
        """Remove unfinished files that a killed run of this project has left beside a film, or in its own folder."""
        inside = [entry for entry in film.iterdir() if _TEMPORARY.fullmatch(entry.name)] if film.is_dir() else []
        beside = [entry for entry in film.parent.iterdir()
                  if _TEMPORARY.fullmatch(entry.name) and self.manifest.latest(self.name_of(entry))]
        for entry in (*inside, *beside):
            with suppress(OSError):
                entry.unlink()

    def discard(self, path: Path) -> None:
        """Remove a file that has been replaced by another, if it is ours."""
        if path.is_file() and self.owns(path):
            with suppress(OSError):
                path.unlink()

    def record(self, path: Path, sha: str, **facts: Any) -> None:
        """Note in the manifest that the file with these bytes is ours. Done before the file gets its name."""
        record: Record = {"file": self.name_of(path), "sha": sha, **facts}
        try:
            self.manifest.append(record)
        except OSError as error:
            raise write_failed(error, self.manifest.path) from error

    def write(self, path: Path, data: bytes, **facts: Any) -> None:
        """Write a file of the project, whole or not at all, and record it."""
        try:
            path.parent.mkdir(exist_ok=True)
            self._refuse_links(path.parent)
            write_whole(path, data, before_rename=lambda _: self.record(path, sha_of_bytes(data), **facts))
        except OSError as error:
            raise write_failed(error, path) from error

    def write_beside(self, name: str, data: bytes) -> Path:
        """Write a file under this name, or, where the user has changed ours, as NAME-2, NAME-3, ..."""
        path, number = self.folder / name, 1
        while not self.owns(path):
            number += 1
            path = path.with_name(f"{Path(name).stem}-{number}{Path(name).suffix}")
        if not path.exists() or path.read_bytes() != data:
            self.write(path, data)
        return path

    def log(self, sentence: str) -> None:
        """Append a line to run.log, with the time in UTC; a log is shown to others, so it names no folder of this machine."""
        stamp = datetime.now(timezone.utc).strftime("%Y-%m-%d %H:%M:%S")
        with suppress(OSError), (self.folder / "run.log").open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(f"{stamp} {self.clean(sentence)}\n")

    def clean(self, sentence: str) -> str:
        """The sentence without this machine's folders, as far as they are known here."""
        return without(sentence, self._local)

    def guard_disk(self, coming: int = 0) -> None:
        """Raise OutputError if less than SPARE_BYTES would be left after writing so many more bytes."""
        if shutil.disk_usage(self.folder).free - coming < SPARE_BYTES:
            raise OutputError("less than 1 GB is left on this disk", where=self.folder,
                              remedy="Free some space, then run the same command again: it goes on where it stopped.")

    def _refuse_foreign(self) -> None:
        others = [p.name for p in self.folder.iterdir() if p.name != ".lock" and not _TEMPORARY.fullmatch(p.name)]
        if others and "project.json" not in others:
            raise ProjectError(f"the folder holds other things ({sorted(others)[0]}, ...) and is no project",
                               where=self.folder, remedy="Choose an empty or new folder.")

    def _refuse_links(self, *paths: Path) -> None:
        """A link in the project could lead our writing elsewhere."""
        own = ("project.json", "recipe.json", "manifest.jsonl", "run.log", ".lock", "frames", "result")
        for path in paths or [self.folder / name for name in own]:
            if path.is_symlink():
                raise ProjectError("there is a link where the project has its own files", where=path, remedy="Remove the link.")

    def _locked(self) -> filelock.BaseFileLock:
        lock = filelock.FileLock(self.folder / ".lock")
        try:
            lock.acquire(timeout=0)
        except filelock.Timeout as error:
            raise ProjectError("another run is at work in this project", where=self.folder,
                               remedy="Wait until it has ended, or choose another project folder.") from error
        except OSError as error:
            raise write_failed(error, self.folder) from error
        return lock

    def _identify(self, clip: Path) -> None:
        path = self.folder / "project.json"
        wanted = {"format": FORMAT, "version": VERSION, "clip": clip.name, "fingerprint": fingerprint(clip)}
        if not path.exists():
            try:
                write_whole(path, json.dumps(wanted).encode("utf-8"))  # ASCII: a name may be no UTF-8
            except OSError as error:
                raise write_failed(error, path) from error
            return
        found = _read_identity(path)
        if found["version"] > VERSION:
            raise ProjectError("the project was made by a newer version", where=self.folder,
                               remedy="Update Video Stylize, or choose another project folder.")
        if found["fingerprint"] != wanted["fingerprint"]:
            raise ProjectError(f"the project belongs to another clip ('{found['clip']}')", where=self.folder,
                               remedy="Choose another project folder.")

    def _sweep(self) -> None:
        """Remove temporary files that a killed run has left."""
        for folder in (self.folder, *(p for p in self.folder.iterdir() if p.is_dir() and not p.is_symlink())):
            for path in folder.iterdir():
                if _TEMPORARY.fullmatch(path.name):
                    with suppress(OSError):
                        path.unlink()


def _read_identity(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if found["format"] == FORMAT and isinstance(found["version"], int) and isinstance(found["fingerprint"], str):
            return {"clip": "", **found}
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise ProjectError("project.json is damaged", where=path.parent,
                       remedy="Put it back from a copy, or choose another project folder; nothing was changed.")
