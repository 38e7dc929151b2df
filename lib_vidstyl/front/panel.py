"""A recipe as a flat list of controls, and back: what a page, a script's arguments and infotext all share. Knows no Gradio."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.fields import Field, fields
from lib_vidstyl.settings import Facts, Recipe, Settings

AUTOMATIC = "automatic"
"""How the empty choice is shown."""


@dataclass(frozen=True)
class Control:
    """One thing to set: a field, or, where `field` is None, whether a stage runs. help: a sentence on it."""

    section: str
    label: str
    field: Field | None = None
    help: str = ""

    @property
    def key(self) -> str:
        """Unique among all controls: "paint.seed", or "paint.on" for a stage's switch."""
        return self.field.key if self.field else f"{self.section}.on"

    @property
    def basic(self) -> bool:
        """Whether everybody should see it."""
        return self.field is not None and self.field.facts.basic

    def shown(self, recipe: Recipe) -> Any:
        """The recipe's value as the control shows it."""
        if self.field is None:
            return self.section not in recipe.off
        value = getattr(recipe[self.section], self.field.name)
        return AUTOMATIC if self.field.facts.choices and value == "" else value


class Panel:
    """All controls of some sections, in a fixed order.

    kinds: section -> settings' class. switches: sections that can be switched on and off. skip: keys of fields that another
    way in decides, and whole sections.
    """

    def __init__(self, kinds: Mapping[str, type[Settings]], *, switches: Collection[str] = (), skip: Collection[str] = ()) -> None:
        self.kinds = kinds
        found = [field for field in fields(kinds) if field.key not in skip and field.section not in skip]
        labels = Counter(field.facts.label for field in found)
        self.controls: list[Control] = []
        for section in kinds:
            if section in switches and section not in skip:
                self.controls.append(Control(section, f"Use: {title(section).lower()}", help=_first_line(kinds[section])))
            self.controls += [Control(section, _label(field, labels), field, field.facts.help)
                              for field in found if field.section == section]

    def __iter__(self) -> Iterator[Control]:
        return iter(self.controls)

    def __len__(self) -> int:
        return len(self.controls)

    def values(self, recipe: Recipe) -> list[Any]:
        """What every control shows for a recipe, in order."""
        return [control.shown(recipe) for control in self.controls]

    def recipe(self, base: Recipe, values: Sequence[Any]) -> Recipe:
        """The base recipe with the controls' values, as a page or a program gives them.

        Raises SettingsError, which names the control, for a value out of range and for too few or too many values.
        """
        if len(values) != len(self.controls):
            raise SettingsError(f"{len(values)} values were given for {len(self.controls)} settings",
                                remedy="Reload the page; a program asks for the schema again.")
        off = set(base.off)
        changes: dict[str, dict[str, Any]] = {}
        for control, value in zip(self.controls, values, strict=True):
            if control.field is None:
                (off.discard if value else off.add)(control.section)
            else:
                changes.setdefault(control.section, {})[control.field.name] = read(control.field, value)
        for section, changed in changes.items():
            base = base.replaced(section, **changed)
        return replace(base, off=frozenset(off))


def read(field: Field, value: Any) -> Any:
    """A value as pages and programs give it (1.0 for 1, None for nothing, "true") as the field's own type, where it can be.

    What cannot be converted comes back as it is: the settings' own check then says what is wrong.
    """
    if value is None:
        return field.default
    if field.facts.choices and value == AUTOMATIC:
        return ""
    if field.kind is str and isinstance(value, (int, float)) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and field.kind is not str:
        return _READERS[field.kind](value, field)
    if field.kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _number(kind: Callable[[str], Any]) -> Callable[[str, Field], Any]:
    def reader(text: str, field: Field) -> Any:
        try:
            return kind(text.strip()) if text.strip() else field.default
        except (ValueError, OverflowError):
            return text
    return reader


def _truth(text: str, field: Field) -> Any:
    return {"true": True, "false": False, "": field.default}.get(text.strip().lower(), text)


_READERS: dict[type, Callable[[str, Field], Any]] = {int: _number(int), float: _number(float), bool: _truth}

_TITLES = {"decode": "Clip", "look": "Look", "paint": "Painting", "encode": "Film", "files": "Frames painted elsewhere",
           "keyframes": "Keyframes", "propagate": "Between the keyframes", "webui": "Remote webui",
           "script": "One frame, project folder", "upscale": "Size of the film"}


def title(section: str) -> str:
    """A section's heading for people."""
    return _TITLES.get(section, section.replace("_", " ").capitalize())


def _first_line(kind: type[Settings]) -> str:
    return (kind.__doc__ or "").split("\n")[0]


def _label(field: Field, labels: Counter[str]) -> str:
    label = field.facts.label
    return label if labels[label] == 1 else f"{label} ({title(field.section).lower()})"


def steps(facts: Facts, kind: type) -> float | None:
    """The step of a slider for a field, or None where a slider would be no help: no ends, or too fine for a hand."""
    if kind not in (int, float) or facts.minimum is None or facts.maximum is None:
        return None
    step = facts.step or (1 if kind is int else (facts.maximum - facts.minimum) / 100)
    return step if (facts.maximum - facts.minimum) / step <= MOST_STEPS else None


MOST_STEPS = 1000
