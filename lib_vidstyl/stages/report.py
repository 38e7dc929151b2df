"""Report: how steady the film is, measured while it is made, and written into the project as a page, pictures and JSON."""

from __future__ import annotations

import base64
import json
import shlex
from dataclasses import dataclass
from typing import Any

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_jpeg, encode_png
from lib_vidstyl.project import Project
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Stage, Stream
from lib_vidstyl.stages.decode import frame_rate
from lib_vidstyl.stages.guide import Guide
from lib_vidstyl.stages.observer import Bad, Observer
from lib_vidstyl.stages.ranges import reseeded
from lib_vidstyl.temporal.curves import Curve, drawn, sheet, strip
from lib_vidstyl.temporal.page import CURVES, Report, Worst, page
from lib_vidstyl.versions import versions

PAGE, FACTS, FOLDER = "report.html", "report.json", "report"
"""The page, its numbers for programs, and the project's folder of its pictures."""
MOMENTS = 5
"""Moments on the strip of before and after."""
RESEED = 101
"""Added to the seed of a span that is to be painted again."""


@dataclass(frozen=True)
class ReportSettings(Settings):
    """Write a page that shows how steady the film is, and which frames to look at."""

    worst: int = setting(6, "Worst frames", "How many of the least steady frames the report shows.", minimum=0, maximum=50, step=1,
                         flag="report-worst")


def run(stream: Stream, settings: ReportSettings, job: Job) -> Stream:
    """Pass all frames on as they are; write the report when the last one has gone by."""
    observer = Observer(settings.worst)
    keyed = "keyframes" in job.recipe.sections and "keyframes" not in job.recipe.off
    with Guide(_guide(job), job.clip, frame_rate(job.recipe["decode"].folder_fps)) as guide:
        for item in stream:
            if isinstance(item, Frame) and item.image is not None:
                observer.see(item.index, item.image, source=guide.picture(item.picture).image, before=item.picture.image,
                             cut=item.cut)
                observer.keys += [item.index] if keyed and item.to_paint else []
            yield item
    if job.project is None:
        yield from job.notice("No report was written: nothing is kept of this run.")
    elif observer.numbers:
        path = write(_report(observer, job), job.project)
        yield from job.notice(f"How steady the film is: {path} in the project's folder.")


def write(report: Report, project: Project) -> str:
    """Write page, pictures and numbers into the project; return the page's name."""
    pictures = {**{f"curve-{name}": drawn(curve) for name, curve in report.drawings.items()},
                **{f"worst-{worst.frame:06d}": worst.picture for worst in report.worst},
                **{_file_name(title): picture for title, picture in report.pictures.items()}}
    names = {name: project.write_beside(f"{FOLDER}/{name}.png", encode_png(picture)).relative_to(project.folder).as_posix()
             for name, picture in pictures.items()}
    for old in (project.folder / FOLDER).glob("worst-*.png"):
        if f"{FOLDER}/{old.name}" not in names.values():
            project.discard(old)
    project.write_beside(FACTS, json.dumps(_facts(report, names), ensure_ascii=False, indent=1).encode("utf-8"))
    return project.write_beside(PAGE, page(report, _jpeg).encode("utf-8")).name


def _guide(job: Job) -> str:
    """The clip that shows the motion, where it is not the film's own."""
    known = "deflicker" in job.recipe.sections and "deflicker" not in job.recipe.off
    return job.recipe["deflicker"].guide if known else ""


def _report(seen: Observer, job: Job) -> Report:
    drawings = {name: Curve(*CURVES[name], seen.numbers, values, seen.cuts, seen.keys) for name, values in seen.curves.items()}
    shown = [seen.tiles[round(part * (len(seen.tiles) - 1) / max(1, MOMENTS - 1))] for part in range(MOMENTS)]
    moments = list({tile.frame: tile for tile in shown}.values())
    size = seen.tiles[0].after.shape[1::-1]
    pictures = {"Before and after": strip([resized(tile.before, size) for tile in moments],
                                          [resized(tile.after, size) for tile in moments], [str(tile.frame) for tile in moments]),
                "Contact sheet": sheet([resized(tile.after, size) for tile in seen.tiles],
                                       [str(tile.frame) for tile in seen.tiles])}
    failed = [f"Frame {index} could not be painted: {problem}" for index, problem in sorted(job.failed.items())]
    return Report(title=f"{job.clip.info.path.name}: how steady the film is", drawings=drawings,
                  worst=[_worst(bad, seen, job) for bad in seen.worst], pictures=pictures, times=_times(job), run=_run_times(job),
                  retries=_retries(job), notes=[*job.notices, *failed], versions=versions(),
                  recipe=job.recipe.to_json(paths=False))


def _worst(bad: Bad, seen: Observer, job: Job) -> Worst:
    """A bad frame with what helps it, as a command; names without folders, for the report may be handed on."""
    first, last = seen.span(bad.frame)
    plain = Worst(bad.frame, first, last, bad.error, bad.picture)
    if job.project is None or "paint" in job.recipe.off:
        return plain
    words = ["vidstyl", "stylize", job.clip.info.path.name, "--recipe", job.project.folder.name]
    words += ["-o", job.film.name, "--project", job.project.folder.name] if job.film else []
    if seen.keys:
        keys = ",".join(map(str, sorted({*seen.keys, bad.frame})))
        return Worst(bad.frame, first, last, bad.error, bad.picture, "add a key here", shlex.join([*words, "--keys", keys]))
    paint = job.recipe["paint"]
    seeds = reseeded(paint.seed_ranges, first, last, paint.seed + RESEED)
    label = "repaint this frame" if first == last else f"repaint frames {first}-{last}"
    return Worst(bad.frame, first, last, bad.error, bad.picture, label, shlex.join([*words, "--seed-ranges", seeds]), seeds)


def _times(job: Job) -> dict[str, tuple[int, float]]:
    """Stage -> (frames, seconds) of all that is kept, whichever run made it."""
    found: dict[str, tuple[int, float]] = {}
    for record in _records(job):
        if isinstance(record.get("seconds"), int | float):
            count, total = found.get(str(record.get("stage")), (0, 0.0))
            found[str(record.get("stage"))] = count + 1, total + record["seconds"]
    return found


def _retries(job: Job) -> dict[int, int]:
    """Frame -> how often it was tried, of those that did not come out at once."""
    return {record["frame"]: record["tries"] for record in _records(job) if record.get("tries", 1) > 1}


def _records(job: Job) -> list[dict[str, Any]]:
    manifest = job.project.manifest if job.project else None
    return [manifest.latest(name) or {} for name in manifest.files()] if manifest else []


def _run_times(job: Job) -> dict[str, float]:
    """Stage -> seconds of this run that it had for itself: each stage's time holds that of the stages before it."""
    spent, before, found = list(reversed(job.spent.items())), 0.0, {}
    for name, seconds in spent:
        found[name] = max(0.0, seconds - before)
        before = max(before, seconds)
    return found


def _facts(report: Report, names: dict[str, str]) -> dict[str, Any]:
    """The report for programs; pictures by their names in the project."""
    frames = next(iter(report.drawings.values())).frames
    curves = {name: {"title": curve.title, "unit": curve.unit, "words": curve.words, "values": list(curve.values),
                     "picture": names[f"curve-{name}"]} for name, curve in report.drawings.items()}
    worst = [{"frame": bad.frame, "first": bad.first, "last": bad.last, "error": bad.error, "why": bad.why, "label": bad.label,
              "seed_ranges": bad.seeds, "picture": names[f"worst-{bad.frame:06d}"]} for bad in report.worst]
    return {"title": report.title, "frames": list(frames), "cuts": list(report.cuts), "keys": list(report.keys),
            "curves": curves, "worst": worst, "pictures": {title: names[_file_name(title)] for title in report.pictures},
            "times": report.times, "run": report.run, "retries": report.retries, "notes": list(report.notes),
            "versions": report.versions}


def _file_name(title: str) -> str:
    return title.lower().replace(" ", "-")


def _jpeg(image: Image) -> str:
    return base64.b64encode(encode_jpeg(image, quality=80)).decode("ascii")


STAGE = Stage("report", ReportSettings, run, on=False)
