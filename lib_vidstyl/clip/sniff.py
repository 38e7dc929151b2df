"""What a file is, by its first bytes: only what is listed here is ever given to a parser."""

from __future__ import annotations

from dataclasses import dataclass

HEAD_BYTES = 4096
"""How much of a file `sniffed` wants to see."""


@dataclass(frozen=True)
class Sniffed:
    """kind: "video", "picture", "sound", "text" or "" (unknown). name: the demuxer, or the picture's kind."""

    kind: str
    name: str = ""


_MAGIC = (
    (0, b"\x1aE\xdf\xa3", Sniffed("video", "matroska")),
    (0, b"FLV\x01", Sniffed("video", "flv")),
    (0, b"OggS", Sniffed("video", "ogg")),
    (0, b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", Sniffed("video", "asf")),
    (0, b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", Sniffed("video", "mxf")),
    (0, b"\x00\x00\x01\xba", Sniffed("video", "mpeg")),
    (0, b"DKIF", Sniffed("video", "ivf")),
    (0, b"YUV4MPEG2 ", Sniffed("video", "yuv4mpegpipe")),
    (8, b"AVI ", Sniffed("video", "avi")),
    (8, b"WEBP", Sniffed("picture", "webp")),
    (8, b"WAVE", Sniffed("sound")),
    (0, b"\x89PNG\r\n\x1a\n", Sniffed("picture", "png")),
    (0, b"GIF87a", Sniffed("picture", "gif")),
    (0, b"GIF89a", Sniffed("picture", "gif")),
    (0, b"\xff\xd8\xff", Sniffed("picture", "jpeg")),
    (0, b"BM", Sniffed("picture", "bmp")),
    (0, b"II*\x00", Sniffed("picture", "tiff")),
    (0, b"MM\x00*", Sniffed("picture", "tiff")),
    (0, b"ID3", Sniffed("sound")),
    (0, b"fLaC", Sniffed("sound")),
    (0, b"\xff\xfb", Sniffed("sound")),
    (0, b"\xff\xf1", Sniffed("sound")),
)
_RIFF = (b"AVI ", b"WEBP", b"WAVE")
_ATOMS = (b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"pnot", b"styp", b"moof")


def sniffed(head: bytes) -> Sniffed:
    """What a file is that starts with these bytes (HEAD_BYTES of them, or the whole of a shorter file)."""
    if head[4:8] in _ATOMS:
        return Sniffed("video", "mov")
    for at, magic, found in _MAGIC:
        if head[at:at + len(magic)] == magic and (magic not in _RIFF or head[:4] == b"RIFF"):
            return found
    if _is_transport_stream(head):
        return Sniffed("video", "mpegts")
    return Sniffed("text") if _is_text(head) else Sniffed("")


def _is_transport_stream(head: bytes) -> bool:
    """Sync bytes every 188 (TS) or 192 bytes (M2TS, four bytes late), at least three of them."""
    return any(
        len(head) > 2 * step + start and all(head[at] == 0x47 for at in range(start, len(head), step))
        for start, step in ((0, 188), (4, 192))
    )


def _is_text(head: bytes) -> bool:
    """Whether the bytes read as text: a playlist, a script, a web page, a renamed note."""
    return bool(head) and not any(byte < 9 or 13 < byte < 32 for byte in head)
