"""Keyframes for people: how they are asked for, which there are, where one more would help."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_jpeg, encode_png, read_picture
from lib_vidstyl.errors import OutputError, ProjectError, SettingsError, write_failed
from lib_vidstyl.front.session import Order
from lib_vidstyl.front.sheet import contact_sheet
from lib_vidstyl.manifest import Manifest
from lib_vidstyl.motion.keys import Worst, worst
from lib_vidstyl.pipeline import switched
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages.base import Job
from lib_vidstyl.stages.keyframes import PLAN, Plan, planned
from lib_vidstyl.stages.propagate import FOLDER
from lib_vidstyl.stylizers import make_painter

STAGES = ("keyframes", "propagate")


def with_keys(recipe: Recipe, asked: str) -> Recipe:
    """A recipe that paints keyframes only and carries them on.

    asked: "auto" (by motion), "every:30", frame numbers "0, 45, 90", or a folder of painted keys named by frame number.
    Raises SettingsError for anything else.
    """
    recipe, asked = switched(recipe, on=STAGES), asked.strip()
    if asked == "auto":
        return recipe.replaced("keyframes", choice="motion")
    if asked.startswith("every:") and asked[6:].isdecimal():
        return recipe.replaced("keyframes", choice="every", every=int(asked[6:]))
    if asked and not set(asked) - set("0123456789,; "):
        return recipe.replaced("keyframes", choice="list", frames=asked)
    if asked and Path(asked).is_dir():
        recipe = recipe.replaced("paint", painter="files").replaced("files", painted=asked)
        return recipe.replaced("keyframes", choice="painted")
    raise SettingsError(f"'{asked[:60]}' says no keyframes", where="--keys",
                        remedy="Give 'auto', 'every:30', frame numbers as in 0,45,90, or a folder of painted keys.")


@dataclass(frozen=True)
class Keys:
    """The keys of a project, its cuts, how far each frame made from keys can be trusted, and where a key would help most."""

    plan: Plan
    confidence: Mapping[int, float]
    weak: Sequence[Worst]

    def sentences(self) -> list[str]:
        """For people."""
        plan = self.plan
        lines = [f"{len(plan.keys)} keys for {len(plan.frames)} frames: {', '.join(map(str, plan.keys))}"]
        lines += [f"cuts before: {', '.join(map(str, plan.cuts))}"] * bool(plan.cuts)
        lines += [f"frames {weak.first}-{weak.last}: confidence {weak.confidence:.2f}; add a key at {weak.key}"
                  for weak in self.weak]
        return lines + ["Frames made from these keys have not been made yet."] * (not self.confidence)


def keys_of(project: Path, *, count: int = 5) -> Keys:
    """The keys of a project folder, and its `count` worst spans. Raises ProjectError if it has none."""
    try:
        found = json.loads((project / PLAN).read_text(encoding="utf-8"))
        plan = Plan(*(tuple(map(int, found[name])) for name in ("frames", "cuts", "keys")))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ProjectError("there are no keyframes in this folder", where=project,
                           remedy="Give the project of a run with --keys, or a clip.") from error
    manifest = Manifest(project / "manifest.jsonl")
    records = [manifest.latest(name) or {} for name in manifest.files() if name.startswith(f"{FOLDER}/")]
    confidence = {record["frame"]: record["confidence"] for record in records if record.get("confidence") is not None}
    return Keys(plan, confidence, worst(confidence, plan.keys, cuts=plan.cuts, count=count))


def plan_of(work: Order) -> Plan:
    """The keys that an order would paint; nothing is painted or kept."""
    with open_clip(work.clip) as clip:
        job = Job(work.recipe, clip, make_painter(work.recipe, "paint"))
        steps = planned(work.recipe["keyframes"], job)
        while True:
            try:
                next(steps)
            except StopIteration as end:
                return end.value


def export_keys(work: Order, keys: Sequence[int], folder: Path) -> list[Path]:
    """Write the clip's pictures of the keys as FOLDER/000045.png, to be painted elsewhere; nothing is overwritten.

    Raises OutputError if the folder cannot be written, or holds one of them already.
    """
    written = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with open_clip(work.clip) as clip:
            for index in keys:
                path = folder / f"{index:06d}.png"
                if path.exists():
                    raise OutputError("there is a picture of that name already", where=path, remedy="Choose an empty folder.")
                write_whole(path, encode_png(clip.picture(index).image))
                written.append(path)
    except OSError as error:
        raise write_failed(error, folder) from error
    return written


def weak_sheet(project: Path, keys: Keys) -> Image | None:
    """The worst frame of each weak span as it was made, on one sheet; None if there are none."""
    shown, labels = [], []
    for weak in keys.weak:
        path = project / FOLDER / f"{weak.key:06d}.png"
        if path.is_file():
            shown.append(read_picture(path)[0])
            labels.append(f"{weak.first}-{weak.last}: key at {weak.key}")
    return contact_sheet(shown, columns=min(3, len(shown)), labels=labels) if shown else None


def write_sheet(path: Path, sheet: Image) -> Path:
    """Write a sheet as JPEG. Raises OutputError."""
    try:
        write_whole(path, encode_jpeg(sheet, quality=80))
    except OSError as error:
        raise write_failed(error, path) from error
    return path
