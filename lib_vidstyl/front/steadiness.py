"""What a page shows of how steady a film is: the report of its project, with the places of its pictures."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_vidstyl.stages.report import FACTS, PAGE


@dataclass(frozen=True)
class CurveShown:
    """A curve: its title, mean and highest value in words, one value per frame (None where there is none), its picture."""

    name: str
    title: str
    words: str
    values: Sequence[float | None]
    picture: Path


@dataclass(frozen=True)
class BadFrame:
    """One of the least steady frames, with the span around it that is about as bad, and its picture.

    label: what helps ("add a key here", "repaint frames 40-43"), "" where nothing does. seed_ranges: what the setting
    `paint.seed_ranges` has to be, so that the next run paints this span again and nothing else; "" where frames are keyed.
    """

    frame: int
    first: int
    last: int
    error: float
    why: str
    label: str
    seed_ranges: str
    picture: Path


@dataclass(frozen=True)
class Steadiness:
    """All that a report says. pictures: title -> file. times: stage -> (frames, seconds). retries: frame -> tries."""

    page: Path
    frames: Sequence[int]
    cuts: Sequence[int]
    keys: Sequence[int]
    curves: Sequence[CurveShown]
    worst: Sequence[BadFrame]
    pictures: Mapping[str, Path]
    times: Mapping[str, tuple[int, float]]
    retries: Mapping[int, int]
    notes: Sequence[str]
    versions: str


def steadiness(project: Path) -> Steadiness | None:
    """The report of a project folder; None if it has none, or what is there is damaged. Every picture is a file that exists."""
    try:
        found = json.loads((project / FACTS).read_text(encoding="utf-8"))
        return _shown(project, found)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


def _shown(project: Path, found: dict[str, Any]) -> Steadiness:
    curves = [CurveShown(name, str(curve["title"]), str(curve["words"]), tuple(curve["values"]),
                         _picture(project, curve["picture"])) for name, curve in found["curves"].items()]
    worst = [BadFrame(int(bad["frame"]), int(bad["first"]), int(bad["last"]), float(bad["error"]), str(bad["why"]),
                      str(bad["label"]), str(bad["seed_ranges"]), _picture(project, bad["picture"])) for bad in found["worst"]]
    return Steadiness(page=project / PAGE, **{name: tuple(map(int, found[name])) for name in ("frames", "cuts", "keys")},
                      curves=curves, worst=worst,
                      pictures={str(title): _picture(project, name) for title, name in found["pictures"].items()},
                      times={str(stage): (int(count), float(seconds)) for stage, (count, seconds) in found["times"].items()},
                      retries={int(frame): int(tries) for frame, tries in found["retries"].items()},
                      notes=tuple(map(str, found["notes"])), versions=str(found["versions"]))


def _picture(project: Path, name: str) -> Path:
    """A picture's place. Raises ValueError for one that is not there, or not in the project."""
    path = project / name
    if not path.is_file() or path.is_symlink() or project.resolve() not in path.resolve().parents:
        raise ValueError(f"no picture of the report: {name}")
    return path
