"""Every sentence of the page is in every language's file; a file says nothing that the page does not."""

import json
import re

import pytest

pytest.importorskip("gradio", reason="Gradio is not installed")

from lib_vidstyl.front.desk.presets import BUILT_IN
from lib_vidstyl.front.panel import title
from lib_vidstyl.front.tab import TRIES, page_panel
from lib_vidstyl.front.words import FOLDER, languages, word_files
from lib_vidstyl.stylizers.looks import LOOKS

TEXT = r'"((?:[^"\\]|\\.)*)"'
CALLS = (rf"\b(?:t|word|vs\.t|vs\.word)\({TEXT}", rf'vs\.count\([^"]*{TEXT}, {TEXT}', rf'\bt\([^"()]*\? {TEXT} : {TEXT}')
BUTTONS = {"Try first", "Try", "Paint the keyframes", "Make the film", "More settings"}


class Asked:
    servers = ("http://127.0.0.1:7860",)


def scripts():
    """The sentences in the page's own scripts."""
    found = set()
    for path in (FOLDER.parent / "javascript").glob("vidstyl_*.js"):
        text = path.read_text(encoding="utf-8")
        for call in CALLS:
            found |= {json.loads(f'"{one}"') for match in re.finditer(call, text) for one in match.groups()}
    return found


def gradio():
    """The words in Gradio's widgets."""
    panel = page_panel(Asked())
    labels = {control.label for control in panel} | {title(section) for section in panel.kinds}
    helps = {control.help for control in panel if control.help}
    return labels | helps | BUTTONS | {*LOOKS, *TRIES, *(one.name for one in BUILT_IN)}


def test_there_is_more_than_english():
    assert "de" in languages() and len(scripts()) > 120


@pytest.mark.parametrize("path", word_files(), ids=lambda path: path.stem)
def test_a_language_says_all_that_the_page_says(path):
    words = json.loads(path.read_text(encoding="utf-8"))
    assert scripts() - set(words) == set()
    missing = gradio() - set(words)
    assert len(missing) <= 0.1 * len(gradio()), missing  # settings that are new may wait for their translators


@pytest.mark.parametrize("path", word_files(), ids=lambda path: path.stem)
def test_translations_fill_in_the_same(path):
    for english, words in json.loads(path.read_text(encoding="utf-8")).items():
        assert words and sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", words)), english
