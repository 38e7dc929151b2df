"""What all settings share: facts about a field written once, checks, and recipes as JSON.

A section is a frozen dataclass whose fields are made by `setting(...)`. Command line flags, widgets, API schema and
infotext are generated from those facts; nothing states a default, a range or a help text a second time.
"""

from __future__ import annotations

import dataclasses
import json
import math
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, get_type_hints

from lib_vidstyl.errors import SettingsError

FORMAT = "vidstyl-recipe"
VERSION = 1


@dataclass(frozen=True)
class Facts:
    """All that is known of a field: its label, help, range, choices, and how it is called on the command line.

    path: the value names a file or folder of this machine, and leaves with no film; neither does a private one. lines: a
    text of several lines. basic: shown to everybody; the others wait under "advanced". flag: short name on the command line.
    many: the text may name several, separated by spaces; its flag may be repeated.
    """

    label: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[str, ...] = ()
    flag: str = ""
    path: bool = False
    private: bool = False
    lines: bool = False
    many: bool = False
    basic: bool = False


def setting(default: Any, label: str, help: str, **facts: Any) -> Any:  # noqa: A002 - the field's own word
    """A dataclass field with its facts (see `Facts`)."""
    return dataclasses.field(default=default, metadata={"facts": Facts(label, help, **facts)})


@dataclass(frozen=True)
class Settings:
    """Base of all sections: checks every value against its facts when it is made.

    Raises SettingsError naming the field, what is wrong and what is allowed.
    """

    def __post_init__(self) -> None:
        for field in dataclasses.fields(self):
            value = _checked(type(self), field.name, getattr(self, field.name))
            object.__setattr__(self, field.name, value)

    @classmethod
    def described(cls) -> Iterator[tuple[str, type, Any, Facts]]:
        """Yield (name, type, default, facts) of every field, in order."""
        types = get_type_hints(cls)
        for field in dataclasses.fields(cls):
            yield field.name, types[field.name], field.default, field.metadata["facts"]

    def replaced(self, **changes: Any) -> Any:
        """A copy with some values changed, checked again."""
        return dataclasses.replace(self, **changes)

    def placed(self, change: Callable[[str], str]) -> Any:
        """A copy in which `change` has been applied to every path: it returns where that is, or raises."""
        paths = {name: getattr(self, name) for name, _, _, facts in self.described() if facts.path}
        return self.replaced(**{name: self._placed(name, value, change) for name, value in paths.items() if value})

    def _placed(self, name: str, value: str, change: Callable[[str], str]) -> str:
        """A field that holds a path, changed; sections whose fields hold more than a path say here what the path is."""
        return change(value)


def _checked(section: type[Settings], name: str, value: Any) -> Any:
    wanted = get_type_hints(section)[name]
    facts: Facts = section.__dataclass_fields__[name].metadata["facts"]
    if wanted is float and isinstance(value, int) and not isinstance(value, bool) and abs(value) < _LARGEST:
        value = float(value)
    if type(value) is not wanted:
        raise _wrong(name, value, f"it must be {_SPOKEN[wanted]}")
    if facts.choices and value not in facts.choices:
        raise _wrong(name, value, f"choose one of: {', '.join(facts.choices)}")
    if wanted in (int, float):
        _check_range(name, value, facts)
    if wanted is str and _UNFIT.search(value):
        raise _wrong(name, value, "it must not hold NUL characters or halves of characters")
    return value


_LARGEST = 2**1023
"""Whole numbers below it are floats too."""
_UNFIT = re.compile("[\0\ud800-\udfff]")
"""What no file in UTF-8 can hold."""
_SPOKEN = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def _check_range(name: str, value: float, facts: Facts) -> None:
    low = facts.minimum is not None and not value >= facts.minimum
    high = facts.maximum is not None and not value <= facts.maximum
    if low or high or math.isnan(value):
        limits = {(True, True): f"between {facts.minimum} and {facts.maximum}", (True, False): f"at least {facts.minimum}",
                  (False, True): f"at most {facts.maximum}", (False, False): "a real number"}
        raise _wrong(name, value, f"it must be {limits[facts.minimum is not None, facts.maximum is not None]}")


def _wrong(name: str, value: object, remedy: str) -> SettingsError:
    shown = repr(value) if len(repr(value)) < 60 else repr(value)[:57] + "..."
    return SettingsError(f"{shown} is no value for '{name}'", remedy=f"{remedy[0].upper()}{remedy[1:]}.")


@dataclass(frozen=True)
class Recipe:
    """All settings of a run: section name -> settings, in the order of the stages; `off` names stages left out."""

    sections: Mapping[str, Settings]
    off: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "sections", MappingProxyType(dict(self.sections)))

    def __getitem__(self, name: str) -> Any:
        return self.sections[name]

    def replaced(self, section: str, **changes: Any) -> Recipe:
        """A copy with some values of one section changed."""
        changed = {**self.sections, section: self.sections[section].replaced(**changes)}
        return dataclasses.replace(self, sections=changed)

    def to_json(self, *, paths: bool = True) -> str:
        """The recipe as JSON text; without `paths`, values that name files of this machine are left out."""
        sections = {name: _values(section, paths) for name, section in self.sections.items()}
        return json.dumps({"format": FORMAT, "version": VERSION, "off": sorted(self.off), "sections": sections},
                          indent=1, ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str, kinds: Mapping[str, type[Settings]], *, off: frozenset[str] = frozenset(),
                  where: str = "recipe", paths: bool = True) -> Recipe:
        """Read a recipe; what it does not say keeps its default.

        kinds: section name -> dataclass. off: stages that are off by default; they stay so in a recipe that does not know
        them. Without `paths`, values that name local files are ignored: for recipes that came from elsewhere. Raises
        SettingsError for text that is no recipe, a newer version, unknown sections or fields, and values out of range.
        """
        data = _parsed(text, where)
        unknown = (set(data["sections"]) | set(data["off"])) - set(kinds)
        if unknown:
            raise SettingsError(f"unknown stage {_names(unknown)}", where=where, remedy=_spelling(unknown, kinds))
        return cls({name: _section(kind, data["sections"].get(name, {}), f"{where}, {name}", paths)
                    for name, kind in kinds.items()}, frozenset(data["off"]) | (off - set(data["sections"])))


def _stays(facts: Facts) -> bool:
    return facts.path or facts.private


def _values(section: Settings, paths: bool) -> dict[str, Any]:
    return {name: getattr(section, name) for name, _, _, facts in section.described() if paths or not _stays(facts)}


def _parsed(text: str, where: str) -> dict[str, Any]:
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise SettingsError("this is no recipe: it is not valid JSON", where=where,
                            remedy="Give the recipe.json of a project, or a film that was made here.") from error
    if not isinstance(data, dict) or data.get("format") != FORMAT:
        raise SettingsError("this JSON is no recipe", where=where, remedy=f'A recipe says "format": "{FORMAT}".')
    version = data.get("version")
    if not isinstance(version, int) or version > VERSION:
        raise SettingsError(f"the recipe has version {version!r}, newer than {VERSION}", where=where,
                            remedy="Update Video Stylize to read it.")
    data = {"off": [], "sections": {}, **data}
    sections_fit = isinstance(data["sections"], dict) and all(isinstance(s, dict) for s in data["sections"].values())
    if not sections_fit or not isinstance(data["off"], list) or not all(isinstance(n, str) for n in data["off"]):
        raise SettingsError("the recipe's sections are not in order", where=where, remedy="Save the recipe again.")
    return data


def _section(kind: type[Settings], values: Mapping[str, Any], where: str, paths: bool) -> Settings:
    known = {name: facts for name, _, _, facts in kind.described()}
    unknown = set(values) - set(known)
    if unknown:
        raise SettingsError(f"unknown setting {_names(unknown)}", where=where, remedy=_spelling(unknown, known))
    try:
        return kind(**{name: value for name, value in values.items() if paths or not _stays(known[name])})
    except SettingsError as error:
        raise SettingsError(error.what, where=where, remedy=error.remedy) from error


def _names(names: set[str]) -> str:
    return ", ".join(repr(name[:60]) for name in sorted(names))


def _spelling(unknown: set[str], known: object) -> str:
    import difflib  # only needed for the message

    names = list(known)  # type: ignore[call-overload]
    near = [match for name in sorted(unknown) for match in difflib.get_close_matches(name, names, n=1)]
    return f"Did you mean {', '.join(near)}?" if near else f"Known are: {', '.join(names)}."
