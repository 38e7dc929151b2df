"""One picture file: any of the usual kinds in, PNG out."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageOps

from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.errors import ClipError

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
"""What is taken for a picture in a folder."""
PILLOW_KINDS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF")
"""The only parsers that Pillow may try."""
MAX_SIDE = 32768
MAX_PIXELS = 89_478_485
"""Larger pictures are refused before memory is taken for them; 12K film has 80 million pixels."""
MAX_FILE_BYTES = 1 << 30
"""A larger file is not read as a single picture."""

PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_RAW_ALPHA = ("RGBA", "LA", "PA", "La", "RGBa")


def check_size(width: int, height: int, where: object) -> None:
    """Raise ClipError unless a picture of this size may be read."""
    if width < 1 or height < 1:
        raise ClipError(f"has pictures of {width}x{height} pixels", where=where, remedy="Export it again.")
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise ClipError(f"its pictures of {width}x{height} pixels are too large", where=where,
                        remedy=f"Scale it down below {MAX_SIDE} pixels a side and {MAX_PIXELS // 10**6} megapixels.")


def open_pillow(source: Path | io.BytesIO, where: object) -> Pillow.Image:
    """A picture with its header read and its size checked, pixels still unread. Raises ClipError."""
    try:  # whatever a parser trips over, the file is at fault
        picture = Pillow.open(source, formats=PILLOW_KINDS)
        size = picture.size
    except Exception as error:
        raise _unreadable(error, where) from error
    check_size(*size, where)
    return picture


def upright(picture: Pillow.Image) -> Pillow.Image:
    """The picture turned as its EXIF orientation asks."""
    return ImageOps.exif_transpose(picture) or picture


def upright_size(picture: Pillow.Image) -> tuple[int, int]:
    """(width, height) as shown, from the header alone."""
    try:
        turned = picture.getexif().get(0x0112, 1) in (5, 6, 7, 8)
    except Exception:  # noqa: BLE001 - damaged notes about a picture say nothing about it
        turned = False
    return picture.size[::-1] if turned else picture.size


def frame_count(picture: Pillow.Image, where: object) -> int:
    """How many frames a picture file has. Raises ClipError."""
    try:
        return int(getattr(picture, "n_frames", 1))
    except Exception as error:  # whatever a parser trips over, the file is at fault
        raise _unreadable(error, where) from error


def has_alpha(picture: Pillow.Image) -> bool:
    """Whether the picture can be transparent."""
    return picture.mode in _RAW_ALPHA or "transparency" in picture.info


def planes(picture: Pillow.Image) -> tuple[Image, Plane | None]:
    """Pixels as (H, W, 3) uint8 RGB and alpha as (H, W) uint8 or None; 16 bits become 8, palettes are looked up."""
    if picture.mode.startswith(("I", "F")):
        return np.repeat(_gray8(picture)[..., None], 3, axis=2), None
    if has_alpha(picture):
        rgba = np.asarray(picture.convert("RGBA"))
        return rgba[..., :3].copy(), rgba[..., 3].copy()
    return np.array(picture.convert("RGB")), None


def _gray8(picture: Pillow.Image) -> Plane:
    """16-bit grey as 8 bits; floating point is taken as 0 to 1."""
    values = np.asarray(picture).astype(np.float64)
    scale = 255.0 if picture.mode.startswith("F") else 255.0 / 65535.0
    return np.nan_to_num(np.clip(values * scale + 0.5, 0, 255)).astype(np.uint8)


def decode_picture(data: bytes, *, where: object = "") -> tuple[Image, Plane | None]:
    """A picture file's bytes as (H, W, 3) uint8 RGB, and (H, W) uint8 alpha or None. Colour profiles are ignored.

    Raises ClipError, with `where` as the place, if the bytes are no whole picture or a too large one.
    """
    with open_pillow(io.BytesIO(data), where) as picture:
        try:
            return planes(upright(picture))
        except Exception as error:
            raise _unreadable(error, where) from error


def read_bytes(path: Path) -> bytes:
    """A picture file's bytes. Raises ClipError."""
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise ClipError("is too large for a single picture", where=path, remedy="Save it again as PNG.")
        return path.read_bytes()
    except OSError as error:
        raise ClipError(f"cannot be read ({error.strerror})", where=path, remedy="Check its rights.") from error


def read_picture(path: Path) -> tuple[Image, Plane | None]:
    """The picture in a file: (H, W, 3) uint8 RGB, and (H, W) uint8 alpha or None. Raises ClipError."""
    return decode_picture(read_bytes(path), where=path)


def encode_png(image: Image, alpha: Plane | None = None, *, level: int = 1) -> bytes:
    """(H, W, 3) uint8 RGB, or a (H, W) uint8 plane, as a PNG file's bytes; level: zlib effort, 0 to 9."""
    stored: NDArray[Any] = image
    if alpha is None and image.ndim == 3:
        stored = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    elif alpha is not None:
        stored = cv2.cvtColor(np.dstack([image, alpha]), cv2.COLOR_RGBA2BGRA)
    # Run lengths alone are as small as zlib's search at level 1 on filtered photographs, and faster.
    choice = [cv2.IMWRITE_PNG_COMPRESSION, level]
    if level == 1:
        choice += [cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_RLE]
    return cv2.imencode(".png", stored, choice)[1].tobytes()


def encode_jpeg(image: Image, *, quality: int = 90) -> bytes:
    """(H, W, 3) uint8 RGB as a JPEG file's bytes."""
    with io.BytesIO() as buffer:
        Pillow.fromarray(image).save(buffer, "JPEG", quality=quality, optimize=True)
        return buffer.getvalue()


def png_is_whole(data: bytes) -> bool:
    """Whether the bytes are one PNG file from signature to end, with every chunk's checksum right. Decodes nothing."""
    view = memoryview(data)
    if view[:8] != PNG_HEAD:
        return False
    at, names = 8, []
    while at + 12 <= len(view):
        length = int.from_bytes(view[at:at + 4], "big")
        end = at + 12 + length
        if end > len(view) or zlib.crc32(view[at + 4:end - 4]) != int.from_bytes(view[end - 4:end], "big"):
            return False
        names.append(bytes(view[at + 4:at + 8]))
        at = end
    return at == len(view) and names[:1] == [b"IHDR"] and names[-1:] == [b"IEND"] and b"IDAT" in names


def _unreadable(error: Exception, where: object) -> ClipError:
    if isinstance(error, Pillow.DecompressionBombError):
        return ClipError("is a picture too large to be read", where=where, remedy="Scale it down.")
    return ClipError("is not a picture that can be read, or a damaged one", where=where,
                     remedy="Export it again as PNG or JPEG.")
