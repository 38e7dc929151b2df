"""What happens when the webui loads the extension: registration, and nothing else."""

from __future__ import annotations

from lib_vidstyl.host.script import script_class


def register() -> type:
    """Register the settings page; return the script's class, which the webui finds by itself."""
    from modules import script_callbacks, scripts

    from lib_vidstyl.host.settings_page import add_settings

    script_callbacks.on_ui_settings(add_settings)
    return script_class(scripts.Script)
