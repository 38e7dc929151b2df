"""A film being written: pictures and sound in, a finished file under its name at the end, or nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from fractions import Fraction
from pathlib import Path
from typing import Any, Protocol

import av
import av.error
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, Interpolation
from PIL import Image as Pillow

from lib_vidstyl.clip.atomic import replace, temporary
from lib_vidstyl.clip.formats import FORMATS, Format
from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.clip.sequence import Sequence, read_notes
from lib_vidstyl.clip.sound import Sound, Track, opened_media
from lib_vidstyl.errors import OutputError, write_failed

_TROUBLE = (OSError, ValueError, av.error.FFmpegError)
BT709 = 1
"""The number of BT.709 in the codecs' tables of primaries, transfer and matrix."""


class Film(Protocol):
    """What is being written: a file, or a folder of pictures. A context manager: leaving it closes, an exception aborts.

    path: where it will be, may be changed until `close`. notices: sentences about what could not be as asked. files: what it
    consists of, as far as it is finished.
    """

    path: Path
    notices: list[str]
    files: set[Path]

    def write(self, image: Image, *, time: Fraction, duration: Fraction, index: int, alpha: Plane | None = None) -> None:
        """Add a picture at a film time; times rise, in seconds."""

    def close(self) -> None:
        """Finish, and give the file its name."""

    def abort(self) -> None:
        """Leave nothing behind."""

    def __enter__(self) -> Film: ...

    def __exit__(self, *exc: object) -> None: ...


def open_film(path: Path, *, format: str, size: tuple[int, int], fps: Fraction, quality: int = 80,  # noqa: A002 - its name
              sound: Sound | None = None, metadata: Mapping[str, str] | None = None, alpha: bool = False,
              begin: Callable[[Path], None] = lambda unfinished: None,
              record: Callable[[Path, Path], None] = lambda path, unfinished: None) -> Film:
    """Start a film of (width, height) pictures.

    format: a name of FORMATS. fps: the nominal rate; each picture has its own time. quality: 0-100. alpha: pictures come
    with transparency. begin(unfinished) is called before there is an unfinished file that may grow large, and
    record(path, unfinished) before a finished file gets its name. Raises OutputError if it cannot be written there.
    """
    kind = FORMATS[format]
    check_place(path)
    if not kind.container:
        return Sequence(path, record=record, metadata=metadata or {})
    unfinished = temporary(path)
    begin(unfinished)
    return FilmFile(path, kind, size=size, fps=fps, quality=quality, sound=sound, metadata=metadata or {}, alpha=alpha,
                    unfinished=unfinished, record=record)


def check_place(path: Path) -> None:
    """Raise OutputError unless there is a folder for a film of this name."""
    if not path.parent.is_dir():
        raise OutputError("its folder does not exist", where=path, remedy="Make the folder first, or choose another.")


class FilmFile:
    """A film in one file. Implements `Film`."""

    def __init__(self, path: Path, kind: Format, *, size: tuple[int, int], fps: Fraction, quality: int, sound: Sound | None,
                 metadata: Mapping[str, str], alpha: bool, unfinished: Path, record: Callable[[Path, Path], None]) -> None:
        self.path, self.kind, self._record = path, kind, record
        self.notices: list[str] = []
        self.files: set[Path] = set()
        self._unfinished = unfinished
        self._fps = _plain(fps)
        self._alpha = alpha and kind.alpha
        self._padded = _padded(size, kind)
        if self._padded != size:
            made = "x".join(map(str, self._padded))
            self.notices.append(f"{size[0]}x{size[1]} pixels do not fit {kind.name}: the film has {made}, its border repeated.")
        self._track: Track | None = None
        self._durations: dict[int, int] = {}
        self._pts: int | None = None
        self._last: tuple[Fraction, Fraction] = (Fraction(-1), Fraction(0))
        try:
            self._open(quality, metadata)
            if sound:
                self._add_sound(sound)
        except _TROUBLE as error:
            self.abort()
            raise self._failed(error) from error

    def _open(self, quality: int, metadata: Mapping[str, str]) -> None:
        options = {"fflags": "+bitexact", **dict(self.kind.container_options)}
        self._output: Any = av.open(f"file:{self._unfinished}", "w", format=self.kind.container, options=options)
        self._output.metadata.update(metadata)
        pixels = self.kind.pixels_alpha if self._alpha else self.kind.pixels
        # The encoder is told a rate that it takes; the pictures have their own times all the same.
        rate = min(self._fps, Fraction(self.kind.fastest)) if self.kind.fastest else self._fps
        stream: Any = self._output.add_stream(self.kind.encoder, rate=rate, options=self.kind.options(quality, self._alpha))
        stream.width, stream.height = self._padded
        stream.pix_fmt = pixels
        context = stream.codec_context
        context.time_base = stream.time_base = _time_base(self._fps, self.kind)
        context.thread_type = "AUTO"
        if self.kind.tag:
            context.codec_tag = self.kind.tag
        if not pixels.startswith(("bgr", "pal")):
            context.color_primaries = context.color_trc = context.colorspace = BT709
            context.color_range = int(ColorRange.MPEG)
        self._stream, self._pixels = stream, pixels
        self._base = context.time_base

    def _add_sound(self, sound: Sound) -> None:
        if not self.kind.sound:
            self.notices.append(f"A {self.kind.name} film holds no sound.")
            return
        self._track = Track(sound, self._output, self.kind)

    def write(self, image: Image, *, time: Fraction, duration: Fraction, index: int, alpha: Plane | None = None) -> None:
        """Add a picture; see `Film`. Raises OutputError."""
        try:
            pts = round(time / self._base)
            if self._left_out(pts):
                return
            frame = self._frame(image, alpha)
            self._pts = frame.pts = pts
            frame.time_base = self._base
            self._durations[frame.pts] = max(1, round((time + duration) / self._base) - frame.pts)
            self._mux(self._stream.encode(frame))
            self._last = (time, duration)
            if self._track:
                self._track.advance(time)
        except _TROUBLE as error:
            raise self._failed(error) from error

    def _left_out(self, pts: int) -> bool:
        """Whether a picture comes sooner after the one before it than the format can say."""
        soon = self._pts is not None and pts - self._pts < self.kind.least_ticks
        notice = "A GIF shows 50 pictures a second at most; those in between are left out."
        if soon and notice not in self.notices:
            self.notices.append(notice)
        return soon

    def close(self) -> None:
        """Finish the file and give it its name. Raises OutputError, leaving nothing behind."""
        try:
            self._mux(self._stream.encode(None))
            if self._track:
                self._track.advance(sum(self._last, Fraction(0)))
                self.notices += [self._track.trouble] * bool(self._track.trouble)
            self._release()
            self._record(self.path, self._unfinished)
            replace(self._unfinished, self.path)
            self.files.add(self.path)
        except _TROUBLE as error:
            raise self._failed(error) from error
        finally:
            if not self.files:
                self.abort()

    def abort(self) -> None:
        """Leave nothing behind."""
        with suppress(*_TROUBLE):
            self._release()
        with suppress(OSError):
            self._unfinished.unlink()

    def __enter__(self) -> Film:
        return self

    def __exit__(self, *exc: object) -> None:
        if exc[0] is None:
            self.close()
        else:
            self.abort()

    def _frame(self, image: Image, alpha: Plane | None) -> Any:
        """The picture in the film's own pixels, BT.709 limited range where these are YUV."""
        width, height = self._padded
        if image.shape[:2] != (height, width):
            edges = ((0, height - image.shape[0]), (0, width - image.shape[1]))
            image = np.pad(image, (*edges, (0, 0)), "edge")
            alpha = None if alpha is None else np.pad(alpha, edges, "edge")
        if self._pixels == "pal8":
            return _paletted(image)
        frame = _rgba_frame(image, alpha) if self._alpha else av.VideoFrame.from_ndarray(image, format="rgb24")
        if self._pixels.startswith("bgr"):
            return frame.reformat(format=self._pixels)
        return frame.reformat(format=self._pixels, dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG,
                              interpolation=Interpolation.BICUBIC)

    def _mux(self, packets: list[Any]) -> None:
        for packet in packets:
            packet.duration = self._durations.pop(packet.pts, packet.duration)
            self._output.mux(packet)

    def _failed(self, error: Exception) -> OutputError:
        """What the user is told. FFmpeg rarely says why; mostly the encoder does not take the size."""
        if isinstance(error, OSError):
            return write_failed(error, self.path)
        width, height = self._padded
        said = (getattr(error, "strerror", None) or str(error))[:120]
        what = f"{width}x{height} pixels, {float(self._fps):.6g} frames a second"
        return OutputError(f"no {self.kind.name} film could be written of {what} ({said})", where=self.path,
                           remedy="Try another format, or a smaller size.")

    def _release(self) -> None:
        if self._track:
            self._track.close()
        if hasattr(self, "_output"):
            self._output.close()


def read_metadata(path: Path) -> dict[str, str]:
    """What is noted in a film's metadata, names in lower case. Raises ClipError if it is no film."""
    if path.is_dir():
        return read_notes(path)
    with opened_media(path) as media:
        return {name.lower(): value for name, value in media.container.metadata.items()}


def _padded(size: tuple[int, int], kind: Format) -> tuple[int, int]:
    """The size in the format's multiples and not below its smallest."""
    width, height = (max(kind.smallest, -(-side // kind.multiple) * kind.multiple) for side in size)
    return width, height


def _plain(fps: Fraction) -> Fraction:
    """The rate in numbers that every codec takes: a clip of uneven times may have a mean of any."""
    if max(fps.numerator, fps.denominator) <= 1_000_000:
        return fps
    return max(fps.limit_denominator(10_000), Fraction(1, 10_000))


def _time_base(fps: Fraction, kind: Format) -> Fraction:
    """Fine enough for any timestamp (about 90 kHz), and exact for constant frame rates."""
    if kind.name == "gif":
        return Fraction(1, 100)
    return Fraction(1, fps.numerator * -(-90000 // fps.numerator))


def _rgba_frame(image: Image, alpha: Plane | None) -> Any:
    plane = np.full(image.shape[:2], 255, np.uint8) if alpha is None else alpha
    return av.VideoFrame.from_ndarray(np.dstack([image, plane]), format="rgba")


def _paletted(image: Image) -> Any:
    """The picture in 256 colours of its own choice."""
    quantized = Pillow.fromarray(image).quantize(256, method=Pillow.Quantize.MEDIANCUT, dither=Pillow.Dither.FLOYDSTEINBERG)
    colours = np.zeros((256, 4), np.uint8)
    chosen = np.array(quantized.getpalette(), np.uint8).reshape(-1, 3)
    colours[:, 0] = 255
    colours[:len(chosen), 1:] = chosen
    pair: Any = (np.asarray(quantized), colours)
    return av.VideoFrame.from_ndarray(pair, format="pal8")
