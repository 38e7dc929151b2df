"""A panel's controls as Gradio widgets, of the kind that Gradio 3.41, 4.40 and later share."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import gradio as gr

from lib_vidstyl.front.panel import AUTOMATIC, Control, Panel, steps, title
from lib_vidstyl.front.uploads import guarded
from lib_vidstyl.settings import Recipe

FEW = 4
"""Up to so many choices are all shown at once."""


class Shelf:
    """Makes a panel's widgets one after the other, wherever the open Gradio block is, and gives them in the panel's order.

    recipe: the values to begin with. prefix: begins every elem_id. radios: keys whose choices are all shown, however many.
    """

    def __init__(self, panel: Panel, recipe: Recipe, *, prefix: str = "vidstyl", radios: Collection[str] = ()) -> None:
        self.panel, self.recipe, self.prefix, self.radios = panel, recipe, prefix, radios
        self._controls = {control.key: control for control in panel}
        self._made: dict[str, Any] = {}

    def one(self, key: str) -> None:
        """Make one widget."""
        self._made[key] = widget(self._controls[key], self.recipe, self.prefix, radio=key in self.radios)

    def rows(self, keys: Sequence[str]) -> None:
        """Make some widgets, in pairs; those that the panel has not are left out."""
        for row in _rows([self._controls[key] for key in keys if key in self._controls]):
            with gr.Row():
                for control in row:
                    self.one(control.key)

    def rest(self) -> None:
        """Make all that are left, one accordion per section."""
        for section in self.panel.kinds:
            left = [control.key for control in self.panel if control.section == section and control.key not in self._made]
            if left:
                with gr.Accordion(title(section), open=False, elem_id=f"{self.prefix}_{section}_more"):
                    for key in left:
                        self.one(key)

    def all(self) -> list[Any]:
        """Every widget, in the panel's order."""
        return [self._made[control.key] for control in self.panel]


def build(panel: Panel, recipe: Recipe, *, prefix: str = "vidstyl") -> list[Any]:
    """Make the panel's widgets inside the Gradio block that is open, and return them in the panel's order.

    The basic ones of stages that are on come first; the others wait in one accordion per section.
    """
    shelf = Shelf(panel, recipe, prefix=prefix)
    shelf.rows([control.key for control in panel if control.basic and control.section not in recipe.off])
    shelf.rest()
    return shelf.all()


def widget(control: Control, recipe: Recipe, prefix: str, *, radio: bool = False) -> Any:
    """One control as a Gradio widget with label, help, elem_id and value."""
    about: dict[str, Any] = {"label": control.label, "value": control.shown(recipe), "elem_id": elem_id(control, prefix),
                             "info": control.help}
    if control.field is None:
        return _CHECKBOX(**about)
    facts, kind = control.field.facts, control.field.kind
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
    """Long texts and choices that are all shown alone, all else in pairs."""
    rows: list[list[Control]] = []
    for control in controls:
        if rows and len(rows[-1]) == 1 and not _alone(control) and not _alone(rows[-1][0]):
            rows[-1].append(control)
        else:
            rows.append([control])
    return rows


def _alone(control: Control) -> bool:
    facts = control.field.facts if control.field else None
    return facts is None or facts.lines or 0 < len(facts.choices) <= FEW


_CHECKBOX, _TEXTBOX, _NUMBER = guarded(gr.Checkbox), guarded(gr.Textbox), guarded(gr.Number)
_SLIDER, _RADIO, _DROPDOWN = guarded(gr.Slider), guarded(gr.Radio), guarded(gr.Dropdown)
