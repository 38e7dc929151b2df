"""Every flag, name and text of every setting is generated, unique and usable."""

from __future__ import annotations

import argparse

import pytest

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.cli import parser
from lib_vidstyl.front.fields import add_flags, by_short_name, fields, with_flags
from lib_vidstyl.front.session import kinds, new_recipe

FIELDS = list(fields(kinds()))


def test_flags_and_keys_are_unique():
    assert len({field.flag for field in FIELDS}) == len(FIELDS)
    assert len({field.key for field in FIELDS}) == len(FIELDS)


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_field_says_what_it_is(field):
    facts = field.facts
    assert facts.label and facts.help.endswith(".")
    assert field.default is not None
    if field.kind in (int, float):
        assert facts.minimum is not None and facts.maximum is not None
    if facts.choices:
        assert field.default in facts.choices


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: field.key)
def test_every_flag_reaches_its_field(field):
    value, words = _another(field)
    made = argparse.ArgumentParser()
    add_flags(made, kinds())
    recipe = with_flags(new_recipe(), vars(made.parse_args(words)), kinds())
    assert getattr(recipe[field.section], field.name) == value


def _another(field):
    if field.kind is bool:
        return (not field.default), [field.flag if not field.default else "--no-" + field.flag[2:]]
    if field.facts.choices:
        value = field.facts.choices[-1]
    elif field.kind is str:
        value = "12"
    else:
        value = field.kind(field.facts.maximum)
    return value, [field.flag, str(value)]


def test_without_flags_a_recipe_stays_as_it_is():
    made = argparse.ArgumentParser()
    add_flags(made, kinds())
    recipe = new_recipe().replaced("paint", seed=99)
    assert with_flags(recipe, vars(made.parse_args([])), kinds()) == recipe


def test_values_out_of_range_are_refused():
    with pytest.raises(SettingsError, match="seed"):
        with_flags(new_recipe(), {"paint.seed": -2}, kinds())


def test_python_names():
    assert by_short_name({"seed": 7, "encode_format": "gif"}, kinds()) == {"paint.seed": 7, "encode.format": "gif"}
    with pytest.raises(TypeError, match="colour"):
        by_short_name({"colour": 1}, kinds())


def test_help_can_be_printed(capsys):
    for command in ("stylize", "info", "demo", "verify", "recipe"):
        with pytest.raises(SystemExit) as ended:
            parser().parse_args([command, "--help"])
        assert ended.value.code == 0
    assert "--seed" in capsys.readouterr().out
