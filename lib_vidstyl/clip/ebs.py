"""EbSynth's project files (.ebs): which keyframe makes which frames. The format is known from files in the field."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import astuple, dataclass, field, replace
from pathlib import PurePosixPath, PureWindowsPath

from lib_vidstyl.errors import ClipError

MAGIC = b"EBS05\0"
VERSION = b"V02\0"
TAIL = bytes.fromhex("0000f041c0020000")
MOST_KEYS = 20
"""Keys that EbSynth takes in one project."""
_LONGEST = 4096
_HASHES = "#####"


@dataclass(frozen=True)
class Weights:
    """EbSynth's own sliders, at its defaults."""

    keys: float = 1.0
    video: float = 4.0
    mask: float = 1.0
    mapping: float = 10.0
    deflicker: float = 1.0
    diversity: float = 3500.0


@dataclass(frozen=True)
class Synth:
    """One key and the frames made from it, `first` to `last`, both included; None: open at that end."""

    key: int
    first: int | None
    last: int | None
    output: str


@dataclass(frozen=True)
class EbsProject:
    """A project: patterns of file names relative to the .ebs file ("[#####]" is the frame number), and its synths."""

    frames: str = "video_frame/[#####].png"
    masks: str = ""
    keys: str = "video_key/[#####].png"
    synths: tuple[Synth, ...] = ()
    weights: Weights = field(default_factory=Weights)
    fine: bool = True
    gpu: bool = True


def planned(keys: Sequence[int], first: int, last: int) -> tuple[Synth, ...]:
    """A synth per key that reaches from the key before it to the key after it; `first` and `last` are the shot's frames.

    keys: rising frame numbers. The spans overlap between two keys, so that they can be faded into each other.
    """
    ends = [first, *keys, last]
    return tuple(Synth(key, ends[place], ends[place + 2], f"out-{key:05d}/[{_HASHES}].png") for place, key in enumerate(keys))


def split(project: EbsProject, most: int = MOST_KEYS) -> list[EbsProject]:
    """The same project in parts of at most `most` keys."""
    parts = [project.synths[start:start + most] for start in range(0, len(project.synths), most)]
    return [replace(project, synths=part) for part in parts]


def named(pattern: str, frame: int) -> str:
    """A pattern's file name for a frame: "out/[###].png" and 7 is "out/007.png"."""
    begin, end = pattern.find("["), pattern.find("]")
    return f"{pattern[:begin]}{frame:0{end - begin - 1}d}{pattern[end + 1:]}"


def to_bytes(project: EbsProject) -> bytes:
    """The file's content."""
    parts = [MAGIC, *map(_text, (project.frames, project.masks, project.keys)), struct.pack("<B", bool(project.masks))]
    parts.append(struct.pack("<6f", *astuple(project.weights)))
    parts.append(struct.pack("<i", len(project.synths)))
    for synth in project.synths:
        bounds = synth.first is not None, synth.last is not None
        parts.append(struct.pack("<iBBii", synth.key, *bounds, synth.first or 0, synth.last or 0) + _text(synth.output))
    return b"".join([*parts, VERSION, struct.pack("<B3xB", project.fine, project.gpu), TAIL])


def from_bytes(data: bytes, *, where: object = "project.ebs") -> EbsProject:
    """Read a project. Raises ClipError for anything else, and for names that lead out of the project's folder."""
    if not data.startswith(MAGIC):
        raise _broken("is no EbSynth project of a version that is known here", where)
    reader = _Reader(data, len(MAGIC), where)
    frames, masks, keys = reader.text(), reader.text(), reader.text()
    masked, *sliders = reader.unpack("<B6f")
    (count,) = reader.unpack("<i")
    if not 0 <= count <= len(data):
        raise _broken("is damaged", where)
    synths = tuple(reader.synth() for _ in range(count))
    tail = data[reader.place:]
    fine, gpu = (bool(tail[4]), bool(tail[8])) if tail.startswith(VERSION) and len(tail) > 8 else (True, True)
    return EbsProject(frames, masks if masked else "", keys, synths, Weights(*sliders), fine, gpu)


class _Reader:
    """Reads on from a place in the file's bytes."""

    def __init__(self, data: bytes, place: int, where: object) -> None:
        self.data, self.place, self.where = data, place, where

    def unpack(self, layout: str) -> tuple:
        try:
            values = struct.unpack_from(layout, self.data, self.place)
        except struct.error as error:
            raise _broken("is cut short", self.where) from error
        self.place += struct.calcsize(layout)
        return values

    def text(self) -> str:
        (length,) = self.unpack("<i")
        if not 0 <= length <= _LONGEST:
            raise _broken("is damaged", self.where)
        (raw,) = self.unpack(f"<{length}s")
        try:
            pattern = raw.decode("utf-8")
        except UnicodeDecodeError as error:
            raise _broken("is damaged", self.where) from error
        if pattern and not _stays_inside(pattern):
            raise _broken(f"names files outside of its folder, or without a frame number ({pattern[:60]!r})", self.where)
        return pattern

    def synth(self) -> Synth:
        key, has_first, has_last, first, last = self.unpack("<iBBii")
        return Synth(key, first if has_first else None, last if has_last else None, self.text())


def _text(pattern: str) -> bytes:
    raw = pattern.encode("utf-8")
    return struct.pack("<i", len(raw)) + raw


def _stays_inside(pattern: str) -> bool:
    """A relative pattern with one run of hashes in brackets and no way up."""
    posix, windows = PurePosixPath(pattern), PureWindowsPath(pattern)
    relative = not posix.is_absolute() and not windows.is_absolute() and not windows.drive and "\0" not in pattern
    hashes = pattern[pattern.find("[") + 1:pattern.find("]")]
    return relative and ".." not in windows.parts and bool(hashes) and set(hashes) == {"#"} and pattern.count("[") == 1


def _broken(what: str, where: object) -> ClipError:
    return ClipError(what, where=where, remedy="Save the project again in EbSynth, or export it again here.")
