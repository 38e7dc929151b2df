"""A recipe's JSON schema, generated from the settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lib_vidstyl.front.fields import Field, fields
from lib_vidstyl.front.panel import title
from lib_vidstyl.settings import FORMAT, VERSION, Settings

_TYPES = {int: "integer", float: "number", str: "string", bool: "boolean"}


def recipe_schema(kinds: Mapping[str, type[Settings]]) -> dict[str, Any]:
    """The JSON schema (draft 7) of a recipe of these sections."""
    sections = {section: _object({field.name: value_schema(field) for field in fields({section: kind})}, title=title(section))
                for section, kind in kinds.items()}
    return {"$schema": "http://json-schema.org/draft-07/schema#",
            **_object({"format": {"const": FORMAT}, "version": {"type": "integer", "maximum": VERSION},
                       "off": {"type": "array", "items": {"enum": list(kinds)}, "description": "Stages that are left out."},
                       "sections": _object(sections)}, title="Recipe"), "required": ["format", "version"]}


def value_schema(field: Field) -> dict[str, Any]:
    """One field: type, default, range, choices, help."""
    facts = field.facts
    limits = {"minimum": facts.minimum, "maximum": facts.maximum, "enum": list(facts.choices) or None}
    return {"type": _TYPES[field.kind], "title": facts.label, "description": facts.help, "default": field.default,
            **{word: limit for word, limit in limits.items() if limit is not None}}


def _object(properties: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    return {"type": "object", "properties": dict(properties), "additionalProperties": False, **more}
