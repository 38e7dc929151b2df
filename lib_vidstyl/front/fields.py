"""Settings become flags of a command line (and, for other ways in, whatever they show): all from the fields' own facts."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from lib_vidstyl.settings import Facts, Recipe, Settings


class Field(NamedTuple):
    """One field of one section, as every way in sees it. `key` is "section.name"."""

    section: str
    name: str
    kind: type
    default: Any
    facts: Facts

    @property
    def key(self) -> str:
        """Unique name among all fields."""
        return f"{self.section}.{self.name}"

    @property
    def flag(self) -> str:
        """Its flag on the command line."""
        return f"--{self.facts.flag or f'{self.section}-{self.name}'.replace('_', '-')}"


def fields(kinds: Mapping[str, type[Settings]]) -> Iterator[Field]:
    """All fields of all sections, in order."""
    for section, kind in kinds.items():
        for name, value_kind, default, facts in kind.described():
            yield Field(section, name, value_kind, default, facts)


def add_flags(parser: argparse.ArgumentParser, kinds: Mapping[str, type[Settings]]) -> None:
    """Give the parser a flag per field, in a group per section."""
    groups = {section: parser.add_argument_group(section) for section in kinds}
    for field in fields(kinds):
        options: dict[str, Any] = {"dest": field.key, "default": argparse.SUPPRESS, "help": _help(field)}
        if field.kind is bool:
            options["action"] = argparse.BooleanOptionalAction
        else:
            options |= {"type": _reader(field.kind), "metavar": _metavar(field)}
        if field.facts.many:
            options["action"] = _Joined
        groups[field.section].add_argument(field.flag, **options)


def with_flags(recipe: Recipe, given: Mapping[str, Any], kinds: Mapping[str, type[Settings]]) -> Recipe:
    """The recipe with the values given under the fields' keys ("paint.seed").

    Raises SettingsError for a value out of range.
    """
    for section in kinds:
        changes = {field.name: given[field.key] for field in fields(kinds) if field.section == section and field.key in given}
        if changes:
            recipe = recipe.replaced(section, **changes)
    return recipe


def by_short_name(given: Mapping[str, Any], kinds: Mapping[str, type[Settings]]) -> dict[str, Any]:
    """Python keywords to field keys: `seed=7` or `paint_seed=7` becomes {"paint.seed": 7}.

    Raises TypeError for a keyword that is no setting.
    """
    known = {}
    for field in fields(kinds):
        known[f"{field.section}_{field.name}"] = field.key
        known[field.flag[2:].replace("-", "_")] = field.key
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise TypeError(f"unknown setting '{unknown[0]}'; known are: {', '.join(sorted(known))}")
    return {known[name]: value for name, value in given.items()}


def _help(field: Field) -> str:
    facts, words = field.facts, [field.facts.help]
    if facts.choices:
        words.append(f"One of: {', '.join(choice or 'automatic' for choice in facts.choices)}.")
    elif facts.minimum is not None and facts.maximum is not None:
        words.append(f"{facts.minimum:g} to {facts.maximum:g}.")
    if facts.many:
        words.append("May be repeated.")
    if field.default not in ("", None):
        words.append(f"Default: {field.default}.")
    return " ".join(words).replace("%", "%%")


class _Joined(argparse.Action):
    """Collects the texts of a repeated flag: the last alone would drop the others without a word."""

    def __call__(self, parser: Any, namespace: argparse.Namespace, values: Any, option_string: str | None = None) -> None:
        setattr(namespace, self.dest, f"{getattr(namespace, self.dest, '')} {values}".strip())


def _metavar(field: Field) -> str:
    if field.facts.path:
        return "PATH"
    return {int: "N", float: "X"}.get(field.kind, "TEXT")


def _reader(kind: type) -> Any:
    """The type's own constructor, but with a name that argparse can put into its message."""
    if kind is float or kind is int:
        return kind
    return str
