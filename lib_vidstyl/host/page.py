"""The tab and the API inside the webui: one desk, whose jobs wait for the webui's own queue."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lib_vidstyl.host import SOURCE, TITLE

HIDDEN = ("hide_ui_dir_config", "share", "ngrok")
"""Flags of a webui whose folders are not its visitors' business: no folder is shown there, and no film removed."""
_desks: list[Any] = []
"""The desk of this start of the page, once somebody has needed it."""


def tabs() -> list[tuple[Any, str, str]]:
    """What `on_ui_tabs` wants; where something is broken, a tab that says so."""
    try:
        from lib_vidstyl.front.tab import tab

        return [(tab(desk(), painter=SOURCE, model=True), TITLE, "vidstyl")]
    except Exception as error:  # noqa: BLE001 - whatever a changed webui does to us must be said in the page
        import gradio as gr

        from lib_vidstyl.host.script import apology

        traceback.print_exc()
        with gr.Blocks(analytics_enabled=False) as blocks:
            apology(error)
        return [(blocks, TITLE, "vidstyl")]


def add_routes(demo: Any, app: Any) -> None:
    """Serve the API from the webui's own server, before its catch-all routes. demo: None with --nowebui."""
    from lib_vidstyl.front.api import router
    from lib_vidstyl.host.rights import gatekeeper

    made = router(desk(), allowed=gatekeeper(app))
    app.router.routes[:0] = made.routes


def desk() -> Any:
    """The one desk of this process; it goes on with what waited when it was last closed."""
    if not _desks:
        from lib_vidstyl.front.desk.desk import Desk, own_painter
        from lib_vidstyl.host.folders import open_places, output_root

        _desks.append(Desk(output_root() / "video-stylize", open_places(), gate=gate, interrupt=interrupt,
                           painter=lambda recipe: painter(recipe, own_painter), local=not _given(*HIDDEN, "listen"),
                           films_stay=_given(*HIDDEN)))
    return _desks[0]


def _given(*flags: str) -> bool:
    """Whether the webui was started with one of these flags."""
    from modules import shared

    return any(getattr(shared.cmd_opts, name, None) for name in flags)


def close() -> None:
    """Reload UI: the running job stops after its frame; the next desk goes on with it."""
    while _desks:
        _desks.pop().close()


def painter(recipe: Any, others: Any) -> Any:
    """Who paints a recipe: the loaded model, or one of those that need no webui."""
    if recipe["paint"].painter != SOURCE:
        return others(recipe)
    from lib_vidstyl.host.jobs import hooks_for
    from lib_vidstyl.host.request import request_of
    from lib_vidstyl.host.stylizer import WebuiStylizer

    return WebuiStylizer(request_of(recipe), hooks=hooks_for(recipe, free_size=False))


@contextmanager
def gate() -> Iterator[None]:
    """Wait for the webui's queue; while a job runs, the webui shows that it is busy."""
    from modules import call_queue, shared

    from lib_vidstyl.host.upscalers import host_upscalers
    from lib_vidstyl.upscalers import add_source

    with call_queue.queue_lock:
        add_source(SOURCE, host_upscalers)
        shared.state.begin(job=TITLE)
        try:
            yield
        finally:
            shared.state.end()


def interrupt() -> None:
    """A stop reaches into the webui's sampler, so that it does not wait for the end of a frame."""
    from modules import shared

    shared.state.interrupt()
