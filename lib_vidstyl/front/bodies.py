"""Bodies of requests, read within limits, and answers."""

from __future__ import annotations

import json
from typing import Any

from fastapi import Request
from fastapi.responses import JSONResponse, Response

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.incoming import UploadError
from lib_vidstyl.front.ranges import SAFE

MOST_JSON = 1 << 20


class TooLong(UploadError):
    """A body of more bytes than allowed."""


def too_long(most: int) -> TooLong:
    """The error for a body of more than `most` bytes."""
    return TooLong(f"more than {most / 1e6:.0f} MB were sent", remedy="Give the clip's path on this machine, or cut it first.")


def refuse_long(request: Request, most: int) -> None:
    """Raise TooLong for a body that announces more than `most` bytes."""
    length = request.headers.get("content-length", "0")
    if length.isdigit() and int(length) > most:
        raise too_long(most)


async def body(request: Request, most: int) -> bytes:
    """The request's body. Raises TooLong as soon as it passes `most` bytes."""
    refuse_long(request, most)
    parts, size = [], 0
    async for data in request.stream():
        size += len(data)
        if size > most:
            raise too_long(most)
        parts.append(data)
    return b"".join(parts)


async def json_body(request: Request) -> dict[str, Any]:
    """The request's body as a JSON object. Raises SettingsError for anything else."""
    try:
        found = json.loads(await body(request, MOST_JSON) or b"{}")
    except (ValueError, RecursionError) as error:
        raise SettingsError("the body is no JSON") from error
    if not isinstance(found, dict):
        raise SettingsError("the body must be a JSON object")
    return found


def answer(data: Any, code: int = 200) -> Response:
    """Data as JSON."""
    return JSONResponse(data, code, headers={"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"})


def picture(data: bytes, more: dict[str, str] | None = None) -> Response:
    """A JPEG."""
    return Response(data, media_type="image/jpeg", headers={**SAFE, **(more or {})})
