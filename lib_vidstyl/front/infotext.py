"""A recipe as infotext pairs, "Vidstyl paint seed: 7", and back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.panel import Control, Panel, read
from lib_vidstyl.settings import Recipe

PREFIX = "Vidstyl"


def name(control: Control) -> str:
    """The control's name in infotext: "Vidstyl paint seed rule"."""
    return f"{PREFIX} {control.key.replace('.', ' ').replace('_', ' ')}"


def pairs(panel: Panel, recipe: Recipe, base: Recipe) -> dict[str, str]:
    """Name -> text of every control whose value is not the base recipe's; values that name local files stay at home."""
    changed = {}
    for control in panel:
        local = _stays(control)
        if not local and control.shown(recipe) != control.shown(base):
            changed[name(control)] = str(control.shown(recipe))
    return changed


def recipe(panel: Panel, given: Mapping[str, Any], base: Recipe) -> Recipe:
    """The base recipe with the infotext's pairs; others' pairs are ignored, and so are values that name local files.

    Raises SettingsError for a value out of range.
    """
    texts = [_text(control, given, base) for control in panel]
    return panel.recipe(base, texts)


def readers(panel: Panel, base: Recipe) -> dict[str, Callable[[Mapping[str, Any]], Any]]:
    """Control key -> function that finds what the control should show in the infotext's pairs.

    It returns None, which leaves the control alone, where no pair is ours or the value makes no sense; the base recipe's
    value where only other controls are named.
    """
    return {control.key: _reader(control, base) for control in panel}


def _reader(control: Control, base: Recipe) -> Callable[[Mapping[str, Any]], Any]:
    def reader(given: Mapping[str, Any]) -> Any:
        if not any(key.startswith(f"{PREFIX} ") for key in given):
            return None
        value = _text(control, given, base)
        if control.field is None:
            return value
        try:
            changed = base.replaced(control.section, **{control.field.name: read(control.field, value)})
        except SettingsError:
            return None
        return control.shown(changed)
    return reader


def _stays(control: Control) -> bool:
    return control.field is not None and (control.field.facts.path or control.field.facts.private)


def _text(control: Control, given: Mapping[str, Any], base: Recipe) -> Any:
    """The pair's value for a control, or the base recipe's where there is none."""
    value = control.shown(base) if _stays(control) else given.get(name(control), control.shown(base))
    if control.field is None and isinstance(value, str):
        return value.strip().lower() == "true"
    return value
