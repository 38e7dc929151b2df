"""A media file opened safely: a regular local file, a known container, nothing that it names is ever opened."""

from __future__ import annotations

import logging
import os
import stat
import time
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import av
import av.container
from av.video.stream import VideoStream

from lib_vidstyl.clip.picture import MAX_PIXELS, check_size
from lib_vidstyl.errors import ClipError

OPEN_SECONDS = 20.0
READ_SECONDS = 20.0
"""How long a file may keep the parser busy: at opening, and for one packet."""
BUFFER_BYTES = 1 << 18
# What the media library has to say about a file comes with the exception; older PyAV would print it as well.
logging.getLogger("libav").addHandler(logging.NullHandler())
_COVER_CODECS = ("mjpeg", "png", "bmp", "gif", "webp")


def open_regular(path: Path) -> BinaryIO:
    """A regular file for reading. Raises ClipError for what is absent, forbidden, or a pipe, socket or device."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise ClipError("is not a regular file", where=path, remedy="Copy the clip to a file on a disk and give that.")
        handle = path.open("rb")
    except OSError as error:
        raise ClipError(f"cannot be read ({error.strerror})", where=path,
                        remedy="Check the name and your rights to it.") from error
    return handle


class _Source:
    """The file as the parser sees it: nameless, and with a deadline."""

    name = "clip"

    def __init__(self, handle: BinaryIO) -> None:
        self._handle = handle
        self.deadline: float | None = time.monotonic() + OPEN_SECONDS

    def read(self, size: int) -> bytes:
        if self.deadline and time.monotonic() > self.deadline:
            raise TimeoutError("the file keeps its parser busy for too long")
        return self._handle.read(size)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        return self._handle.seek(offset, whence)

    def tell(self) -> int:
        return self._handle.tell()


def _refuse(url: str, flags: int, options: dict[str, str]) -> None:
    raise PermissionError(f"the clip asks for another file: {url[:80]}")


class Media:
    """An open container with its picture stream chosen. A context manager.

    container, stream: PyAV's. `close` may be called twice.
    """

    container: av.container.InputContainer
    stream: VideoStream

    def __init__(self, path: Path, demuxer: str) -> None:
        self.path, self.demuxer = path, demuxer
        self._handle = open_regular(path)
        try:
            self._open()
        except BaseException:
            self.close()
            raise

    def _open(self) -> None:
        source = _Source(self._handle)
        # Options for streams as well would crash PyAV below 18 on containers without a list of streams, as MPEG-TS.
        options = {"protocol_whitelist": "file", "format_whitelist": self.demuxer}
        try:
            self.container = av.open(
                source, mode="r", format=self.demuxer, container_options=options, metadata_errors="replace",
                buffer_size=BUFFER_BYTES, timeout=(OPEN_SECONDS, READ_SECONDS), io_open=_refuse)
        except Exception as error:  # whatever a parser trips over, the file is at fault
            raise damaged(error, self.path) from error
        source.deadline = None
        self.stream = _picture_stream(self.container, self.path)
        check_size(self.stream.codec_context.width, self.stream.codec_context.height, self.path)
        self.stream.codec_context.thread_type = "AUTO"
        self.stream.codec_context.options = {"max_pixels": str(MAX_PIXELS)}

    def close(self) -> None:
        """Close container and file."""
        if hasattr(self, "container"):
            self.container.close()
        self._handle.close()

    def __enter__(self) -> Media:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()


def damaged(error: Exception, path: Path) -> ClipError:
    """What to tell about a file whose parser gave up."""
    reason = "takes too long to open" if isinstance(error, TimeoutError) else "is damaged or no video"
    detail = str(getattr(error, "strerror", None) or error or type(error).__name__).split("\n")[0][:120]
    return ClipError(f"{reason} ({detail})", where=path,
                     remedy="Play it to see whether it is whole; copy or export it again, as MP4 for instance.")


def _picture_stream(container: Any, path: Path) -> VideoStream:
    """The first video stream that is not a cover picture and can be decoded."""
    videos = [stream for stream in container.streams.video if not _is_cover(stream, container)]
    for stream in videos:
        if stream.codec_context is not None:
            return stream
    if videos:
        raise ClipError("holds pictures in a codec that is not known here", where=path, remedy="Export it as H.264 in MP4.")
    if container.streams.audio:
        raise ClipError("holds sound only, no pictures", where=path, remedy="Give a clip with pictures.")
    raise ClipError("holds no pictures", where=path, remedy="Give a clip with pictures.")


def sound_streams(container: Any) -> list[Any]:
    """The sound tracks that can be decoded, in the file's order."""
    return [stream for stream in container.streams.audio if stream.codec_context is not None and stream.codec_context.sample_rate]


def _is_cover(stream: VideoStream, container: Any) -> bool:
    """Whether a stream is an album cover: marked as one, or, in older PyAV, a lone still beside sound."""
    marks = getattr(stream, "disposition", None)
    if marks is not None:
        return bool(int(getattr(marks, "value", marks)) & 0x400)  # PyAV 17 has flags that are no numbers, 18 numbers
    still = stream.codec_context is not None and stream.codec_context.name in _COVER_CODECS
    return still and stream.frames <= 1 and stream.guessed_rate in (None, 90000) and bool(container.streams.audio)
