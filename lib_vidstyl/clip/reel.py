"""One decoder going through a video: frames in the order in which they are shown, from any frame on."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame

from lib_vidstyl.clip.index import Index
from lib_vidstyl.clip.media import Media

_ALPHA_DECODERS = {"vp8": "libvpx", "vp9": "libvpx-vp9"}
Ranked = tuple[int, VideoFrame]


class Reel:
    """A video file with its decoder. A context manager.

    damaged: how many packets or frames the decoder complained about so far.
    """

    def __init__(self, path: Path, demuxer: str) -> None:
        self.media = Media(path, demuxer)
        self.damaged = 0
        self._decoder: Any = self.media.stream.codec_context
        self._alpha_decoder()

    def _alpha_decoder(self) -> None:
        """VP8 and VP9 keep alpha beside the pictures, where only the codec's own library finds it."""
        stream = self.media.stream
        name = _ALPHA_DECODERS.get(stream.codec_context.codec.canonical_name if hasattr(
            stream.codec_context.codec, "canonical_name") else stream.codec_context.name)
        marked = {key.lower(): value for key, value in stream.metadata.items()}.get("alpha_mode") == "1"
        if name and marked and name in av.codecs_available:
            self._decoder = av.CodecContext.create(name, "r")
            self._decoder.extradata = stream.codec_context.extradata

    def decoded(self, *, from_key: bool = False) -> Iterator[VideoFrame]:
        """Frames from where the file stands, in order; what cannot be decoded is left out.

        from_key: skip packets before the first keyframe, which some containers give after a seek.
        """
        for packet in self._packets():
            if from_key and not packet.is_keyframe and packet.size:
                continue
            from_key = False
            yield from self._frames(packet if packet.size else None)

    def _packets(self) -> Iterator[Any]:
        """Packets to the end, and then an empty one even if the end is an error."""
        try:
            for packet in self.media.container.demux(self.media.stream):
                yield packet
                if not packet.size:
                    return
        except (av.FFmpegError, OSError):
            self.damaged += 1
            yield av.Packet()

    def _frames(self, packet: Any) -> list[VideoFrame]:
        try:
            frames = self._decoder.decode(packet)
        except EOFError:
            return []
        except (av.FFmpegError, ValueError, MemoryError):
            self.damaged += 1
            return []
        self.damaged += sum(1 for frame in frames if frame.is_corrupt)
        return frames

    def ranked(self, index: Index, first: int) -> Iterator[Ranked]:
        """(rank, frame) from frame `first` or somewhat before it on; ranks rise."""
        if not index.timed:
            self._restart(None)
            return _rising(enumerate(self.decoded()))
        for pts in _entry_points(index, first):
            self._restart(pts)
            frames = _rising((index.rank(_time(frame)), frame) for frame in self.decoded(from_key=pts is not None))
            head = next(frames, None)
            if head and (head[0] <= first or pts is None):
                return chain([head], frames)
        return iter(())

    def _restart(self, pts: int | None) -> None:
        """Move to the keyframe at or before a timestamp; None: to the beginning, by opening the file afresh."""
        if pts is not None:
            try:
                self.media.container.seek(pts, stream=self.media.stream)
            except (av.FFmpegError, OSError):
                pts = None
        if pts is None:
            fresh = Media(self.media.path, self.media.demuxer)
            self.media.close()
            self.media = fresh
        self._decoder = self.media.stream.codec_context
        self._alpha_decoder()

    def close(self) -> None:
        """Close the file."""
        self.media.close()

    def __enter__(self) -> Reel:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _time(frame: VideoFrame) -> int:
    """A frame's timestamp; its decoding time where the file has none."""
    stamp = frame.pts if frame.pts is not None else frame.dts
    return -(2**62) if stamp is None else stamp


def _entry_points(index: Index, first: int) -> Iterator[int | None]:
    """Where to try to begin so that frame `first` comes out whole: the best place first, the file's beginning last.

    Containers seek by presentation or by decoding time; both are tried, the latter a keyframe earlier.
    """
    key = index.key(first)
    if key > 0:
        yield int(index.keys[key])
        yield int(index.key_dts[max(key - 1, 0)])
    yield None


def _rising(frames: Iterator[Ranked]) -> Iterator[Ranked]:
    """Without frames that are not in the index or come twice."""
    last = -1
    for rank, frame in frames:
        if rank > last:
            last = rank
            yield rank, frame


def steady(frames: Iterator[Ranked], first: int, stop: int) -> Iterator[tuple[int, VideoFrame, bool]]:
    """(rank, frame, own) for every rank from `first` to before `stop`: a missing frame is replaced by the one before it.

    own is False for a replacement. Before the first decodable frame, that one is shown; without any, nothing comes.
    """
    shown: VideoFrame | None = None
    rank = first
    for at, frame in frames:
        while rank < min(at, stop):
            yield rank, shown or frame, False
            rank += 1
        if rank >= stop:
            return
        shown = frame
        if at == rank:
            yield rank, frame, True
            rank += 1
            if rank >= stop:
                return
    while shown is not None and rank < stop:
        yield rank, shown, False
        rank += 1
