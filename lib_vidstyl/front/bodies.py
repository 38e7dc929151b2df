"""Bodies of requests, read within limits, and answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from lib_vidstyl.errors import SettingsError, VidStylError, write_failed
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.incoming import UploadError
from lib_vidstyl.front.places import PlaceError
from lib_vidstyl.front.ranges import SAFE

MOST_JSON = 1 << 20
Handler = Callable[[Request], Awaitable[Response]]


class TooLong(UploadError):
    """A body of more bytes than allowed."""


def too_long(most: int) -> TooLong:
    """The error for a body of more than `most` bytes."""
    return TooLong(f"more than {most / 1e6:.0f} MB were sent", remedy="Give the clip's path on this machine, or cut it first.")


def refuse_long(request: Request, most: int) -> None:
    """Raise TooLong for a body that announces more than `most` bytes."""
    length = request.headers.get("content-length", "0")
    if length.isascii() and length.isdigit() and int(length) > most:
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
    """Data as JSON, in ASCII: a clip's name may be no UTF-8."""
    headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store"}
    return Response(json.dumps(data, allow_nan=False), code, headers, media_type="application/json")


def plain(handler: Handler, clean: Callable[[str], str]) -> Handler:
    """The handler with the user's errors as JSON: {"error": sentence, "what", "remedy"}.

    clean: takes this machine's folders out of a sentence; only the refusal of a place says which folders are open.
    """
    async def route(request: Request) -> Response:
        try:
            return await handler(request)
        except PlaceError as error:
            return _told(error, 403, str)
        except VidStylError as error:
            return _told(error, _code(error), clean)
        except OSError as error:  # a full disk, or a file that has just gone
            return _told(write_failed(error, error.filename or ""), 507, clean)
    route.__doc__ = handler.__doc__
    return route


def _told(error: VidStylError, code: int, clean: Callable[[str], str]) -> Response:
    return answer({"error": clean(str(error)), "what": clean(error.what), "remedy": clean(error.remedy)}, code)


def _code(error: VidStylError) -> int:
    if isinstance(error, UnknownId):
        return 404
    return 413 if isinstance(error, TooLong) else 422


def picture(data: bytes, more: dict[str, str] | None = None) -> Response:
    """A JPEG."""
    return Response(data, media_type="image/jpeg", headers={**SAFE, **(more or {})})
