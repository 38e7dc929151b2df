"""Report: how steady the film is, measured while it is made, and written as one page into the project."""

from __future__ import annotations

import base64
import heapq
import shlex
from dataclasses import dataclass, field

import numpy as np

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.picture import encode_jpeg
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Stage, Stream
from lib_vidstyl.temporal.alignment import is_cut
from lib_vidstyl.temporal.metrics import Step, flicker, static
from lib_vidstyl.temporal.page import CURVES, Report, Worst, page
from lib_vidstyl.versions import versions

PAGE = "report.html"
SIDE = 480
"""Longest side, pixels, at which frames are measured."""
TILE = 200
TILES = 24
"""Pictures on the contact sheet at most."""


@dataclass(frozen=True)
class ReportSettings(Settings):
    """What the report shows."""

    worst: int = setting(6, "Worst frames", "How many of the least steady frames the report shows.", minimum=0, maximum=50, step=1,
                         flag="report-worst")


@dataclass
class Observer:
    """Watches frames go by and keeps a few numbers of each, and a bounded number of small pictures."""

    most: int
    numbers: list[int] = field(default_factory=list)
    curves: dict[str, list[float | None]] = field(default_factory=lambda: {name: [] for name in CURVES})
    cuts: list[int] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    worst: list[tuple[float, int, Image]] = field(default_factory=list)
    tiles: list[tuple[Image, Image]] = field(default_factory=list)
    _every: int = 1
    _before: tuple[Image, Image] | None = None
    _start: np.ndarray | None = None

    def see(self, frame: Frame, image: Image) -> None:
        """Measure a frame against the one before it."""
        source = _small(frame.picture.image, SIDE)
        image = resized(image, source.shape[1::-1])
        if len(self.numbers) % self._every == 0:
            self._tile(source, image)
        self.numbers.append(frame.index)
        step = None if self._before is None else Step.of(self._before[0], source)
        if frame.cut or (step is not None and self._before is not None and is_cut(self._before[0], source, step.flow)):
            self.cuts += [frame.index] if step is not None else []
            step = self._start = None
        self._note(frame.index, source, image, step)
        self._before = source, image

    def _note(self, index: int, source: Image, image: Image, step: Step | None) -> None:
        tone = image.mean((0, 1)) - source.mean((0, 1))
        self._start = tone if self._start is None else self._start
        self.curves["drift"].append(round(float(np.abs(tone - self._start).mean()), 3))
        if step is None or self._before is None:
            self.curves["error"].append(None)
            self.curves["flicker"].append(None)
            return
        error = _known(1000 * step.error(self._before[1], image))
        self.curves["error"].append(error)
        self.curves["flicker"].append(_known(flicker(self._before[1], image, static(self._before[0], source))))
        if error is not None and self.most:
            heapq.heappush(self.worst, (error, index, image))
            self.worst = heapq.nlargest(self.most, self.worst, key=lambda item: item[:2])
            heapq.heapify(self.worst)

    def _tile(self, source: Image, image: Image) -> None:
        self.tiles.append((_small(source, TILE), _small(image, TILE)))
        if len(self.tiles) > TILES:
            self.tiles = self.tiles[::2]
            self._every *= 2


def run(stream: Stream, settings: ReportSettings, job: Job) -> Stream:
    """Pass all frames on as they are; write the page when the last one has gone by."""
    observer = Observer(settings.worst)
    keyed = "keyframes" in job.recipe.sections and "keyframes" not in job.recipe.off
    for item in stream:
        if isinstance(item, Frame) and item.image is not None:
            observer.see(item, item.image)
            observer.keys += [item.index] if keyed and item.to_paint else []
        yield item
    if job.project is None:
        yield from job.notice("No report was written: nothing is kept of this run.")
    elif observer.numbers:
        path = job.project.write_beside(PAGE, page(_report(observer, job)).encode("utf-8"))
        yield from job.notice(f"How steady the film is: {path.name} in the project's folder.")


def _report(seen: Observer, job: Job) -> Report:
    worst = [Worst(index, f"warping error {error:.3g}", _jpeg(image), _actions(index, seen.keys, job))
             for error, index, image in sorted(seen.worst, key=lambda item: (-item[0], item[1]))]
    middle = seen.tiles[len(seen.tiles) // 2]
    pictures = {"Before and after": _jpeg(np.hstack(middle)), "Contact sheet": _jpeg(_sheet([made for _, made in seen.tiles]))}
    failed = [f"Frame {index} could not be painted: {problem}" for index, problem in sorted(job.failed.items())]
    return Report(title=f"{job.clip.info.path.name}: how steady the film is", frames=seen.numbers, curves=seen.curves,
                  cuts=seen.cuts, keys=seen.keys, worst=worst, pictures=pictures, times=_times(job),
                  notes=[*job.notices, *failed], versions=versions(), recipe=job.recipe.to_json(paths=False))


def _actions(index: int, keys: list[int], job: Job) -> dict[str, str]:
    """What helps a frame, as commands; names without folders, for the report may be handed on."""
    if job.project is None or "paint" in job.recipe.off:
        return {}
    words = ["vidstyl", "stylize", job.clip.info.path.name, "--recipe", job.project.folder.name]
    words += ["-o", job.film.name, "--project", job.project.folder.name] if job.film else []
    if keys:
        return {"add a key here": shlex.join([*words, "--keys", ",".join(map(str, sorted({*keys, index})))])}
    return {"repaint this frame": f"(first remove frames/{index:06d}.png) {shlex.join(words)}"}


def _times(job: Job) -> dict[str, tuple[int, float]]:
    """Stage -> (frames, seconds) of all that is kept, whichever run made it."""
    found: dict[str, tuple[int, float]] = {}
    manifest = job.project.manifest if job.project else None
    for name in manifest.files() if manifest else []:
        record = (manifest.latest(name) if manifest else None) or {}
        if isinstance(record.get("seconds"), int | float):
            count, total = found.get(str(record.get("stage")), (0, 0.0))
            found[str(record.get("stage"))] = count + 1, total + record["seconds"]
    return found


def _sheet(tiles: list[Image], columns: int = 4) -> Image:
    height, width = tiles[0].shape[:2]
    fill = np.zeros_like(tiles[0])
    padded = [resized(tile, (width, height)) for tile in tiles] + [fill] * (-len(tiles) % columns)
    return np.vstack([np.hstack(padded[start:start + columns]) for start in range(0, len(padded), columns)])


def _small(image: Image, side: int) -> Image:
    shrink = min(1.0, side / max(image.shape[:2]))
    return resized(image, (max(1, round(image.shape[1] * shrink)), max(1, round(image.shape[0] * shrink))))


def _jpeg(image: Image) -> str:
    return base64.b64encode(encode_jpeg(image, quality=80)).decode("ascii")


def _known(value: float) -> float | None:
    return round(value, 4) if np.isfinite(value) else None


STAGE = Stage("report", ReportSettings, run, on=False)
