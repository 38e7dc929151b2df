"""Who may speak to the page's server: the page itself and programs on this machine, no other site."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Collection, MutableMapping
from typing import Any
from urllib.parse import unquote, urlsplit

from fastapi import HTTPException, Request

CLIENT_HEADER = "x-vidstyl"
"""A program sends this with any value; no other site's page can."""
NAMES = ("host", "origin", "sec-fetch-site", "x-forwarded-host", CLIENT_HEADER, "authorization")
"""Headers that decide. X-Forwarded-Host is what a reverse proxy was called by; no foreign page can send it."""
UNUSED = ("file=", "file/", "proxy=", "/upload", "/stream")
"""Gradio's own ways to files and other servers, which the page does not use: our routes serve files by id."""
Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def same_site(request: Request) -> None:
    """Raise HTTPException(403) for a request that another site's page makes.

    One that changes something must come from a page of this very host, or bear CLIENT_HEADER or Authorization, which
    browsers let no foreign page add.
    """
    problem = foreign(request.method, {name: request.headers.get(name, "") for name in NAMES})
    if problem:
        raise HTTPException(status_code=403, detail=problem)


def foreign(method: str, headers: dict[str, str]) -> str:
    """Why a request may not pass, or "" if it may."""
    origin = headers["origin"]
    if headers["sec-fetch-site"] in ("cross-site", "same-site"):
        return "This request comes from another site's page."
    if origin and _place(origin) not in {headers["host"].lower(), headers["x-forwarded-host"].lower()} - {""}:
        return "This request comes from another site's page."
    if method in ("GET", "HEAD", "OPTIONS") or origin or headers[CLIENT_HEADER] or headers["authorization"]:
        return ""
    return f"A program sends the header '{CLIENT_HEADER}: 1' with whatever changes something."


def _place(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


class OwnSiteOnly:
    """Wraps the whole stand-alone server: known Host only, no foreign Origin, no proxying, no CORS.

    hosts: what the Host header may be, as in "127.0.0.1:7870". head: put into the page's <head>.
    """

    def __init__(self, app: App, hosts: Collection[str], head: str = "") -> None:
        self.app, self.hosts, self.head = app, frozenset(host.lower() for host in hosts), head.encode("utf-8")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        problem = self._problem(scope)
        if problem:
            await _refuse(scope, send, problem)
            return
        page = scope["type"] == "http" and scope["path"] in ("", "/") and scope["method"] == "GET"
        if page:  # what is compressed cannot be added to
            scope = {**scope, "headers": [(key, value) for key, value in scope["headers"] if key.lower() != b"accept-encoding"]}
        await self.app(scope, receive, _Changed(send, self.head if page else b""))

    def _problem(self, scope: Scope) -> str:
        named = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
        headers = {name: named.get(name, "") for name in NAMES}
        headers["x-forwarded-host"] = ""  # nothing stands before this server
        if headers["host"].lower() not in self.hosts:
            return "This server answers to its own name only."
        if any(word in unquote(scope["path"]).lower() for word in UNUSED):
            return "Nothing is fetched, uploaded or proxied here by this way."
        opens_page = scope.get("method") == "GET" and named.get("sec-fetch-mode") == "navigate"
        if opens_page:
            headers["sec-fetch-site"] = ""
        # A websocket is opened by GET, but does as much as a POST.
        return foreign("POST" if scope["type"] == "websocket" else scope["method"], headers)


class _Changed:
    """Passes an answer on without CORS headers, and with `head` in its page if there is one."""

    def __init__(self, send: Send, head: bytes) -> None:
        self.send, self.head = send, head
        self._start: Message | None = None
        self._parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = [(key, value) for key, value in message["headers"] if not key.lower().startswith(b"access-control-")]
            message = {**message, "headers": headers}
            if self.head and any(key.lower() == b"content-type" and b"text/html" in value for key, value in headers):
                self._start = message
                return
        elif message["type"] == "http.response.body" and self._start is not None:
            self._parts.append(message.get("body", b""))
            if message.get("more_body"):
                return
            await self._send_page()
            return
        await self.send(message)

    async def _send_page(self) -> None:
        start, self._start = self._start or {}, None
        page = b"".join(self._parts).replace(b"</head>", self.head + b"</head>", 1)
        headers = [(key, value) for key, value in start["headers"] if key.lower() != b"content-length"]
        await self.send({**start, "headers": [*headers, (b"content-length", str(len(page)).encode())]})
        await self.send({"type": "http.response.body", "body": page})


async def _refuse(scope: Scope, send: Send, problem: str) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    body = json.dumps({"error": problem}).encode("utf-8")
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()),
               (b"x-content-type-options", b"nosniff")]
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
