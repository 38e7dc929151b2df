"""Export for EbSynth: the clip's frames, the painted keys at the clip's size, and project files that say which makes what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from lib_vidstyl.clip import open_clip, read_picture, resized
from lib_vidstyl.clip.atomic import write_whole
from lib_vidstyl.clip.ebs import EbsProject, Synth, named, planned, split, to_bytes
from lib_vidstyl.clip.folder import numbered_files
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import OutputError, SettingsError, write_failed
from lib_vidstyl.front.keys import plan_of
from lib_vidstyl.front.session import Order
from lib_vidstyl.stages.keyframes import Plan


def export(work: Order, folder: Path) -> list[Path]:
    """Write everything that EbSynth needs into an empty or new folder; the project files are returned.

    work: its recipe must take its keys from a folder of painted ones. EbSynth refuses keys of another size than the
    clip's, and more than 20 in a project: keys are resized, and the project is split. No span crosses a cut.
    Raises OutputError if the folder is not empty or cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError("there is something at this place already", where=folder, remedy="Choose an empty or new folder.")
    if not work.recipe["files"].painted:
        raise SettingsError("EbSynth needs painted keys", where="--keys", remedy="Give the folder that holds them.")
    plan = plan_of(work)
    parts = split(EbsProject(synths=tuple(_synths(plan))))
    try:
        _write_pictures(work, plan, parts[0], folder)
        return [_written(folder / (f"keys-{number}.ebs" if len(parts) > 1 else "keys.ebs"), to_bytes(part))
                for number, part in enumerate(parts, start=1)]
    except OSError as error:
        raise write_failed(error, folder) from error


def _synths(plan: Plan) -> Iterator[Synth]:
    """The keys' spans, shot by shot."""
    for first, stop in zip((plan.frames[0], *plan.cuts), (*plan.cuts, plan.frames[-1] + 1), strict=True):
        frames = [frame for frame in plan.frames if first <= frame < stop]
        yield from planned([key for key in plan.keys if first <= key < stop], frames[0], frames[-1])


def _write_pictures(work: Order, plan: Plan, project: EbsProject, folder: Path) -> None:
    painted, wanted = numbered_files(Path(work.recipe["files"].painted)), set(plan.frames)
    with open_clip(work.clip) as clip:
        for picture in clip.pictures(plan.frames[0], plan.frames[-1] + 1):
            if picture.index in wanted:
                _written(folder / named(project.frames, picture.index), encode_png(picture.image))
        for key in plan.keys:
            image = read_picture(painted[key][0])[0]
            _written(folder / named(project.keys, key), encode_png(resized(image, (clip.info.width, clip.info.height))))


def _written(path: Path, data: bytes) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, data)
    return path
