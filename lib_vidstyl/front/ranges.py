"""Files sent in pieces, as a player asks for them when somebody jumps along the film."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.concurrency import run_in_threadpool
from starlette.responses import Response, StreamingResponse

PIECE = 1 << 18
_RANGE = re.compile(r"bytes=(\d*)-(\d*)", re.ASCII)
SAFE = {"X-Content-Type-Options": "nosniff", "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-cache"}
"""Headers of everything that a user's own file decides the content of."""


def file_response(path: Path, *, asked: str = "", type: str = "application/octet-stream", save_as: str = "") -> Response:  # noqa: A002
    """The file, or the piece of it that a Range header asks for. save_as: offer it for saving under this name."""
    size = path.stat().st_size
    headers = {**SAFE, "Accept-Ranges": "bytes"}
    if save_as or type == "application/octet-stream":
        headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{_quoted(save_as or path.name)}"
    piece = span(asked, size)
    if piece is None:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    first, stop = piece
    headers["Content-Length"] = str(stop - first)
    if asked:
        headers["Content-Range"] = f"bytes {first}-{stop - 1}/{size}"
    return StreamingResponse(_pieces(path, first, stop), status_code=206 if asked else 200, headers=headers, media_type=type)


def span(asked: str, size: int) -> tuple[int, int] | None:
    """(first, stop) of a Range header's bytes; the whole file for no header; None for one that cannot be served."""
    if not asked:
        return 0, size
    match = _RANGE.fullmatch(asked.strip()) if len(asked) < 60 else None
    if not match or (not match[1] and not match[2]):
        return None
    first = int(match[1]) if match[1] else max(0, size - int(match[2]))
    stop = min(size, int(match[2]) + 1) if match[1] and match[2] else size
    return (first, stop) if first < stop else None


async def _pieces(path: Path, first: int, stop: int) -> AsyncIterator[bytes]:
    """The bytes, piece by piece. A player may wait for hours before it takes the next: in between, the file is not held open, for
    on Windows that would keep a new film from taking its place. Once another has, nothing more is sent.
    """
    known = _state(path)
    while first < stop and _state(path) == known:
        data = await run_in_threadpool(_piece, path, first, min(PIECE, stop - first))
        if not data:
            return
        first += len(data)
        yield data


def _piece(path: Path, first: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(first)
        return file.read(size)


def _state(path: Path) -> tuple[int, int, int]:
    facts = path.stat()
    return facts.st_ino, facts.st_size, facts.st_mtime_ns


def _quoted(name: str) -> str:
    from urllib.parse import quote

    return quote(name, safe="", errors="replace")
