"""Settings check themselves, and recipes survive the way through JSON."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.settings import Recipe, Settings, setting


@dataclass(frozen=True)
class Brush(Settings):
    width: int = setting(3, "Width", "How wide.", minimum=1, maximum=9)
    weight: float = setting(0.5, "Weight", "How heavy.", minimum=0.0, maximum=1.0)
    kind: str = setting("flat", "Kind", "Which.", choices=("flat", "round"))
    paper: str = setting("", "Paper", "A file.", path=True)
    wet: bool = setting(False, "Wet", "Whether.")


KINDS = {"brush": Brush}
BRUSHES = st.builds(Brush, width=st.integers(1, 9), weight=st.floats(0, 1), kind=st.sampled_from(["flat", "round"]),
                    paper=st.text().filter(lambda text: "\0" not in text), wet=st.booleans())


@given(BRUSHES, st.booleans())
def test_recipe_round_trips(brush, off):
    recipe = Recipe({"brush": brush}, frozenset({"brush"} if off else ()))
    again = Recipe.from_json(recipe.to_json(), KINDS)
    assert again.sections["brush"] == brush
    assert again.off == recipe.off


def test_what_a_recipe_does_not_say_keeps_its_default():
    text = json.dumps({"format": "vidstyl-recipe", "version": 1, "sections": {"brush": {"width": 7}}})
    assert Recipe.from_json(text, KINDS)["brush"] == Brush(width=7)


def test_paths_stay_at_home():
    recipe = Recipe({"brush": Brush(paper="/home/ann/paper.png")})
    assert "ann" not in recipe.to_json(paths=False)
    assert Recipe.from_json(recipe.to_json(), KINDS, paths=False)["brush"].paper == ""


@pytest.mark.parametrize(("changes", "said"), [
    ({"width": 0}, "between 1 and 9"), ({"width": 10}, "between 1 and 9"), ({"width": 2.5}, "whole number"),
    ({"width": True}, "whole number"), ({"weight": float("nan")}, "between 0.0 and 1.0"), ({"weight": "x"}, "number"),
    ({"kind": "fan"}, "flat, round"), ({"wet": 1}, "true or false"), ({"paper": "a\0b"}, "NUL"), ({"paper": None}, "text"),
    ({"paper": "a\udc80"}, "halves"), ({"weight": 10**400}, "number"),
])
def test_wrong_values_say_what_is_allowed(changes, said):
    with pytest.raises(SettingsError) as caught:
        Brush(**changes)
    assert said in str(caught.value)
    assert next(iter(changes)) in str(caught.value)


@pytest.mark.parametrize(("text", "said"), [
    ("", "not valid JSON"), ("[1]", "no recipe"), ("{}", "no recipe"), ("[" * 100_000, "not valid JSON"),
    ('{"format": "vidstyl-recipe", "version": 99}', "newer"),
    ('{"format": "vidstyl-recipe", "version": "1"}', "newer"),
    ('{"format": "vidstyl-recipe", "version": 1, "sections": {"brsh": {}}}', "Did you mean brush"),
    ('{"format": "vidstyl-recipe", "version": 1, "sections": {"brush": {"widht": 3}}}', "Did you mean width"),
    ('{"format": "vidstyl-recipe", "version": 1, "sections": {"brush": {"width": 99}}}', "between 1 and 9"),
    ('{"format": "vidstyl-recipe", "version": 1, "sections": {"brush": 3}}', "not in order"),
    ('{"format": "vidstyl-recipe", "version": 1, "off": "paint"}', "not in order"),
    ('{"format": "vidstyl-recipe", "version": 1, "off": ["nobody"]}', "unknown stage"),
])
def test_bad_recipes_are_refused_in_one_line(text, said):
    with pytest.raises(SettingsError) as caught:
        Recipe.from_json(text, KINDS, where="my.json")
    assert said in str(caught.value)
    assert "my.json" in str(caught.value)
    assert "\n" not in str(caught.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)))
def test_any_json_is_a_recipe_or_a_clear_error(data):
    if isinstance(data, dict):
        data = {"format": "vidstyl-recipe", "version": 1, **data}
    try:
        Recipe.from_json(json.dumps(data), KINDS)
    except SettingsError as error:
        assert "\n" not in str(error)
