"""The page: from clip to film, the same in the webui and on its own.

Settings are Gradio's widgets; clip, timeline, progress and film are drawn by javascript/vidstyl_*.js over the routes of
`front.api`. The two meet in a hidden text box (what the page has chosen) and in an attribute (what a handler answers).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr

from lib_vidstyl import pipeline
from lib_vidstyl.errors import SettingsError, VidStylError
from lib_vidstyl.front import widgets
from lib_vidstyl.front.api import recipe_of, with_places
from lib_vidstyl.front.desk.clips import position
from lib_vidstyl.front.desk.desk import Desk
from lib_vidstyl.front.panel import Panel
from lib_vidstyl.front.session import kinds, new_recipe
from lib_vidstyl.front.uploads import guarded
from lib_vidstyl.front.words import languages
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages import STAGES
from lib_vidstyl.stylizers import PAINTERS
from lib_vidstyl.stylizers.looks import LOOKS

CLIP = ("decode.every", "decode.longest_side")
"""Settings below the clip."""
LOOK = ("look.strength", "look.scale", "files.painted", "paint.prompt", "paint.negative_prompt", "paint.denoising_strength")
"""Settings below the looks; of these, the page shows what the chosen painter reads."""
PICKED = ("look.look", "paint.painter")
"""Settings that the page draws as pictures and words; Gradio's own widgets for them are not seen."""
KEYED = ("keyframes", "propagate")
"""Stages that the page switches together."""
EXTRA = tuple(f"{stage.name}.on" for stage in STAGES if stage.optional and not stage.on and stage.name not in KEYED)
"""Switches of what can be done beside painting."""
DRAWN = ("decode.start", "decode.end")
"""Settings that the timeline sets."""
TRIES = {"this frame": (1, 0), "this frame, 4 seeds": (4, 0), "this frame, 9 seeds": (9, 0), "3 frames of the film": (1, 3),
         "5 frames of the film": (1, 5), "9 frames of the film": (1, 9)}
"""What is painted before the whole film: how many seeds of one frame, or how many frames spread over the range."""


def page_panel(desk: Desk) -> Panel:
    """The page's controls; what is said of remote webuis only where there are any."""
    away = ("webui.servers",) if desk.servers else ("webui",)
    return Panel(kinds(), switches=[stage.name for stage in STAGES if stage.optional and stage.name not in KEYED],
                 skip=(*DRAWN, *away))


def tab(desk: Desk, *, painter: str = "paint", model: bool = False) -> Any:
    """The page as Gradio blocks. painter: who paints unless somebody else is chosen. model: whether a webui can paint."""
    panel = page_panel(desk)
    recipe = new_recipe().replaced("paint", painter=painter)
    facts = {"looks": list(LOOKS), "painters": list(PAINTERS), "model": model or bool(desk.servers), "languages": languages(),
             "numbers": numbers(panel, recipe)}
    shelf = widgets.Shelf(panel, recipe, radios=PICKED)
    with gr.Blocks(title="Video Stylize", analytics_enabled=False) as blocks:
        gr.HTML(_place("page", f' data-facts="{escape(json.dumps(facts))}"') + _place("message") + _place("clip"))
        with gr.Group(elem_id="vidstyl_frames"):
            shelf.rows(CLIP)
        gr.HTML(_place("looks"))
        with gr.Group(elem_id="vidstyl_settings"):
            for key in PICKED:
                shelf.one(key)
            shelf.rows(LOOK)
        gr.HTML(_place("keys"))
        with gr.Row(elem_id="vidstyl_extra"):
            for key in EXTRA:
                shelf.one(key)
        with gr.Accordion("More settings", open=False, elem_id="vidstyl_more"):
            shelf.rest()
        gr.HTML(_place("make"))
        buttons, tries = _buttons()
        gr.HTML(_place("job") + _place("trial") + _place("result") + _place("queue") + _place("foot"))
        with gr.Row(elem_id="vidstyl_wires"):
            asked = guarded(gr.Textbox)(value="{}", label="Request", elem_id="vidstyl_request", max_lines=1)
            loaded = guarded(gr.Textbox)(value="{}", label="Recipe", elem_id="vidstyl_recipe", max_lines=1)
            apply, save = gr.Button("Apply", elem_id="vidstyl_apply"), gr.Button("Save", elem_id="vidstyl_save")
            buttons["plan"] = gr.Button("Find", elem_id="vidstyl_find")
            answer = gr.HTML("", elem_id="vidstyl_answer")
        page, made = Page(desk, panel, recipe), shelf.all()
        for kind, button in buttons.items():
            button.click(page.starter(kind), inputs=[asked, tries, *made], outputs=[answer], **_quiet())
        save.click(page.save, inputs=[asked, *made], outputs=[answer], **_quiet())
        apply.click(page.apply, inputs=[loaded, *made], outputs=[answer, *made], **_quiet())
    return blocks


def numbers(panel: Panel, recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Of every number that can be typed, by its widget's id: what the page must know to say at once that one cannot be."""
    typed = {widgets.elem_id(control, "vidstyl"): (control, control.field) for control in panel
             if control.field and control.field.kind in (int, float)}
    return {known: {"label": control.label, "value": control.shown(recipe), "whole": field.kind is int,
                    "minimum": field.facts.minimum, "maximum": field.facts.maximum} for known, (control, field) in typed.items()}


def _buttons() -> tuple[dict[str, Any], Any]:
    """What starts a job of each kind, and what is to be tried."""
    with gr.Row(elem_id="vidstyl_buttons"):
        tries = guarded(gr.Dropdown)(choices=list(TRIES), value=next(iter(TRIES)), label="Try first", elem_id="vidstyl_tries",
                                     min_width=160)
        buttons = {"trial": gr.Button("Try", elem_id="vidstyl_try"),
                   "keys": gr.Button("Paint the keyframes", elem_id="vidstyl_paint_keys"),
                   "film": gr.Button("Make the film", variant="primary", elem_id="vidstyl_run")}
    return buttons, tries


class Page:
    """What the page's buttons do. Every handler answers with HTML that holds JSON in an attribute."""

    def __init__(self, desk: Desk, panel: Panel, base: Recipe) -> None:
        self.desk, self.panel, self.base = desk, panel, base

    def starter(self, kind: str) -> Callable[..., str]:
        """The handler that starts a job of a kind."""
        def start(asked: str, tries: str, *values: Any) -> str:
            return _answer(lambda: {"job": self.start(kind, _read(asked), tries, values)})
        return start

    def start(self, kind: str, asked: dict[str, Any], tries: str, values: tuple[Any, ...]) -> dict[str, Any]:
        """Start a job; its status. Raises VidStylError."""
        if not asked.get("clip"):
            raise SettingsError("there is no clip yet", remedy="Drop a video into the field at the top first.")
        card = self.desk.clips.card(str(asked["clip"]))
        recipe = with_places(self.recipe(asked, values), self.desk)
        seeds, spread = TRIES.get(tries, (1, 0))
        job = self.desk.start(kind, card, recipe, frame=position(asked.get("frame", 0)), seeds=seeds, spread=spread)
        return self.desk.status(job.id)

    def recipe(self, asked: dict[str, Any], values: tuple[Any, ...]) -> Recipe:
        """The recipe that the page shows, with the timeline's range. Raises SettingsError."""
        made = self.panel.recipe(self.base, values)
        first, last, frames = (position(asked.get(name, 0)) for name in ("first", "last", "frames"))
        whole = first == 0 and last >= frames - 1
        made = self.keyed(made, asked)
        return made.replaced("decode", start="" if first == 0 else str(first), end="" if whole or last >= frames - 1 else str(last))

    def keyed(self, recipe: Recipe, asked: dict[str, Any]) -> Recipe:
        """The recipe with or without keyframes, and with those that were chosen by hand."""
        if not asked.get("use_keys"):
            return pipeline.switched(recipe, off=KEYED)
        recipe = pipeline.switched(recipe, on=KEYED)
        chosen = [position(frame) for frame in asked.get("keys") or []]
        return recipe.replaced("keyframes", choice="list", frames=", ".join(map(str, chosen))) if chosen else recipe

    def save(self, asked: str, *values: Any) -> str:
        """The recipe as JSON, for a download or a preset."""
        return _answer(lambda: {"recipe": json.loads(self.recipe(_read(asked), values).to_json(paths=False))})

    def apply(self, asked: str, *values: Any) -> list[Any]:
        """Show a recipe in the widgets, or change just the settings that a preset names."""
        updates: list[Any] = [gr.update()] * len(self.panel)

        def applied() -> dict[str, Any]:
            made = self.changed(_read(asked), values)
            updates[:] = widgets.updates(self.panel, made)
            return {"applied": True, "off": sorted(made.off)}
        return [_answer(applied), *updates]

    def changed(self, asked: dict[str, Any], values: tuple[Any, ...]) -> Recipe:
        """The recipe that is asked for, or the page's own with some settings. Raises SettingsError."""
        if asked.get("recipe") is not None:
            return Recipe.from_json(json.dumps(asked["recipe"]), kinds(), off=pipeline.off_by_default(), paths=False)
        return recipe_of(asked, self.panel.recipe(self.base, values))


def _answer(work: Callable[[], dict[str, Any]]) -> str:
    try:
        found = work()
    except VidStylError as error:
        found = {"error": str(error)}
    return f'<span data-answer="{escape(json.dumps({**found, "at": time.time()}))}"></span>'


def _read(asked: str) -> dict[str, Any]:
    try:
        found = json.loads(asked)
    except (ValueError, TypeError, RecursionError) as error:
        raise SettingsError("the page and the server do not understand each other", remedy="Reload the page.") from error
    if not isinstance(found, dict):
        raise SettingsError("the page and the server do not understand each other", remedy="Reload the page.")
    return found


def _place(name: str, more: str = "") -> str:
    return f'<div id="vidstyl_{name}"{more}></div>'


def _quiet() -> dict[str, Any]:
    """Without Gradio's own queue, spinner and entry in its list of endpoints."""
    return {"queue": False, "show_progress": "hidden", "api_name": False, "preprocess": True, "postprocess": True}
