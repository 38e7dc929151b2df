import pytest

gr = pytest.importorskip("gradio", reason="Gradio is not installed")

from lib_vidstyl.front import infotext, widgets
from lib_vidstyl.front.panel import Panel
from lib_vidstyl.front.session import kinds, new_recipe


def build():
    panel = Panel(kinds(), switches=["paint"])
    with gr.Blocks():
        return panel, widgets.build(panel, new_recipe(), prefix="t")


def test_every_control_has_a_widget_with_a_label_and_an_id_of_its_own():
    panel, made = build()
    assert len(made) == len(panel) and None not in made
    assert len({widget.elem_id for widget in made}) == len(made)
    assert [widget.label for widget in made] == [control.label for control in panel]


def test_widgets_begin_with_the_recipes_values():
    panel, made = build()
    assert [widget.value for widget in made] == panel.values(new_recipe())


def test_widgets_keep_the_look_of_gradios_own():
    _, made = build()
    assert {widget.get_block_name() for widget in made} <= {"checkbox", "textbox", "number", "slider", "radio", "dropdown"}


def test_infotext_fields_pair_widgets_with_readers():
    panel, made = build()
    pairs = widgets.infotext_fields(panel, made, infotext.readers(panel, new_recipe()))
    assert len(pairs) == len(made) and pairs[0][1]({}) is None


def test_long_texts_and_choices_that_are_all_shown_have_their_row_alone():
    panel = Panel(kinds(), switches=["paint"])
    keys = ["paint.seed_rule", "decode.start", "decode.end", "paint.prompts", "decode.every"]
    with gr.Blocks() as blocks:
        widgets.Shelf(panel, new_recipe()).rows(keys)
    rows = [[made.elem_id.removeprefix("vidstyl_") for made in _fields(row)] for row in blocks.children]
    assert rows == [["paint_seed_rule"], ["decode_start", "decode_end"], ["paint_prompts"], ["decode_every"]]


def _fields(row):
    """The widgets of a row; Gradio may put them into a form."""
    return [made for child in row.children for made in (getattr(child, "children", None) or [child])]
