"""What happens when the webui loads the extension: registration, and nothing else."""

from __future__ import annotations

from typing import Any

from lib_vidstyl.host import SOURCE
from lib_vidstyl.host.script import script_class


def register() -> type:
    """Register settings page, tab and API; return the script's class, which the webui finds by itself."""
    from modules import script_callbacks, scripts

    for event, function in (("on_ui_settings", _settings), ("on_ui_tabs", _tabs), ("on_app_started", _started),
                            ("on_script_unloaded", _unload)):
        if hasattr(script_callbacks, event):
            getattr(script_callbacks, event)(function)
    return script_class(scripts.Script)


def _settings() -> None:
    from lib_vidstyl.host.settings_page import add_settings

    add_settings()


def _tabs() -> list[tuple[Any, str, str]]:
    from lib_vidstyl.host.page import tabs

    return tabs()


def _started(demo: Any, app: Any) -> None:
    from lib_vidstyl.host.page import add_routes

    add_routes(demo, app)


def _unload() -> None:
    """Reload UI: the webui forgets our callbacks by itself; this forgets what we have told our own package."""
    from lib_vidstyl.host.page import close
    from lib_vidstyl.upscalers import remove_source

    close()
    remove_source(SOURCE)
