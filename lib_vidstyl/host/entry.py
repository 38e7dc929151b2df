"""What happens when the webui loads the extension: registration, and nothing else."""

from __future__ import annotations

from lib_vidstyl.host import SOURCE
from lib_vidstyl.host.script import script_class


def register() -> type:
    """Register the settings page; return the script's class, which the webui finds by itself."""
    from modules import script_callbacks, scripts

    from lib_vidstyl.host.settings_page import add_settings

    script_callbacks.on_ui_settings(add_settings)
    if hasattr(script_callbacks, "on_script_unloaded"):
        script_callbacks.on_script_unloaded(_unload)
    return script_class(scripts.Script)


def _unload() -> None:
    """Reload UI: the webui forgets our callbacks by itself; this forgets what we have told our own package."""
    from lib_vidstyl.upscalers import remove_source

    remove_source(SOURCE)
