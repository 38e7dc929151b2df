"""What a film was when it was written, so that nobody else's file is ever taken for it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lib_vidstyl.hashes import digest, sha_of
from lib_vidstyl.project import UNSEEN, recorded


def files_of(film: Path) -> list[Path]:
    """A film's files: itself, or what people see in its folder."""
    return sorted(entry for entry in film.iterdir() if not UNSEEN.fullmatch(entry.name)) if film.is_dir() else [film]


def written(project: Path, film: Path) -> dict[str, Any]:
    """{"bytes", "sha"} of a film just written, the sha from its project's record; {} if not all of it is on record there."""
    files = files_of(film)
    shas = [record.get("sha", "") for record in recorded(project, files)]
    if not files or not all(shas):
        return {}
    return {"bytes": sum(path.stat().st_size for path in files), "sha": _sha(files, shas)}


def alike(film: Path, facts: Mapping[str, Any]) -> bool:
    """Whether a film is still there, in its own place and of its size; a glance, for lists."""
    try:
        return bool(facts) and _plain(film) and sum(path.stat().st_size for path in files_of(film)) == facts["bytes"]
    except OSError:
        return False


def the_same(film: Path, facts: Mapping[str, Any]) -> bool:
    """Whether a film is, byte for byte, what was written."""
    files = files_of(film)
    return alike(film, facts) and _sha(files, [sha_of(path) for path in files]) == facts["sha"]


def _plain(film: Path) -> bool:
    """Whether no link leads to it, or from it elsewhere."""
    return film.resolve() == film and all(path.is_file() and not path.is_symlink() for path in files_of(film))


def _sha(files: list[Path], shas: list[str]) -> str:
    return digest(*([path.name, sha] for path, sha in zip(files, shas, strict=True)))
