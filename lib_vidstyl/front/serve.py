"""The page on its own: `vidstyl ui`, for this machine only."""

from __future__ import annotations

import socket
import sys
import webbrowser
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path
from threading import Timer
from typing import Any

import filelock

from lib_vidstyl.errors import OutputError, SettingsError, write_failed
from lib_vidstyl.front.places import Places
from lib_vidstyl.front.words import word_files
from lib_vidstyl.hashes import sha_of
from lib_vidstyl.stylizers.webui_client import addresses

ROOT = Path(__file__).resolve().parents[2]
ADDRESS = "127.0.0.1"


def serve(folder: Path, *, allow: Sequence[Path] = (), servers: str = "", port: int = 7870,
          browser: bool = True) -> None:
    """Serve the page until Ctrl-C.

    folder: where films go. allow: folders from which clips may be taken by path. servers: addresses of remote webuis that
    may paint.

    Raises SettingsError where Gradio or a folder is missing, OutputError for a port or folder that is taken.
    """
    for place in allow:
        if not place.is_dir():
            raise SettingsError("there is no such folder", where=place, remedy="Give a folder that is there with --allow.")
    try:
        import uvicorn

        from lib_vidstyl.front.desk.desk import Desk
    except ImportError as error:
        raise _no_gradio() from error
    with _alone(folder):
        _check_port(port)
        desk = Desk(folder, Places([folder, *(allow or [Path.cwd()])]), servers=addresses(servers), local=True)
        try:
            server = application(desk, port)
            sys.stdout.write(f"Video Stylize is at http://{ADDRESS}:{port} (Ctrl-C ends it). Films go to {desk.folder}.\n")
            sys.stdout.flush()
            if browser:
                Timer(1.0, webbrowser.open, [f"http://{ADDRESS}:{port}"]).start()
            uvicorn.run(server, host=ADDRESS, port=port, log_level="warning")
        finally:
            desk.close()


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Hold the folder: two servers would take each other's jobs, and write one queue over the other."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = filelock.FileLock(folder / ".lock")
        lock.acquire(timeout=0)
    except filelock.Timeout as error:
        raise OutputError("another page is open on this folder", where=folder,
                          remedy="Use that one, or choose another folder with --out.") from error
    except OSError as error:
        raise write_failed(error, folder) from error
    try:
        yield
    finally:
        lock.release()


def application(desk: Any, port: int) -> Any:
    """The whole server as an ASGI application. Raises SettingsError where Gradio is missing."""
    try:
        import gradio
        from fastapi import FastAPI

        from lib_vidstyl.front.api import router
        from lib_vidstyl.front.tab import tab
        from lib_vidstyl.front.web_guard import OwnSiteOnly
    except ImportError as error:
        raise _no_gradio() from error
    app = FastAPI(title="Video Stylize", docs_url=None, redoc_url=None, openapi_url="/vidstyl/v1/openapi.json")
    app.include_router(router(desk))
    for path in _served():
        app.add_api_route(f"/vidstyl/page/{path.name}", _sender(path), methods=["GET"], include_in_schema=False)
    app = gradio.mount_gradio_app(app, tab(desk, painter="webui" if desk.servers else "paint"), path="/")
    return OwnSiteOnly(app, [f"{ADDRESS}:{port}", f"localhost:{port}"], head=head())


def page_files() -> list[Path]:
    """The page's own scripts and style."""
    return [*sorted((ROOT / "javascript").glob("vidstyl_*.js")), ROOT / "style.css"]


def _served() -> list[Path]:
    return [*page_files(), *word_files()]


def head() -> str:
    """What the page's <head> needs: the files of `page_files`, with their content's hash so that no browser keeps old ones."""
    lines = []
    for path in page_files():
        address = escape(f"vidstyl/page/{path.name}?{sha_of(path)[:12]}")
        script, style = f'<script src="{address}" defer></script>', f'<link rel="stylesheet" href="{address}">'
        lines.append(script if path.suffix == ".js" else style)
    return "".join(lines)


def _sender(path: Path) -> Any:
    from fastapi.responses import FileResponse

    async def send() -> Any:
        return FileResponse(path, headers={"X-Content-Type-Options": "nosniff"})
    return send


def _check_port(port: int) -> None:
    if not 0 < port < 65536:
        raise SettingsError(f"{port} is no port", where="--port", remedy="Choose one between 1024 and 65535.")
    with socket.socket() as one:
        if sys.platform != "win32":
            one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((ADDRESS, port))
        except OSError as error:
            raise OutputError(f"port {port} is taken", remedy="Choose another with --port.") from error


def _no_gradio() -> SettingsError:
    return SettingsError("the page needs Gradio, which is not installed", remedy="Start it with: python3 install.py ui")
