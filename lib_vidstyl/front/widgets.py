"""A panel's controls as Gradio widgets, of the kind that Gradio 3.41, 4.40 and later share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import gradio as gr

from lib_vidstyl.front.panel import AUTOMATIC, Control, Panel, steps, title
from lib_vidstyl.front.uploads import guarded
from lib_vidstyl.settings import Recipe

FEW = 4
"""Up to so many choices are all shown at once."""


def build(panel: Panel, recipe: Recipe, *, prefix: str = "vidstyl", front: Sequence[str] = (), radios: Collection[str] = (),
          more: str = "") -> list[Any]:
    """Make the panel's widgets inside the Gradio block that is open, and return them in the panel's order.

    front: keys of the settings that everybody sees, in order; none: the basic ones of stages that are on. The others wait
    in one accordion per section, all of which wait in another called `more`, if it is given. recipe: the values to begin
    with. prefix: begins every elem_id. radios: keys whose choices are all shown, however many.
    """
    controls = {control.key: control for control in panel}
    basics = [key for key, control in controls.items() if control.basic and control.section not in recipe.off]
    made: dict[str, Any] = {}

    def make(control: Control) -> None:
        made[control.key] = widget(control, recipe, prefix, radio=control.key in radios)

    for key in radios if front else ():
        if key not in front:
            make(controls[key])
    for row in _rows([controls[key] for key in (front or basics) if key in controls]):
        with gr.Row():
            for control in row:
                make(control)
    with gr.Accordion(more, open=False, elem_id=f"{prefix}_more") if more else nullcontext():
        for section in panel.kinds:
            rest = [control for control in panel if control.section == section and control.key not in made]
            if rest:
                with gr.Accordion(title(section), open=False, elem_id=f"{prefix}_{section}_more"):
                    for control in rest:
                        make(control)
    return [made[control.key] for control in panel]


def widget(control: Control, recipe: Recipe, prefix: str, *, radio: bool = False) -> Any:
    """One control as a Gradio widget with label, help, elem_id and value."""
    about: dict[str, Any] = {"label": control.label, "value": control.shown(recipe), "elem_id": elem_id(control, prefix)}
    if control.field is None:
        return _CHECKBOX(**about)
    facts, kind = control.field.facts, control.field.kind
    about["info"] = facts.help
    if kind is bool:
        return _CHECKBOX(**about)
    if facts.choices:
        chooser = _RADIO if radio or len(facts.choices) <= FEW else _DROPDOWN
        return chooser(choices=[choice or AUTOMATIC for choice in facts.choices], **about)
    if kind is str:
        return _TEXTBOX(lines=2 if facts.lines else 1, max_lines=8 if facts.lines else 1, **about)
    step = steps(facts, kind)
    if step is None:
        return _NUMBER(precision=0 if kind is int else None, **about)
    return _SLIDER(minimum=facts.minimum, maximum=facts.maximum, step=step, **about)


def elem_id(control: Control, prefix: str) -> str:
    """The control's id in the page."""
    return f"{prefix}_{control.key.replace('.', '_')}"


def updates(panel: Panel, recipe: Recipe) -> list[Any]:
    """What a handler returns, for the panel's widgets, to show a recipe."""
    return [gr.update(value=value) for value in panel.values(recipe)]


def infotext_fields(panel: Panel, widgets: Sequence[Any], names: Mapping[str, Any]) -> list[tuple[Any, Any]]:
    """(widget, reader of the infotext's values) of every widget, as the webui's `infotext_fields` wants them.

    names: control key -> function(values) as made by `infotext.readers`.
    """
    return [(made, names[control.key]) for control, made in zip(panel, widgets, strict=True) if made is not None]


def _rows(controls: Sequence[Control]) -> list[list[Control]]:
    """Long texts and choices alone, all else in pairs."""
    rows: list[list[Control]] = []
    for control in controls:
        alone = control.field is None or control.field.facts.lines
        if rows and not alone and len(rows[-1]) == 1 and not (rows[-1][0].field and rows[-1][0].field.facts.lines):
            rows[-1].append(control)
        else:
            rows.append([control])
    return rows


_CHECKBOX, _TEXTBOX, _NUMBER = guarded(gr.Checkbox), guarded(gr.Textbox), guarded(gr.Number)
_SLIDER, _RADIO, _DROPDOWN = guarded(gr.Slider), guarded(gr.Radio), guarded(gr.Dropdown)
