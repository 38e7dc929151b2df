"""A video file as a clip."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame

from lib_vidstyl.clip.colour import Look, Painter, look_of
from lib_vidstyl.clip.index import MAX_FRAMES, Index, indexed
from lib_vidstyl.clip.media import Media, damaged, sound_streams
from lib_vidstyl.clip.model import ClipInfo, Picture, SoundInfo
from lib_vidstyl.clip.picture import check_size
from lib_vidstyl.clip.reel import Reel, steady
from lib_vidstyl.errors import ClipError

INDEX_AT_ONCE_BYTES = 64 << 20
"""Smaller files are looked through when they are opened, so that their facts are exact from the start."""
MAX_RATE = 1000
_NOTED = re.compile(r"(\d{1,4}):(\d\d):(\d\d(?:\.\d{1,9})?)\0*", re.ASCII)
_REMEMBERED = 4
_FORWARD = 12
"""Frames that reading on is preferred to seeking for."""


class VideoClip:
    """A clip in a video file (see `clip.model.Clip`), decoded as it is asked for.

    Raises ClipError if the file cannot be opened, has no pictures, or not one that can be decoded.
    """

    def __init__(self, path: Path, demuxer: str) -> None:
        self._path, self._demuxer = path, demuxer
        self._index: Index | None = None
        self._reel: Reel | None = None
        self._going: Iterator[tuple[int, VideoFrame, bool]] = iter(())
        self._next = -1
        self._seen: OrderedDict[int, Picture] = OrderedDict()
        with Reel(path, demuxer) as reel:
            frame = next(reel.decoded(), None)
            if frame is None:
                raise ClipError("has no frame that can be decoded", where=path,
                                remedy="The file is damaged or cut short; copy or export it again.")
            self._look = self._checked_look(frame, reel.media)
            self._info = _first_facts(reel.media, frame, self._look)
        self._painter = Painter(self._look)
        if path.stat().st_size <= INDEX_AT_ONCE_BYTES:
            self._indexed()

    def _checked_look(self, frame: VideoFrame, media: Media) -> Look:
        stream = media.stream
        aspect = getattr(stream, "sample_aspect_ratio", None) or stream.codec_context.sample_aspect_ratio
        look = look_of(frame, stream.codec_context, aspect)
        check_size(*look.size, self._path)
        return look

    @property
    def info(self) -> ClipInfo:
        """The facts, as far as they are known by now."""
        return self._info

    def _indexed(self) -> Index:
        if self._index is None:
            with Media(self._path, self._demuxer) as media:
                self._index = indexed(media, self._info.fps)
            self._info = _exact_facts(self._info, self._index)
        return self._index

    def count(self) -> int:
        """The exact number of frames."""
        return len(self._indexed())

    def time_of(self, index: int) -> Fraction:
        """Seconds at which a frame starts; `time_of(count())` is the clip's end."""
        return self._indexed().time(index)

    def frame_at(self, time: Fraction) -> int:
        """The first frame that starts at or after `time` seconds; `count()` if there is none."""
        return self._indexed().rank_at(time)

    def pictures(self, first: int = 0, end: int | None = None, *, every: int = 1) -> Iterator[Picture]:
        """Every `every`-th frame from frame `first` on, in order, until the end or before frame `end`."""
        stop = self.count() if end is None else min(end, self.count())
        if first >= stop:
            return
        with Reel(self._path, self._demuxer) as reel:
            replaced = 0
            for rank, frame, own in steady(reel.ranked(self._indexed(), first), first, stop):
                replaced += not own
                if (rank - first) % every == 0:
                    yield self._picture(rank, frame)
            self._note_damage(reel.damaged, replaced)

    def picture(self, index: int) -> Picture:
        """One frame by its index. Reading forward in small steps is fast; a jump costs a seek to a keyframe."""
        if not 0 <= index < self.count():
            raise ClipError(f"has no frame {index}", where=self._path, remedy=f"Its frames are 0 to {self.count() - 1}.")
        if index not in self._seen:
            self._seen[index] = self._read(index)
            if len(self._seen) > _REMEMBERED:
                self._seen.popitem(last=False)
        self._seen.move_to_end(index)
        return self._seen[index]

    def _read(self, index: int) -> Picture:
        if not self._next <= index <= self._reach():
            self._reel = self._reel or Reel(self._path, self._demuxer)
            self._going = steady(self._reel.ranked(self._indexed(), index), index, self.count())
        for rank, frame, _own in self._going:
            if rank == index:
                self._next = index + 1
                return self._picture(rank, frame)
        self._next = -1
        raise ClipError(f"frame {index} cannot be decoded", where=self._path, remedy="Copy or export the clip again.")

    def _reach(self) -> int:
        """How far ahead of the decoder a frame is read by going on: to the next keyframe, or a few frames."""
        if not 0 <= self._next < self.count():
            return -1
        index = self._indexed()
        key = index.key(self._next)
        following = index.rank(int(index.keys[key + 1])) - 1 if 0 <= key < len(index.keys) - 1 else self.count()
        return max(following, self._next + _FORWARD)

    def _picture(self, rank: int, frame: VideoFrame) -> Picture:
        index = self._indexed()
        time = index.time(rank)
        try:
            image, alpha = self._painter.picture(frame)
        except (OSError, ValueError) as error:  # a damaged frame may claim a pixel format that nobody can convert
            raise damaged(error, self._path) from error
        return Picture(rank, time, index.time(rank + 1) - time, image, alpha)

    def _note_damage(self, damaged: int, replaced: int) -> None:
        """Say in the facts what could not be decoded, after a run through the clip."""
        if replaced:
            notice = f"{replaced} frames could not be decoded; each is shown as the one before it."
        elif damaged:
            notice = f"{damaged} places in the file are damaged; the frames there may show it."
        else:
            return
        if notice not in self._info.notices:
            self._info = replace(self._info, notices=(*self._info.notices, notice))

    def close(self) -> None:
        """Close the decoder behind `picture`."""
        if self._reel:
            self._reel.close()
        self._reel, self._next = None, -1
        self._seen.clear()

    def __enter__(self) -> VideoClip:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()


def _first_facts(media: Media, frame: VideoFrame, look: Look) -> ClipInfo:
    """What the header and the first frame tell; numbers of frames are estimates."""
    stream, rate = media.stream, _rate(media)
    seconds = _seconds(media)
    frames = stream.frames if 0 < stream.frames <= MAX_FRAMES else max(1, min(MAX_FRAMES, round(seconds * rate)))
    codec = stream.codec_context.codec
    width, height = look.shown_size
    return ClipInfo(
        path=media.path, kind="video", width=width, height=height, fps=rate, frames=frames, exact=False,
        duration=seconds or frames / rate, codec=str(getattr(codec, "canonical_name", "") or codec.name),
        bits=look.bits, rotation=look.rotation, pixel_aspect=look.pixel_aspect, matrix=look.matrix,
        full_range=look.full_range, hdr=look.transfer != "sdr", alpha=look.alpha,
        sounds=_sounds(media, frame), notices=tuple(_notices(look, media)))


def _exact_facts(info: ClipInfo, index: Index) -> ClipInfo:
    """The facts corrected by what the whole file holds."""
    mean, rate = index.rate(), info.fps
    if mean and abs(mean / rate - 1) > Fraction(1, 200):
        rate = min(max(mean.limit_denominator(1001), Fraction(1, 1001)), Fraction(MAX_RATE))
    notices = info.notices + tuple(_index_notices(info, index))
    return replace(info, fps=rate, frames=len(index), exact=True, duration=index.time(len(index)),
                   variable=index.timed and index.is_variable(rate), notices=notices)


def _rate(media: Media) -> Fraction:
    """Frames per second as the file states them, 25 where it states nothing sensible."""
    stream = media.stream
    for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate):
        if rate and 0 < rate <= MAX_RATE:
            return Fraction(rate)
    return Fraction(25)


def _seconds(media: Media) -> Fraction:
    """The picture track's length by the header, 0 if it is not stated or absurd."""
    stream = media.stream
    noted = next((match for name, value in stream.metadata.items() if name.upper().startswith("DURATION")
                  and (match := _NOTED.fullmatch(value))), None)  # Matroska's; the whole file's length may be the sound's
    if stream.duration and stream.time_base:
        seconds = stream.duration * stream.time_base
    elif noted:
        seconds = int(noted[1]) * 3600 + int(noted[2]) * 60 + Fraction(noted[3])
    else:
        seconds = Fraction(media.container.duration or 0, 1_000_000)
    return seconds if 0 < seconds < 10**7 else Fraction(0)


def _sounds(media: Media, frame: VideoFrame) -> tuple[SoundInfo, ...]:
    begin = (frame.pts or 0) * (frame.time_base or media.stream.time_base or Fraction(1))
    found = []
    for stream in sound_streams(media.container):
        context = stream.codec_context
        start = (stream.start_time or 0) * (stream.time_base or Fraction(1)) - begin
        found.append(SoundInfo(context.name, context.sample_rate, _channels(context), start))
    return tuple(found)


def _channels(context: object) -> int:
    layout = getattr(context, "layout", None)
    return int(getattr(context, "channels", 0) or getattr(layout, "nb_channels", 0) or 1)


def _notices(look: Look, media: Media) -> Iterator[str]:
    unknown = len(media.container.streams.audio) - len(sound_streams(media.container))
    if unknown:
        yield f"{unknown} sound tracks are in a codec that is not known here; they are left out."
    if look.transfer != "sdr":
        yield f"High dynamic range ({look.transfer.upper()}) was toned down to what a standard display shows."
    elif look.bits > 8:
        yield f"{look.bits} bits a colour were reduced to 8."
    if look.interlaced:
        yield "The clip is interlaced; combs are removed from moving parts."
    if look.pixel_aspect != 1:
        width, height = look.shown_size
        yield f"Pixels are not square ({look.pixel_aspect}); pictures are stretched to {width}x{height}."


def _index_notices(info: ClipInfo, index: Index) -> Iterator[str]:
    if len(index) < info.frames * 0.98 and info.frames - len(index) > 2:
        yield f"The file is cut short: {len(index)} of about {info.frames} frames are there."
    elif index.broken:
        yield f"The file ends in damaged data after {len(index)} frames."
    if index.skipped:
        yield f"{index.skipped} frames before the first keyframe cannot be decoded and are left out."
    if not index.timed:
        yield f"The file has no timestamps; frames are taken to come at {float(info.fps):g} a second."
