"""Keyframes: only some frames are painted; the clip is looked through once to find the cuts and choose them."""

from __future__ import annotations

import json
from collections.abc import Generator, Iterator, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from pathlib import Path

from lib_vidstyl.clip import resized, selection_length, working_size
from lib_vidstyl.clip.folder import numbered_files
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.hashes import digest
from lib_vidstyl.motion.keys import choose
from lib_vidstyl.motion.shots import SIDE, Measure, cuts, measure
from lib_vidstyl.project import Project, fingerprint
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages import decode
from lib_vidstyl.stages.base import Frame, Job, Meter, Progress, Stage, Stream
from lib_vidstyl.stages.ranges import whole_numbers

VERSION = 1
"""Raised whenever measures change, so that none kept from before are taken."""
PLAN = "keys.json"
"""The project's file that says which frames are keys, and where the cuts are."""


@dataclass(frozen=True)
class KeyframeSettings(Settings):
    """Which frames are painted; the others are made from them."""

    choice: str = setting("motion", "Choose keyframes", "'motion': where the picture has changed enough; 'every': every n-th "
                          "frame; 'list': the frames named below; 'painted': the frames that the folder of painted frames has.",
                          choices=("motion", "every", "list", "painted"), flag="key-choice", basic=True)
    every: int = setting(30, "Every n-th frame is a key", "For the choice 'every'.", minimum=1, maximum=10000, flag="key-every")
    frames: str = setting("", "Keyframes", "Frame numbers for the choice 'list', as in 0, 45, 90.", flag="key-frames", basic=True)
    change: float = setting(1.0, "Change between keys", "For the choice 'motion': how much may change until the next key; less "
                            "gives more keys.", minimum=0.1, maximum=10.0, step=0.1, flag="key-change", basic=True)
    most: int = setting(0, "Keys at most", "For the choice 'motion': no more keys than this, but one per shot; 0: as many as "
                        "needed.", minimum=0, maximum=100000, flag="key-most")
    gap: int = setting(8, "Frames between keys at least", "For the choice 'motion'.", minimum=1, maximum=10000, flag="key-gap")
    span: int = setting(60, "Frames between keys at most", "For the choice 'motion'. Memory grows with the longest span.",
                        minimum=1, maximum=10000, flag="key-span")
    cuts: bool = setting(True, "Find cuts", "Each shot gets its own keys, and nothing is carried across a cut.", flag="cuts")


@dataclass(frozen=True)
class Plan:
    """What was found, by the clip's frame numbers: all selected frames, the first ones of new shots, and the keys."""

    frames: tuple[int, ...]
    cuts: tuple[int, ...]
    keys: tuple[int, ...]


def run(stream: Stream, settings: KeyframeSettings, job: Job) -> Stream:
    """Mark which frames are to be painted and where shots begin. Frames put into the project by hand are keys too."""
    plan = yield from planned(settings, job)
    if job.project:
        job.project.write_beside(PLAN, json.dumps(asdict(plan)).encode("utf-8"))
    keys, shots = set(plan.keys), set(plan.cuts)
    for item in stream:
        if isinstance(item, Frame):
            yield replace(item, to_paint=item.index in keys, cut=item.index in shots)
        else:
            yield item


def planned(settings: KeyframeSettings, job: Job) -> Generator[Progress, None, Plan]:
    """Look through the clip, yielding Progress values; the return value is the Plan.

    Raises SettingsError if no chosen key is among the selected frames.
    """
    frames, measures = yield from _looked_through(job)
    shots = cuts(measures) if settings.cuts else []
    wanted = _wanted(settings, job, frames, choose(measures, shots, most=settings.most, gap=settings.gap, span=settings.span,
                                                   change=settings.change))
    keys = tuple(index for index in frames if index in wanted)
    if not keys:
        raise SettingsError("none of the keyframes is among the chosen frames", where="keyframes",
                            remedy=f"The chosen frames are {frames[0]} to {frames[-1]}.")
    return Plan(tuple(frames), tuple(frames[place] for place in shots), keys)


def _wanted(settings: KeyframeSettings, job: Job, frames: Sequence[int], by_motion: Sequence[int]) -> set[int]:
    """Frame numbers of the keys, by the settings' choice, and those put there by hand."""
    if settings.choice == "list":
        numbers = whole_numbers(settings.frames, where="keyframes")
    elif settings.choice == "painted":
        folder = job.recipe["files"].painted
        if not folder:
            raise SettingsError("there is no folder of painted frames", where="keyframes", remedy="Give one with --painted FOLDER.")
        numbers = list(numbered_files(Path(folder)))
    else:
        numbers = [frames[place] for place in (range(0, len(frames), settings.every) if settings.choice == "every" else by_motion)]
    return {*numbers, *(by_hand(job.project) if job.project else ())}


def by_hand(project: Project) -> Iterator[int]:
    """Numbers of pictures in the project's folder of painted frames that it has no record of: somebody has put them there."""
    folder = project.folder / "frames"
    for path in folder.glob("*.png") if folder.is_dir() else ():
        if path.stem.isdigit() and project.manifest.latest(project.name_of(path)) is None:
            yield int(path.stem)


def _looked_through(job: Job) -> Generator[Progress, None, tuple[list[int], list[Measure]]]:
    """(frame numbers, measures) of all selected frames; kept, since it takes a while."""
    chosen = job.recipe["decode"]
    key = ["measures", VERSION, fingerprint(job.clip.info.path), digest(astuple(chosen))]
    kept = job.cache.get(key) if job.cache else None
    if kept is not None:
        entries = json.loads(kept)
        measures = [Measure(**{**facts, "signature": tuple(facts["signature"])}) for _, facts in entries]
        return [index for index, _ in entries], measures
    of = selection_length(job.clip, start=chosen.start, end=chosen.end, every=chosen.every)
    meter, before = Meter("analysis", job, of), None
    frames: list[int] = []
    measures = []
    for picture in decode.chosen(chosen, job):
        image = resized(picture.image, working_size(*picture.image.shape[1::-1], longest_side=SIDE))
        frames.append(picture.index)
        measures.append(measure(before, image))
        before = image
        yield meter.advance(picture.index)
    if job.cache:
        entries = [[index, asdict(found)] for index, found in zip(frames, measures, strict=True)]
        job.cache.put(key, json.dumps(entries).encode("utf-8"))
    return frames, measures


STAGE = Stage("keyframes", KeyframeSettings, run, on=False)
