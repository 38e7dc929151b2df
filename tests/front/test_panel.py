from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_vidstyl import pipeline
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front import infotext
from lib_vidstyl.front.panel import AUTOMATIC, Panel, read
from lib_vidstyl.front.schema import recipe_schema
from lib_vidstyl.front.session import kinds, new_recipe
from lib_vidstyl.settings import Recipe, Settings, setting
from lib_vidstyl.stages import STAGES

SWITCHES = [stage.name for stage in STAGES if stage.optional]


def panel(**options):
    return Panel(kinds(), switches=SWITCHES, **options)


def value_of(control):
    """A strategy for values that a control may show."""
    if control.field is None:
        return st.booleans()
    facts, kind = control.field.facts, control.field.kind
    if facts.choices:
        return st.sampled_from([choice or AUTOMATIC for choice in facts.choices])
    if kind is bool:
        return st.booleans()
    if kind is str:
        return st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=20)
    limits = {"min_value": facts.minimum, "max_value": facts.maximum}
    return st.integers(**limits) if kind is int else st.floats(allow_nan=False, **limits)


VALUES = st.tuples(*[value_of(control) for control in panel()])


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_values_come_back_through_a_recipe(values):
    made = panel().recipe(new_recipe(), values)
    assert panel().values(made) == list(values)


@settings(max_examples=40, deadline=None)
@given(VALUES)
def test_infotext_comes_back_but_for_local_paths(values):
    here, base = panel(), new_recipe()
    made = here.recipe(base, values)
    back = infotext.recipe(here, infotext.pairs(here, made, base), base)
    assert back == Recipe.from_json(made.to_json(paths=False), kinds(), off=pipeline.off_by_default(), paths=False)


def test_infotext_is_named_by_section_and_field():
    base = new_recipe()
    assert infotext.pairs(panel(), base.replaced("paint", seed=7), base) == {"Vidstyl paint seed": "7"}


def test_readers_leave_widgets_alone_without_our_pairs_or_with_nonsense():
    seed = infotext.readers(panel(), new_recipe())["paint.seed"]
    assert seed({"Steps": "20"}) is None
    assert seed({"Vidstyl paint seed": "many"}) is None
    assert seed({"Vidstyl paint seed": "7"}) == 7
    assert seed({"Vidstyl paint steps": "30"}) == new_recipe()["paint"].seed


def test_labels_and_keys_are_unique():
    labels = [control.label for control in panel()]
    assert len(set(labels)) == len(labels)
    assert len({control.key for control in panel()}) == len(panel())


def test_skipped_fields_keep_the_base_recipes_values():
    some = panel(skip=("paint.seed", "look"))
    assert not {"paint.seed", "look.look"} & {control.key for control in some}
    base = new_recipe().replaced("paint", seed=9)
    assert some.recipe(base, some.values(new_recipe()))["paint"].seed == 9


def test_wrong_count_and_wrong_values_are_said():
    values = panel().values(new_recipe())
    with pytest.raises(SettingsError, match="values were given"):
        panel().recipe(new_recipe(), values[:-1])
    at = [control.key for control in panel()].index("paint.seed")
    for bad in (-2, 1.5, "x", [], {"name": "/etc/passwd", "is_file": True}, float("nan"), True):
        with pytest.raises(SettingsError):
            panel().recipe(new_recipe(), [*values[:at], bad, *values[at + 1:]])


def test_repeated_labels_tell_their_section():
    @dataclass(frozen=True)
    class One(Settings):
        strength: float = setting(0.5, "Strength", "")

    both = Panel({"look": One, "deflicker": One})
    assert [control.label for control in both] == ["Strength (look)", "Strength (deflicker)"]


def test_values_of_pages_and_programs_become_the_fields_own_type():
    fields = {control.key: control.field for control in panel()}
    assert read(fields["paint.seed"], 7.0) == 7 and isinstance(read(fields["paint.seed"], 7.0), int)
    assert read(fields["paint.seed"], "12") == 12
    assert read(fields["paint.seed"], None) == fields["paint.seed"].default
    assert read(fields["paint.keep_frames"], "False") is False
    assert read(fields["encode.format"], AUTOMATIC) == ""


def test_schema_says_what_the_settings_say():
    schema = recipe_schema(kinds())
    seed = schema["properties"]["sections"]["properties"]["paint"]["properties"]["seed"]
    assert seed["type"] == "integer" and seed["minimum"] == -1 and seed["default"] == 1
    looks = schema["properties"]["sections"]["properties"]["look"]["properties"]["look"]
    assert "oil" in looks["enum"]
