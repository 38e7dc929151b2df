"""One remote webui, spoken to over HTTP: time-outs, retries with back-off, and errors in words."""

from __future__ import annotations

import base64
import http.client
import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from lib_vidstyl.errors import PaintError, SettingsError

PAUSES = (0.5, 2.0, 6.0)
"""Seconds before a server that did not answer is tried again."""
MOST_ANSWER = 256 << 20
HELLO_SECONDS = 15.0
_ADDRESS = re.compile(r"https?://[^\s/?#@]+(?:/[^\s?#@]*)?", re.IGNORECASE)


class ServerGone(PaintError):
    """A server that does not answer any more, however often it is asked."""


def addresses(text: str) -> list[str]:
    """The servers that a text names, separated by spaces, commas or lines, each once.

    Raises SettingsError for what is no http address, and for one with a password in it.
    """
    found = [one.rstrip("/") for one in re.split(r"[\s,]+", text.strip()) if one]
    for one in found:
        if not _ADDRESS.fullmatch(one):
            raise SettingsError(f"'{one[:60].rpartition('@')[2]}' is no address of a webui",
                                remedy="Write it as in http://127.0.0.1:7860; name and password go into VIDSTYL_WEBUI_AUTH.")
    return list(dict.fromkeys(found))


class WebuiClient:
    """Asks one server. auth: "name:password" as for --api-auth, or "". seconds: how long one answer may take."""

    def __init__(self, address: str, *, auth: str = "", seconds: float = 600.0,
                 sleep: Callable[[float], None] = time.sleep) -> None:
        self.address, self.seconds, self._sleep = address, seconds, sleep
        self._headers = {"Content-Type": "application/json", "Accept": "application/json"}
        if auth:
            self._headers["Authorization"] = "Basic " + base64.b64encode(auth.encode("utf-8")).decode("ascii")
        # Proxies of the environment and redirections could carry frames and password elsewhere.
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)

    @property
    def name(self) -> str:
        """The server for people: its host and port."""
        return urlsplit(self.address).netloc

    def get(self, path: str, *, patiently: bool = True) -> Any:
        """A JSON answer. Raises PaintError; ServerGone if there is none, after some tries if it is to be asked patiently."""
        return self._answer(path, None, HELLO_SECONDS, PAUSES if patiently else ())

    def post(self, path: str, data: dict[str, Any]) -> Any:
        """A JSON answer to JSON. Raises PaintError; ServerGone if there is none."""
        return self._answer(path, json.dumps(data).encode("utf-8"), self.seconds, PAUSES)

    def interrupt(self, task: str) -> None:
        """Stop the server's work on a task of ours, if it is at it; what it does for others goes on. Raises nothing."""
        asked = json.dumps({"id_task": task, "live_preview": False}).encode("utf-8")
        try:
            ours = bool(self._once("/internal/progress", asked, HELLO_SECONDS)["active"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError, PaintError):
            ours = True  # a server without a page does not say
        with suppress(OSError, http.client.HTTPException, ValueError, PaintError):
            if ours:
                self._once("/sdapi/v1/interrupt", b"{}", HELLO_SECONDS)

    def _answer(self, path: str, body: bytes | None, seconds: float, pauses: Sequence[float]) -> Any:
        """The answer, if need be after some pauses; but work that took too long once is not asked for again."""
        for pause in (*pauses, None):
            try:
                return self._once(path, body, seconds)
            except urllib.error.HTTPError as error:
                with error:
                    if error.code not in (502, 503, 504) or pause is None:
                        raise self._refused(error) from error
            except (OSError, http.client.HTTPException, ValueError) as error:
                if pause is None or (body is not None and _slow(error)):
                    raise self._gone(error) from error
            self._sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _once(self, path: str, body: bytes | None, seconds: float) -> Any:
        parts = urlsplit(self.address)
        url = urlunsplit((parts.scheme, parts.netloc, parts.path + path, "", ""))
        request = urllib.request.Request(url, data=body, headers=self._headers)
        with self._opener.open(request, timeout=seconds) as answer:
            data = answer.read(MOST_ANSWER + 1)
        if len(data) > MOST_ANSWER:
            raise PaintError("the answer is too large to be a picture", where=self.name)
        return json.loads(data)

    def _refused(self, error: urllib.error.HTTPError) -> PaintError:
        if error.code in (401, 403):
            return PaintError("the webui wants a name and a password", where=self.name,
                              remedy="Put NAME:PASSWORD of its --api-auth into the environment variable VIDSTYL_WEBUI_AUTH.")
        if error.code in (404, 405):
            return PaintError("there is no webui's API at this address", where=self.name,
                              remedy="Start the webui with --api; give its address as in http://127.0.0.1:7860.")
        return PaintError(f"the webui could not paint this ({error.code}: {_reason(error)})", where=self.name,
                          remedy="Its own console says more.")

    def _gone(self, error: Exception) -> ServerGone:
        what = "the webui did not answer in time" if _slow(error) else "the webui does not answer"
        return ServerGone(what, where=self.name, remedy="Is it running, with --api, and is the address right?")


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *given: Any) -> None:
        return None


def _slow(error: Exception) -> bool:
    return isinstance(error, TimeoutError) or isinstance(getattr(error, "reason", None), TimeoutError)


def _reason(error: urllib.error.HTTPError) -> str:
    """What the server itself says, in one short line."""
    try:
        found = json.loads(error.read(1 << 16))
        text = found.get("errors") or found.get("detail") or found.get("error") or error.reason
    except (OSError, ValueError, AttributeError, http.client.HTTPException):
        text = error.reason
    return " ".join(str(text).split())[:200]
