"""Odd but valid clips, made on the fly; every picture shows its own number, so that a test can read it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from PIL import Image

BITS = 6


def numbered(number: int, height: int = 48, width: int = 96, *, alpha: bool = False) -> np.ndarray:
    """(H, W, 3 or 4) uint8: six bars that spell the number in black and white, over a dark frame; alpha 255 and 64."""
    bars = [(number >> bit) & 1 for bit in range(BITS)]
    columns = np.repeat(bars, -(-width // BITS))[:width]
    image = np.where(columns[None, :, None], 225, 25) * np.ones((height, 1, 3), int)
    if alpha:
        cover = np.where(np.arange(height) < height // 2, 255, 64)[:, None, None] * np.ones((1, width, 1), int)
        image = np.concatenate([image, cover], axis=2)
    return image.astype(np.uint8)


def number_of(image: np.ndarray) -> int:
    """The number that a picture shows, -1 if it shows none."""
    bars = np.array_split(image[..., :3].mean(axis=(0, 2)), BITS)
    levels = [float(np.median(bar)) for bar in bars]
    if any(90 < level < 160 for level in levels):
        return -1
    return sum((level > 128) << bit for bit, level in enumerate(levels))


def encode(
    path: Path, pictures: Iterable[np.ndarray], *, codec: str = "libx264", pix_fmt: str = "yuv420p",
    rate: Fraction | int = 25, pts: Sequence[int] | None = None, time_base: Fraction | None = None,
    options: dict[str, str] | None = None, context: dict[str, object] | None = None, kind: str | None = None,
    container: dict[str, str] | None = None, sounds: Sequence[tuple[float, float]] = (), interlaced: bool = False,
) -> Path:
    """Write pictures (rgb24, or rgba for formats with alpha) as a video. sounds: (start, seconds) of tones."""
    pictures = list(pictures)
    height, width = pictures[0].shape[:2]
    with av.open(str(path), "w", format=kind, options=container or {}) as film:
        stream = film.add_stream(codec, rate=rate, options={"threads": "1", **(options or {})})
        stream.width, stream.height, stream.pix_fmt = width, height, pix_fmt
        for name, value in (context or {}).items():
            setattr(stream.codec_context, name, value)
        if time_base:
            stream.codec_context.time_base = time_base
        tones = [film.add_stream("aac" if path.suffix in (".mp4", ".mov", ".mkv", ".ts") else "libopus", rate=48000)
                 for _ in sounds]
        for place, image in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(image, format="rgba" if image.shape[2] == 4 else "rgb24")
            frame = frame.reformat(format=pix_fmt) if frame.format.name != pix_fmt else frame
            frame.pts = pts[place] if pts else place
            frame.time_base = time_base or 1 / Fraction(rate)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
        for tone, (start, seconds) in zip(tones, sounds, strict=True):
            _tone(film, tone, start, seconds)
    return path


def _tone(film, stream, start: float, seconds: float) -> None:
    step = 960
    for place in range(int(seconds * 48000) // step):
        wave = (8000 * np.sin(np.arange(place * step, (place + 1) * step) * 0.06)).astype(np.int16)
        frame = av.AudioFrame.from_ndarray(wave[None], format="s16", layout="mono")
        frame.sample_rate, frame.time_base = 48000, Fraction(1, 48000)
        frame.pts = int(start * 48000) + place * step
        film.mux(stream.encode(frame))
    film.mux(stream.encode(None))


def with_matrix(path: Path, matrix: Sequence[int]) -> Path:
    """Write a display matrix (a, b, c, d as -1, 0, 1) into an MP4's first track header."""
    data = bytearray(path.read_bytes())
    at = data.index(b"tkhd") + 4
    at += 52 if data[at] else 40
    a, b, c, d = (int(value * 65536) & 0xFFFFFFFF for value in matrix)
    for place, value in enumerate((a, b, 0, c, d, 0, 0, 0, 1 << 30)):
        data[at + 4 * place:at + 4 * place + 4] = value.to_bytes(4, "big")
    path.write_bytes(data)
    return path


def save_pictures(folder: Path, names: Sequence[str], **size: int) -> Path:
    """Write pictures numbered from 0 on under these names."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, name in enumerate(names):
        Image.fromarray(numbered(number, **size)).save(folder / name, quality=95)
    return folder


@dataclass(frozen=True)
class Odd:
    """A clip to make, and what must be found in it. first: the number that the first picture shows, if it can."""

    name: str
    make: Callable[[Path], Path]
    frames: int = 7
    size: tuple[int, int] = (96, 48)
    facts: dict[str, object] = field(default_factory=dict)
    first: int | None = 0
    times: Sequence[Fraction] | None = None
    notice: str = ""


def _film(suffix: str, *, count: int = 7, height: int = 48, width: int = 96, alpha: bool = False, **how):
    def make(folder: Path) -> Path:
        pictures = (numbered(number, height, width, alpha=alpha) for number in range(count))
        return encode(folder / f"clip{suffix}", pictures, **how)

    return make


def _turned(matrix: Sequence[int]):
    def make(folder: Path) -> Path:
        a, b, c, d = matrix
        pictures = [numbered(number) for number in range(7)]
        if a or d:
            stored = [image[:: d or 1, :: a or 1] for image in pictures]
        else:  # the reader transposes, then mirrors x by c and y by b
            stored = [image[::b, ::c].transpose(1, 0, 2) for image in pictures]
        stored = [np.ascontiguousarray(image) for image in stored]
        return with_matrix(encode(folder / "clip.mp4", stored), matrix)

    return make


def _animation(suffix: str, durations: Sequence[int], *, alpha: bool = False, **how):
    def make(folder: Path) -> Path:
        frames = [Image.fromarray(numbered(number, alpha=alpha)) for number in range(len(durations))]
        path = folder / f"clip{suffix}"
        frames[0].save(path, save_all=True, append_images=frames[1:], duration=list(durations), loop=0, **how)
        return path

    return make


def _pictures(names: Sequence[str]):
    return lambda folder: save_pictures(folder / "pictures", names)


def _still(suffix: str):
    def make(folder: Path) -> Path:
        Image.fromarray(numbered(0)).save(folder / f"still{suffix}")
        return folder / f"still{suffix}"

    return make


F = Fraction
BFRAMES = {"bf": "3", "g": "6", "b-adapt": "0"}
VFR = [0, 40, 50, 130, 400, 410, 1000]
NTSC = F(30000, 1001)
TURNS = {
    "turned-90": ((0, 1, -1, 0), 90), "turned-180": ((-1, 0, 0, -1), 180), "turned-270": ((0, -1, 1, 0), 270),
    "mirrored": ((-1, 0, 0, 1), 0), "upside-down": ((1, 0, 0, -1), 0),
    "transposed": ((0, 1, 1, 0), 270), "transverse": ((0, -1, -1, 0), 90),
}
ODD = [
    Odd("plain-mp4", _film(".mp4"), facts={"fps": F(25), "codec": "h264", "variable": False, "matrix": "bt601"}),
    Odd("ntsc-mp4", _film(".mp4", rate=NTSC), facts={"fps": NTSC}, times=[n / NTSC for n in range(8)]),
    Odd("film-rate-bframes", _film(".mp4", rate=F(24000, 1001), options=BFRAMES), facts={"fps": F(24000, 1001)}),
    Odd("ntsc-mkv", _film(".mkv", rate=NTSC), facts={"fps": NTSC, "variable": False}),
    Odd("vfr-mp4", _film(".mp4", pts=VFR, time_base=F(1, 1000)), times=[F(t, 1000) for t in VFR],
        facts={"variable": True}),
    Odd("vfr-mkv", _film(".mkv", pts=VFR, time_base=F(1, 1000)), times=[F(t, 1000) for t in VFR],
        facts={"variable": True}),
    Odd("negative-pts-mp4", _film(".mp4", pts=[n - 4 for n in range(7)]), frames=3, first=4,
        times=[F(0), F(1, 25), F(2, 25)]),  # an edit list hides what comes before 0
    Odd("negative-pts-mkv", _film(".mkv", pts=[n - 4 for n in range(7)]), times=[F(n, 25) for n in range(7)]),
    Odd("late-start-mp4", _film(".mp4", pts=[n + 500 for n in range(7)]), times=[F(n, 25) for n in range(7)]),
    Odd("late-start-ts", _film(".ts", pts=[n + 90000 for n in range(7)]), times=[F(n, 25) for n in range(7)]),
    *(Odd(name, _turned(matrix), facts={"rotation": degrees}) for name, (matrix, degrees) in TURNS.items()),
    Odd("wide-pixels", _film(".mp4", context={"sample_aspect_ratio": F(4, 3)}), size=(128, 48),
        facts={"pixel_aspect": F(4, 3)}, notice="not square"),
    Odd("narrow-pixels", _film(".mkv", context={"sample_aspect_ratio": F(8, 9)}), size=(85, 48), notice="not square"),
    Odd("odd-size-ffv1", _film(".mkv", height=17, width=33, codec="ffv1", pix_fmt="yuv444p"), size=(33, 17)),
    Odd("odd-size-vp9", _film(".webm", height=17, width=33, codec="libvpx-vp9"), size=(33, 17)),
    Odd("odd-size-h264", _film(".mp4", height=17, width=33, pix_fmt="yuv444p"), size=(33, 17)),
    Odd("seven-by-five", _film(".mkv", height=5, width=7, codec="ffv1", pix_fmt="bgr0"), size=(7, 5), first=None),
    Odd("one-pixel", _film(".mkv", height=1, width=1, codec="ffv1", pix_fmt="bgr0"), size=(1, 1), first=None,
        facts={"matrix": "rgb"}),
    Odd("ten-bits-h264", _film(".mp4", pix_fmt="yuv420p10le"), facts={"bits": 10}, notice="10 bits"),
    Odd("ten-bits-prores", _film(".mov", codec="prores_ks", pix_fmt="yuv422p10le"), facts={"codec": "prores", "bits": 10}),
    Odd("hdr-pq", _film(".mkv", codec="ffv1", pix_fmt="yuv420p10le",
                        context={"color_trc": 16, "color_primaries": 9, "colorspace": 9}),
        facts={"hdr": True, "matrix": "bt2020"}, first=None, notice="High dynamic range"),
    Odd("hdr-hlg", _film(".mkv", codec="ffv1", pix_fmt="yuv420p10le",
                         context={"color_trc": 18, "color_primaries": 9, "colorspace": 9}),
        facts={"hdr": True}, first=None, notice="HLG"),
    Odd("full-range", _film(".mp4", context={"color_range": 2}), facts={"full_range": True}),
    Odd("motion-jpeg", _film(".avi", codec="mjpeg", pix_fmt="yuvj420p", context={"color_range": 2}),
        facts={"full_range": True}),
    Odd("tagged-709", _film(".mp4", context={"colorspace": 1}), facts={"matrix": "bt709"}),
    Odd("grey", _film(".mkv", codec="ffv1", pix_fmt="gray")),
    Odd("planar-rgb", _film(".mkv", codec="ffv1", pix_fmt="bgra"), facts={"matrix": "rgb", "alpha": True}),
    Odd("alpha-prores", _film(".mov", alpha=True, codec="prores_ks", pix_fmt="yuva444p10le"), facts={"alpha": True}),
    Odd("alpha-vp9", _film(".webm", alpha=True, codec="libvpx-vp9", pix_fmt="yuva420p"), facts={"alpha": True}),
    Odd("alpha-ffv1", _film(".mkv", alpha=True, codec="ffv1", pix_fmt="yuva444p"), facts={"alpha": True}),
    Odd("alpha-qtrle", _film(".mov", alpha=True, codec="qtrle", pix_fmt="argb"), facts={"alpha": True}),
    Odd("interlaced", _film(".ts", codec="mpeg2video", options={"flags": "+ildct+ilme", "top": "1", "b": "2M"}),
        notice="interlaced"),
    Odd("mpeg2-ps", _film(".mpg", codec="mpeg2video", options={"bf": "2", "b": "2M"})),
    Odd("mpeg4-avi", _film(".avi", codec="mpeg4", options={"b": "2M"})),
    Odd("h264-avi-bframes", _film(".avi", options=BFRAMES), times=[F(n, 25) for n in range(7)]),
    Odd("flv", _film(".flv")),
    Odd("wmv", _film(".wmv", codec="wmv2", options={"b": "2M"})),
    Odd("ivf", _film(".ivf", codec="libvpx")),
    Odd("y4m", _film(".y4m", codec="rawvideo")),
    Odd("hevc", _film(".mp4", codec="libx265", options={"x265-params": "log-level=none:bframes=3:keyint=5"}),
        facts={"codec": "hevc"}),
    Odd("open-gop", _film(".mkv", count=40, options={**BFRAMES, "x264-params": "open-gop=1:keyint=8:scenecut=0"}),
        frames=40),
    Odd("fragmented", _film(".mp4", options={"g": "3"}, container={"movflags": "frag_keyframe+empty_moov"})),
    Odd("faststart", _film(".mp4", container={"movflags": "faststart"})),
    Odd("one-frame", _film(".mp4", count=1), frames=1, times=[F(0)]),
    Odd("silent", _film(".mov"), facts={"sounds": ()}),
    Odd("late-sound", _film(".mp4", sounds=[(0.5, 0.5)])),
    Odd("long-sound", _film(".mkv", sounds=[(0, 3)])),
    Odd("two-sounds", _film(".mkv", sounds=[(0, 0.3), (0.1, 0.2)])),
    Odd("timecode", _film(".mov", codec="prores_ks", pix_fmt="yuv422p10le", container={"timecode": "01:00:00:00"})),
    Odd("gif", _animation(".gif", [100] * 7), facts={"fps": F(10), "kind": "picture"}),
    Odd("gif-uneven", _animation(".gif", [40, 100, 40, 200, 30, 50, 70]), facts={"variable": True},
        times=[F(t, 1000) for t in (0, 40, 140, 180, 380, 410, 460, 530)]),
    Odd("gif-hasty", _animation(".gif", [0] * 7), facts={"fps": F(10)}),
    Odd("apng", _animation(".png", [80] * 7), facts={"fps": F(25, 2)}),
    Odd("apng-alpha", _animation(".png", [80] * 7, alpha=True), facts={"alpha": True}),
    Odd("webp", _animation(".webp", [120] * 7, lossless=True), facts={"fps": F(25, 3)}),
    Odd("webp-alpha", _animation(".webp", [40] * 7, alpha=True, lossless=True), facts={"alpha": True}),
    Odd("still-png", _still(".png"), frames=1),
    Odd("still-jpeg", _still(".jpg"), frames=1),
    Odd("folder", _pictures([f"frame_{n:04d}.png" for n in range(7)]), facts={"kind": "folder", "fps": F(25)}),
    Odd("folder-unpadded", _pictures([f"{n}.jpg" for n in range(7, 14)])),
    Odd("folder-gaps", _pictures([f"s2_{n}_v1.png" for n in (3, 4, 5, 8, 9, 11, 12)]), notice="6-7, 10"),
    Odd("folder-every-tenth", _pictures([f"{n}.png" for n in range(0, 70, 10)])),
    Odd("folder-one", _pictures(["only.png"]), frames=1),
    Odd("folder-unnumbered", _pictures(["A.png", "b.png", "C.jpg", "d.bmp", "é.tif", "ж.png", "日.webp"])),
    Odd("folder-mixed-kinds", _pictures(["a1.png", "a2.jpg", "a3.webp", "a10.tiff", "a11.bmp", "a12.PNG", "a100.JPEG"])),
]
