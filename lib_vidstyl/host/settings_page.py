"""The webui's settings page: the owner's settings, generated from their facts like every other widget."""

from __future__ import annotations

from typing import Any

from lib_vidstyl.host.wishes import PageSettings
from lib_vidstyl.settings import Facts

SECTION = ("video_stylize", "Video Stylize")
OWNERS = frozenset({"folders"})
"""Not to be changed through the API, nor in the page where --hide-ui-dir-config is given."""


def add_settings() -> None:
    """Add the section to the webui's settings; called while it builds its page."""
    from modules import shared

    for name, kind, default, facts in PageSettings.described():
        shared.opts.add_option(key(name), _option(shared, name, kind, default, facts))
        if name in OWNERS and hasattr(shared, "restricted_opts"):
            shared.restricted_opts.add(key(name))


def page_settings() -> PageSettings:
    """What the owner has set; a value that makes no sense counts as not set."""
    from modules import shared

    values: dict[str, Any] = {}
    for name, kind, default, _ in PageSettings.described():
        value = shared.opts.data.get(key(name), default)
        values[name] = value if type(value) is kind else default
    return PageSettings(**values)


def key(name: str) -> str:
    """The option's name among the webui's."""
    return f"vidstyl_{name}"


def _option(shared: Any, name: str, kind: type, default: Any, facts: Facts) -> Any:
    import gradio as gr

    component: type[gr.components.Component] = gr.Textbox
    details: dict[str, Any] = {}
    if kind is int:
        component, details = gr.Slider, {"minimum": facts.minimum, "maximum": facts.maximum, "step": facts.step}
    elif facts.lines:
        details = {"lines": 3}
    option = shared.OptionInfo(default, facts.label, component, details, section=SECTION)
    option.restrict_api = name in OWNERS
    if hasattr(option, "info"):
        option.info(facts.help)
    return option
