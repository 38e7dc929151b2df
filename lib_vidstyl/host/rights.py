"""Who may use our routes: whoever the webui lets use its own API or page.

The webui's --api-auth covers its own API routes only, and its login the page only; ours ask for either, where one is set.
"""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Callable
from typing import Any


def gatekeeper(app: Any) -> Callable[[Any], None]:
    """A function that raises HTTPException(401) for a request with neither the API's password nor the page's session."""
    def allowed(request: Any) -> None:
        from fastapi import HTTPException

        passwords = api_passwords()
        login = getattr(app, "auth", None) is not None
        if not passwords and not login:
            return
        if known_password(request.headers.get("authorization", ""), passwords) or (login and _session(request, app)):
            return
        how = {"WWW-Authenticate": "Basic"} if passwords else None
        raise HTTPException(status_code=401, detail="Log in to the webui, or give its API's name and password.", headers=how)

    return allowed


def api_passwords() -> dict[str, str]:
    """Name -> password, as --api-auth has them."""
    from modules import shared

    given = getattr(shared.cmd_opts, "api_auth", None) or ""
    return dict(pair.split(":", 1) for pair in given.split(",") if ":" in pair)


def known_password(header: str, passwords: dict[str, str]) -> bool:
    """Whether an Authorization header (Basic) bears one of these; compared in constant time."""
    kind, _, coded = header.partition(" ")
    if kind.lower() != "basic":
        return False
    try:
        name, _, password = base64.b64decode(coded.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return False
    expected = passwords.get(name)
    same = secrets.compare_digest(password.encode("utf-8"), (expected if expected is not None else "").encode("utf-8"))
    return same and expected is not None


def _session(request: Any, app: Any) -> bool:
    """Whether the request comes from a browser that has logged in to the page: Gradio's cookie holds one of its tokens."""
    tokens = getattr(app, "tokens", None) or {}
    found = [value for name, value in request.cookies.items() if name.startswith("access-token")]
    return any(value in tokens for value in found)
