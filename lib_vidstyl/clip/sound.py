"""The sound of a clip, carried into a film: copied packet by packet where the film can hold it, else encoded anew."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error

from lib_vidstyl.clip.formats import Format
from lib_vidstyl.clip.media import Media, open_regular, sound_streams
from lib_vidstyl.clip.sniff import HEAD_BYTES, sniffed

_AAC_RATES = (96000, 88200, 64000, 48000, 44100, 32000, 24000, 22050, 16000, 12000, 11025, 8000, 7350)


@dataclass(frozen=True)
class Sound:
    """The first sound track of a clip, from `start` on: seconds after the clip's first frame.

    offset: where the track itself begins, in the same seconds (`SoundInfo.start`).
    """

    path: Path
    start: Fraction = Fraction(0)
    offset: Fraction = Fraction(0)


class Track:
    """The film's sound while it is being written. `advance` brings it up to a film time; `close` frees the clip."""

    def __init__(self, sound: Sound, output: Any, kind: Format) -> None:
        self.trouble = ""
        self._media = opened_media(sound.path)
        stream: Any = sound_streams(self._media.container)[0]
        # What lies before the chosen range belongs to no picture; what starts later than it stays late.
        self._shift = sound.offset - sound.start - (stream.start_time or 0) * stream.time_base
        if stream.codec_context.name in kind.copies:
            self._out = output.add_stream_from_template(stream)
            self._packets = self._copied(stream)
        else:
            self._out = output.add_stream(kind.sound, rate=_rate(kind.sound, stream.codec_context.sample_rate))
            self._out.codec_context.layout = _layout(stream.codec_context)
            self._packets = self._encoded(stream)
        self._output, self._next = output, next(self._packets, None)

    def advance(self, time: Fraction) -> None:
        """Write all sound that starts before a film time, in seconds."""
        while self._next is not None and self._next[0] < time:
            self._output.mux(self._next[1])
            self._next = next(self._packets, None)

    def close(self) -> None:
        """Free the clip; what was not written yet is left out."""
        self._media.close()

    def _copied(self, stream: Any) -> Iterator[tuple[Fraction, Any]]:
        for packet in self._readable(self._media.container.demux(stream)):
            if packet.pts is None:
                continue
            at = packet.pts * packet.time_base + self._shift
            if at >= 0:
                packet.stream = self._out
                packet.pts = packet.dts = round(at / packet.time_base)
                yield at, packet

    def _encoded(self, stream: Any) -> Iterator[tuple[Fraction, Any]]:
        for frame in self._readable(self._media.container.decode(stream)):
            at = (frame.pts or 0) * frame.time_base + self._shift
            rest = _from_zero(frame, at)
            if rest is None:
                continue
            frame, at = rest
            frame.pts, frame.time_base = round(at * frame.sample_rate), Fraction(1, frame.sample_rate)
            yield from self._timed(self._out.encode(frame))
        yield from self._timed(self._out.encode(None))

    def _timed(self, packets: Any) -> Iterator[tuple[Fraction, Any]]:
        for packet in packets:
            yield (packet.pts or 0) * packet.time_base, packet

    def _readable(self, items: Any) -> Iterator[Any]:
        """What can be read of a damaged track."""
        try:
            yield from items
        except (av.error.FFmpegError, OSError, ValueError) as error:
            self.trouble = f"the clip's sound is damaged and ends early ({str(error)[:80]})"


def opened_media(path: Path) -> Media:
    """The container of a video file, opened safely. Raises ClipError."""
    with open_regular(path) as handle:
        head = handle.read(HEAD_BYTES)
    return Media(path, sniffed(head).name)


def _rate(encoder: str, rate: int) -> int:
    """The encoder's sample rate: Opus knows 48 kHz and fractions of it only, AAC the usual ones."""
    return 48000 if encoder == "libopus" or (encoder == "aac" and rate not in _AAC_RATES) else rate


def _layout(context: Any) -> str:
    """Stereo for two channels and more, mono for one: what every encoder and player takes."""
    return "mono" if context.layout.nb_channels == 1 else "stereo"


def _from_zero(frame: Any, at: Fraction) -> tuple[Any, Fraction] | None:
    """The part of a decoded frame from film time 0 on; None if there is none."""
    if at >= 0:
        return frame, at
    skip = int(-at * frame.sample_rate)
    if skip >= frame.samples:
        return None
    data = frame.to_ndarray()
    width = 1 if frame.format.is_planar else len(frame.layout.channels)
    rest = av.AudioFrame.from_ndarray(data[:, skip * width:].copy(), format=frame.format.name, layout=frame.layout.name)
    rest.sample_rate = frame.sample_rate
    return rest, at + Fraction(skip, frame.sample_rate)
