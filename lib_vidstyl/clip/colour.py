"""From a decoder's frame to a picture as it should be seen: RGB, square pixels, upright."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import av
import av.filter
import cv2
import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.clip.tone import to_standard_range

_MATRICES = {0: "rgb", 1: "bt709", 4: "fcc", 5: "bt601", 6: "bt601", 7: "smpte240m", 9: "bt2020", 10: "bt2020"}
_TRANSFERS = {16: "pq", 18: "hlg"}
_FULL, _WIDE_PRIMARIES = 2, 9
_SD_HEIGHT, _SD_WIDTH = 576, 1280
_COMB = 10 * 10
"""A line stands out if it is 10 levels above or below both neighbours."""


@dataclass(frozen=True)
class Look:
    """How a video's samples become what is seen; read from its first frame.

    size: (width, height) with square pixels, before turning. turn: (transpose, mirror x, mirror y), applied in this
    order. matrix: as in ClipInfo, guessed if `guessed`. transfer: "sdr", "pq" or "hlg".
    """

    size: tuple[int, int]
    turn: tuple[bool, bool, bool]
    pixel_aspect: Fraction
    matrix: str
    guessed: bool
    full_range: bool
    transfer: str
    wide: bool
    bits: int
    alpha: bool
    interlaced: bool

    @property
    def shown_size(self) -> tuple[int, int]:
        """(width, height) as seen."""
        return self.size[::-1] if self.turn[0] else self.size

    @property
    def rotation(self) -> int:
        """Degrees clockwise."""
        transposed, mirror_x, mirror_y = self.turn
        if transposed:
            return 90 if mirror_x else 270
        return 180 if mirror_x and mirror_y else 0


def look_of(frame: VideoFrame, context: Any, aspect: Fraction | None) -> Look:
    """The look of a video by its first frame and decoder; aspect: pixel width by height, None if not known."""
    matrix, guessed = _matrix(frame)
    components = frame.format.components
    square = aspect if aspect and Fraction(1, 16) <= aspect <= 16 else Fraction(1)
    transfer = int(getattr(frame, "color_trc", None) or context.color_trc or 2)
    primaries = int(getattr(frame, "color_primaries", None) or context.color_primaries or 2)
    return Look(
        size=(max(1, round(frame.width * square)), frame.height), turn=_turn(frame), pixel_aspect=square,
        matrix=matrix, guessed=guessed, full_range=_is_full(frame, matrix),
        transfer=_TRANSFERS.get(transfer, "sdr"), wide=primaries == _WIDE_PRIMARIES or matrix == "bt2020",
        bits=max((component.bits for component in components), default=8),
        alpha=any(component.is_alpha for component in components),
        interlaced=bool(frame.interlaced_frame))


def _matrix(frame: VideoFrame) -> tuple[str, bool]:
    """Name of the colour matrix and whether it had to be guessed, as players do, by size."""
    if frame.format.is_rgb or frame.format.has_palette:
        return "rgb", False
    if frame.format.name.startswith(("gray", "mono", "ya")):
        return "bt709", False
    named = _MATRICES.get(int(frame.colorspace), "rgb")
    if named != "rgb":
        return named, False
    return ("bt709" if frame.height > _SD_HEIGHT or frame.width >= _SD_WIDTH else "bt601"), True


def _is_full(frame: VideoFrame, matrix: str) -> bool:
    name = frame.format.name
    unspecified = not int(frame.color_range)
    grey = name.startswith(("gray", "mono", "ya"))
    return matrix == "rgb" or int(frame.color_range) == _FULL or name.startswith("yuvj") or (grey and unspecified)


def _turn(frame: VideoFrame) -> tuple[bool, bool, bool]:
    """Transposition and mirrors of the frame's display matrix; turns between right angles go to the nearest."""
    entries: Any = frame.side_data
    for entry in entries:
        if entry.type.name == "DISPLAYMATRIX":
            a, b, _, c, d = np.frombuffer(bytes(entry), np.int32)[:5].astype(np.int64).tolist()
            if abs(a) + abs(d) >= abs(b) + abs(c):
                return False, a < 0, d < 0
            return True, c < 0, b < 0
    return False, False, False


class Painter:
    """Turns frames of one video into pictures; keeps the converter for the frame format last seen."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._graph: av.filter.Graph | None = None
        self._made_for: tuple[Any, ...] = ()

    def picture(self, frame: VideoFrame) -> tuple[Image, Plane | None]:
        """(H, W, 3) uint8 RGB, and (H, W) uint8 alpha or None."""
        green, blue, red, *alpha = self._planes(frame)
        image: NDArray[Any] = cv2.merge([red, green, blue])
        if self.look.transfer != "sdr":
            image = to_standard_range(image, transfer=self.look.transfer, wide=self.look.wide)
        if self.look.interlaced and frame.interlaced_frame:
            image = deinterlaced(image)
        return turned(image, self.look.turn), turned(_eight_bits(alpha[0]), self.look.turn) if alpha else None

    def _planes(self, frame: VideoFrame) -> list[NDArray[Any]]:
        """Green, blue, red and perhaps alpha, (H, W) uint8 or uint16 each."""
        layout = (frame.width, frame.height, frame.format.name)
        if self._graph is None or layout != self._made_for:
            self._graph, self._made_for = self._converter(frame), layout
        self._graph.push(frame)
        kind = np.uint8 if self.look.transfer == "sdr" else np.uint16
        converted: Any = self._graph.pull()
        return [np.frombuffer(plane, kind).reshape(plane.height, -1)[:, : plane.width] for plane in converted.planes]

    def _converter(self, frame: VideoFrame) -> av.filter.Graph:
        """Buffer -> scale with the right matrix and range -> planar RGB -> sink.

        Planar RGB with exact rounding is true to half a level, and faster than packed RGB of that quality; the
        library's shortcut to packed RGB would be two levels too dark.
        """
        width, height = self.look.size
        options = {"w": width, "h": height, "flags": "bicubic+accurate_rnd+full_chroma_int",
                   "in_range": "pc" if self.look.full_range else "tv"}
        if self.look.matrix != "rgb":
            options["in_color_matrix"] = self.look.matrix
        graph = av.filter.Graph()
        source = graph.add_buffer(
            width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1, 1000))
        scale = graph.add("scale", ":".join(f"{name}={value}" for name, value in options.items()))
        planar = graph.add("format", self._layout())
        sink = graph.add("buffersink")
        source.link_to(scale)
        scale.link_to(planar)
        planar.link_to(sink)
        graph.configure()
        return graph

    def _layout(self) -> str:
        return ("gbrap" if self.look.alpha else "gbrp") + ("16le" if self.look.transfer != "sdr" else "")


def _eight_bits(plane: NDArray[Any]) -> NDArray[np.uint8]:
    return plane if plane.dtype == np.uint8 else (plane >> 8).astype(np.uint8)


def turned(pixels: NDArray[np.uint8], turn: tuple[bool, bool, bool]) -> NDArray[np.uint8]:
    """Pixels (H, W, ...) transposed and mirrored in x and y as `turn` says, in memory of their own order."""
    transposed, mirror_x, mirror_y = turn
    if transposed:
        pixels = pixels.swapaxes(0, 1)
    return np.ascontiguousarray(pixels[:: -1 if mirror_y else 1, :: -1 if mirror_x else 1])


def deinterlaced(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Pixels (H, W, C) with combs removed: odd lines that stand out from both neighbours are made from these.

    Still parts keep every line. Each frame is treated on its own, so that random access gives what playing does.
    """
    if pixels.shape[0] < 4:
        return pixels
    above, odd = pixels[0:-1:2], pixels[1::2]
    below = np.concatenate([pixels[2::2], above[-1:]])[: len(odd)]
    up, down = odd.astype(np.int16) - above, odd.astype(np.int16) - below
    comb = ((up * down.astype(np.int32)) > _COMB).max(axis=2).astype(np.uint8)
    comb = cv2.dilate(comb, np.ones((3, 5), np.uint8)).astype(bool)
    result = pixels.copy()
    result[1::2][comb] = cv2.addWeighted(above, 0.5, below, 0.5, 0).reshape(odd.shape)[comb]
    return result
