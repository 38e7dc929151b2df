"""A folder of pictures as a clip."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from lib_vidstyl.clip.model import ClipInfo, Image, Picture, Plane
from lib_vidstyl.clip.picture import PICTURE_SUFFIXES, has_alpha, open_pillow, read_picture, upright_size
from lib_vidstyl.errors import ClipError

_DIGITS = re.compile(r"\d+", re.ASCII)
_MOST_GAPS = 5


class FolderClip:
    """The pictures of a folder in the order of their numbers (see `clip.model.Clip`), `fps` of them a second.

    numbers: the number in each picture's name, None where names have none. Raises ClipError for a folder without
    readable pictures, or with pictures of different sizes.
    """

    def __init__(self, path: Path, *, fps: Fraction = Fraction(25)) -> None:
        names, others = _listed(path)
        if not names:
            raise _nothing_in(path, others)
        ordered = in_order(names)
        self._files = [path / name for name, _number in ordered]
        self.numbers = tuple(number for _name, number in ordered)
        size, alpha, unreadable = _surveyed(self._files)
        self._lost: set[str] = {file.name for file in unreadable}
        self._info = ClipInfo(
            path=path, kind="folder", width=size[0], height=size[1], fps=fps, frames=len(names), exact=True,
            duration=len(names) / fps, codec=self._files[0].suffix[1:].lower(), matrix="rgb", full_range=True,
            alpha=alpha, notices=tuple(_notices(self.numbers, others, unreadable)))

    @property
    def info(self) -> ClipInfo:
        """The facts."""
        return self._info

    @property
    def files(self) -> tuple[Path, ...]:
        """The pictures' files in order."""
        return tuple(self._files)

    def count(self) -> int:
        """The number of pictures."""
        return len(self._files)

    def time_of(self, index: int) -> Fraction:
        """Seconds at which a picture is shown; `time_of(count())` is the clip's end."""
        return min(max(index, 0), len(self._files)) / self._info.fps

    def frame_at(self, time: Fraction) -> int:
        """The first picture shown at or after `time` seconds; `count()` if there is none."""
        return min(max(0, -int(-time * self._info.fps // 1)), len(self._files))

    def pictures(self, first: int = 0, end: int | None = None, *, every: int = 1) -> Iterator[Picture]:
        """Every `every`-th picture from picture `first` on, in order, until the end or before picture `end`."""
        stop = self.count() if end is None else min(end, self.count())
        for index in range(first, stop, every):
            yield self.picture(index)

    def picture(self, index: int) -> Picture:
        """One picture by its place. A damaged file is shown as the picture before it, or the next readable one."""
        if not 0 <= index < self.count():
            raise ClipError(f"has no picture {index}", where=self._info.path,
                            remedy=f"Its pictures are 0 to {self.count() - 1}.")
        image, alpha = self._nearest(index)
        return Picture(index, self.time_of(index), 1 / self._info.fps, image, alpha)

    def _nearest(self, index: int) -> tuple[Image, Plane | None]:
        for place in (*range(index, -1, -1), *range(index + 1, self.count())):
            file = self._files[place]
            if file.name in self._lost:
                continue
            try:
                return self._read(file)
            except ClipError as error:
                self._lose(file, error)
        raise ClipError("holds no picture that can be read", where=self._info.path, remedy="Export the pictures again.")

    def _read(self, file: Path) -> tuple[Image, Plane | None]:
        image, alpha = read_picture(file)
        if image.shape[1::-1] != (self._info.width, self._info.height):
            raise ClipError("has changed its size while it was used", where=file, remedy="Start again.")
        return image, alpha

    def _lose(self, file: Path, error: ClipError) -> None:
        self._lost.add(file.name)
        notice = f"{file.name} {error.what}; the picture before it is shown in its place."
        self._info = replace(self._info, notices=(*self._info.notices, notice))

    def close(self) -> None:
        """Nothing is kept open."""

    def __enter__(self) -> FolderClip:
        return self

    def __exit__(self, *exc: object) -> None: ...


def in_order(names: Sequence[str]) -> list[tuple[str, int | None]]:
    """File names with their numbers, in the order of the number in the name.

    Where names differ in digits only, the last number that varies counts ("v2_shot_0001_final3.png"); otherwise names
    come in natural order ("9" before "10"). Numbers are None where they do not tell pictures apart.
    """
    fields = {name: [int(digits) for digits in _DIGITS.findall(Path(name).stem)] for name in names}
    alike = len({_DIGITS.sub("#", Path(name).stem) for name in names}) == 1
    varying = [values for values in zip(*fields.values(), strict=True) if len(set(values)) > 1] if alike else []
    if varying and len(set(varying[-1])) == len(names):
        return sorted(zip(names, varying[-1], strict=True), key=lambda pair: (pair[1], pair[0]))
    ordered = sorted(names, key=_natural)
    last = [fields[name][-1] if fields[name] else None for name in ordered]
    tell_apart = None not in last and len(set(last)) == len(last)
    return list(zip(ordered, last if tell_apart else [None] * len(last), strict=True))


def _natural(name: str) -> tuple[object, ...]:
    """Sorting key: runs of digits as numbers, the rest without regard to case."""
    parts = re.split(r"(\d+)", name, flags=re.ASCII)
    return (*((int(part), "") if place % 2 else (-1, part.casefold()) for place, part in enumerate(parts)), name)


def _listed(path: Path) -> tuple[list[str], list[str]]:
    """(names of pictures, names of other entries), hidden ones among the others."""
    try:
        pictures = [entry.name for entry in pictures_in(path)]
        others = sorted({entry.name for entry in path.iterdir()} - set(pictures))
    except OSError as error:
        raise ClipError(f"cannot be read ({error.strerror})", where=path, remedy="Check your rights to it.") from error
    return pictures, others


def pictures_in(path: Path) -> list[Path]:
    """The files of a folder that are taken for its pictures, by name. Raises OSError."""
    return [entry for entry in sorted(path.iterdir()) if _is_picture(entry)]


def _is_picture(entry: Path) -> bool:
    return entry.suffix.lower() in PICTURE_SUFFIXES and not entry.name.startswith((".", "~")) and entry.is_file()


def _nothing_in(path: Path, others: Sequence[str]) -> ClipError:
    clips = [name for name in others if Path(name).suffix.lower() in (".mp4", ".mov", ".mkv", ".webm", ".avi", ".gif")]
    remedy = f"Did you mean {path / clips[0]}?" if clips else "Give a video file, or a folder of PNG or JPEG pictures."
    return ClipError("holds no pictures", where=path, remedy=remedy)


def _surveyed(files: Sequence[Path]) -> tuple[tuple[int, int], bool, list[Path]]:
    """(size, alpha, unreadable files) by the headers of all files. Raises ClipError if sizes differ."""
    first: tuple[Path, tuple[int, int]] | None = None
    alpha, unreadable = False, []
    for file in files:
        try:
            with open_pillow(file, file) as picture:
                size, transparent = upright_size(picture), has_alpha(picture)
        except ClipError as error:
            unreadable.append(file)
            problem = error
            continue
        first = first or (file, size)
        alpha = alpha or transparent
        if size != first[1]:
            raise ClipError(
                f"holds pictures of different sizes: {first[0].name} is {first[1][0]}x{first[1][1]}, "
                f"{file.name} is {size[0]}x{size[1]}", where=file.parent, remedy="Bring them to one size, or move one kind away.")
    if first is None:
        raise ClipError(f"holds no picture that can be read; {problem.where} {problem.what}", where=files[0].parent,
                        remedy=problem.remedy)
    return first[1], alpha, unreadable


def _notices(numbers: Sequence[int | None], others: Sequence[str], unreadable: Sequence[Path]) -> Iterator[str]:
    missing = gaps([number for number in numbers if number is not None])
    if missing:
        shown = ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in missing[:_MOST_GAPS])
        more = f" and {len(missing) - _MOST_GAPS} more gaps" if len(missing) > _MOST_GAPS else ""
        yield f"Picture numbers {shown}{more} are missing; the pictures there are taken as one sequence."
    if others:
        yield f"{len(others)} other files in the folder are ignored ({', '.join(others[:3])}{', ...' * (len(others) > 3)})."
    if unreadable:
        names = ", ".join(file.name for file in unreadable[:3])
        yield f"{len(unreadable)} pictures cannot be read ({names}); the picture before is shown in their place."


def gaps(numbers: Sequence[int]) -> list[tuple[int, int]]:
    """(first, last) of each run of numbers missing from a rising sequence; none if it rises by one constant step."""
    steps = {after - before for before, after in pairwise(numbers)}
    if len(steps) < 2:
        return []
    step = min(steps)
    return [(before + step, after - step) for before, after in pairwise(numbers) if after - before > step]


def numbered_files(path: Path) -> dict[int, list[Path]]:
    """Number in the name -> pictures of a folder; those without a number are left out. Raises ClipError.

    The number is the last one that varies, else the last one ("v2_shot_0001_final3.png").
    """
    if not path.is_dir():
        raise ClipError("is no folder", where=path, remedy="Give a folder of pictures.")
    found: dict[int, list[Path]] = {}
    for name, number in in_order(_listed(path)[0]):
        digits = _DIGITS.findall(Path(name).stem)
        if number is None and digits:
            number = int(digits[-1])
        if number is not None:
            found.setdefault(number, []).append(path / name)
    return found
