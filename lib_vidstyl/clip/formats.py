"""The kinds of film that can be written, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from lib_vidstyl.errors import SettingsError


@dataclass(frozen=True)
class Format:
    """One kind of film.

    suffix: of its file, "" for a folder. container, encoder: FFmpeg's names. pixels, pixels_alpha: pixel formats without and
    with transparency ("" = none). multiple, smallest: what its sizes must be. copies: sound codecs it takes as they are.
    sound: encoder for all others, "" = it has no sound. options: (quality 0-100, transparent) -> encoder options. tag: codec tag.
    least_ticks: of the film's clock, between two pictures. fastest: the highest rate that its encoder takes, 0 = any.
    """

    name: str
    suffix: str
    container: str
    encoder: str
    pixels: str
    options: Callable[[int, bool], dict[str, str]]
    pixels_alpha: str = ""
    multiple: int = 1
    smallest: int = 1
    copies: frozenset[str] = frozenset()
    sound: str = ""
    tag: str = ""
    least_ticks: int = 1
    fastest: int = 0
    container_options: tuple[tuple[str, str], ...] = ()

    @property
    def alpha(self) -> bool:
        """Whether it can be transparent."""
        return bool(self.pixels_alpha)


def _scaled(quality: int, worst: float, best: float) -> str:
    """Quality 0-100 on an encoder's own scale."""
    return str(round(worst + (best - worst) * quality / 100))


# Without B-frames the last picture of uneven times keeps its own duration: MP4 stores durations in decoding order.
def _x264(quality: int, alpha: bool) -> dict[str, str]:
    return {"crf": _scaled(quality, 45, 10), "preset": "veryfast", "bf": "0"}


def _x265(quality: int, alpha: bool) -> dict[str, str]:
    return {"crf": _scaled(quality, 48, 12), "preset": "fast", "x265-params": "log-level=none:bframes=0"}


def _vp9(quality: int, alpha: bool) -> dict[str, str]:
    return {"crf": _scaled(quality, 60, 14), "b": "0", "deadline": "good", "cpu-used": "5", "row-mt": "1"}


def _av1(quality: int, alpha: bool) -> dict[str, str]:
    return {"crf": _scaled(quality, 60, 12), "preset": "9", "svtav1-params": "fast-decode=1"}


def _prores(quality: int, alpha: bool) -> dict[str, str]:
    return {"profile": "4" if alpha else "3", "vendor": "apl0"}


def _ffv1(quality: int, alpha: bool) -> dict[str, str]:
    return {"level": "3", "slicecrc": "1", "g": "1"}


_MOV_SOUNDS = frozenset({"aac", "mp3", "ac3", "eac3", "alac"})
_WEBM_SOUNDS = frozenset({"opus", "vorbis"})
_MKV_SOUNDS = _MOV_SOUNDS | _WEBM_SOUNDS | {"flac", "dts", "pcm_s16le", "pcm_s24le"}
_MOV = (("movflags", "+faststart+use_metadata_tags"),)

FORMATS: Mapping[str, Format] = MappingProxyType({kind.name: kind for kind in (
    Format("mp4", ".mp4", "mp4", "libx264", "yuv420p", _x264, multiple=2, smallest=2, copies=_MOV_SOUNDS, sound="aac",
           container_options=_MOV),
    # Below 64 pixels x265's look-ahead writes beyond its memory (four columns of 16 at once), and the process dies much later.
    Format("h265", ".mp4", "mp4", "libx265", "yuv420p", _x265, multiple=2, smallest=64, copies=_MOV_SOUNDS, sound="aac",
           tag="hvc1", container_options=_MOV),
    Format("webm", ".webm", "webm", "libvpx-vp9", "yuv420p", _vp9, pixels_alpha="yuva420p", multiple=2, smallest=2,
           copies=_WEBM_SOUNDS, sound="libopus"),
    Format("av1", ".webm", "webm", "libsvtav1", "yuv420p", _av1, multiple=2, smallest=64, copies=_WEBM_SOUNDS, sound="libopus",
           fastest=240),
    Format("prores", ".mov", "mov", "prores_ks", "yuv422p10le", _prores, pixels_alpha="yuva444p10le", multiple=2, smallest=2,
           copies=_MOV_SOUNDS | {"pcm_s16le", "pcm_s24le"}, sound="pcm_s16le", container_options=_MOV),
    Format("ffv1", ".mkv", "matroska", "ffv1", "bgr0", _ffv1, pixels_alpha="bgra", copies=_MKV_SOUNDS, sound="flac"),
    # Browsers take what asks for less than 2/100 s a picture for a mistake, and show each for 1/10 s.
    Format("gif", ".gif", "gif", "gif", "pal8", lambda quality, alpha: {}, least_ticks=2),
    Format("png", "", "", "", "rgb24", lambda quality, alpha: {}, pixels_alpha="rgba"),
)})
"""Every kind, by name; "mp4" (H.264) is the one that plays everywhere."""


def film_format(path: str | Path) -> Format:
    """The kind that a film's name asks for: a format's own name, or the first format with the file's suffix.

    A name without suffix is a folder of PNG pictures. Raises SettingsError for a suffix that is not known.
    """
    if isinstance(path, str) and path in FORMATS:
        return FORMATS[path]
    suffix = Path(path).suffix.lower()
    for kind in FORMATS.values():
        if kind.suffix == suffix:
            return kind
    known = ", ".join(dict.fromkeys(kind.suffix for kind in FORMATS.values() if kind.suffix))
    raise SettingsError(f"no film can be written as '{suffix}'", where=path,
                        remedy=f"End its name in one of {known}, or in nothing for a folder of PNG pictures.")
