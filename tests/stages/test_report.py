"""The report: what is measured while the film is made, and a page that no name can break."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import numpy as np
import pytest

from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.front.cli import main
from lib_vidstyl.front.session import deflicker_recipe, new_recipe, order
from lib_vidstyl.pipeline import finish, switched
from lib_vidstyl.stages.report import TILES, Observer
from lib_vidstyl.temporal.page import Report, Worst, page
from tests.fakes import Fake
from tests.temporal.films import flickering, panning, toned

HOSTILE = ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "'; rm -rf ~ #", "</title><svg onload=alert(1)>",
           "&lt;b&gt;"]


class Tags(HTMLParser):
    def __init__(self):
        super().__init__()
        self.tags, self.attributes = set(), []

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes += attrs


def written(tmp_path, change, count=6, name="clip"):
    source = tmp_path / name
    source.mkdir()
    for index, frame in enumerate(panning(count, 48, 64)):
        (source / f"{index:04d}.png").write_bytes(encode_png(frame))
    recipe = switched(new_recipe().replaced("encode", format="ffv1"), on=["report"])
    finish(order(source, tmp_path / "film.mkv", recipe=recipe).start(Fake(change)))
    return (tmp_path / "film.vidstyl" / "report.html").read_text(encoding="utf-8")


def test_a_run_writes_its_report(tmp_path):
    text = written(tmp_path, lambda task: flickering([toned(task.image)], seed=task.index)[0])
    assert text.count("<svg") == 2
    assert text.count("data-frame=") >= 5
    assert "repaint this frame" in text and "Contact sheet" in text and "numpy" in text
    assert "paint" in text and not re.search(r"(?:src|href)=\"(?!data:)", text)
    assert str(tmp_path) not in text


def test_a_film_painted_elsewhere_offers_no_repainting(tmp_path):
    for name in ("styled", "guide"):
        (tmp_path / name).mkdir()
        for index, frame in enumerate(panning(4, 48, 64)):
            (tmp_path / name / f"{index:04d}.png").write_bytes(encode_png(frame))
    recipe = switched(deflicker_recipe(tmp_path / "guide"), on=["report"])
    finish(order(tmp_path / "styled", tmp_path / "film.mkv", recipe=recipe).start())
    text = (tmp_path / "film.vidstyl" / "report.html").read_text(encoding="utf-8")
    assert "Frame 1" in text and "repaint" not in text.split("<pre>")[0]


def test_the_worst_frame_is_the_one_that_flashes(tmp_path):
    text = written(tmp_path, lambda task: 255 - task.image if task.index == 3 else task.image)
    assert re.search(r"Frame (\d+):", text)[1] in "34"


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_gets_into_the_markup(words):
    report = Report(title=words, frames=[0, 1], curves={"error": [None, 1.0], words: [0.0, 1.0]}, notes=[words], versions=words,
                    recipe=words, times={words: (1, 2.0)}, pictures={words: words},
                    worst=[Worst(1, words, words, {words: words})])
    parsed = Tags()
    parsed.feed(page(report))
    assert not parsed.tags & {"script", "iframe", "object"}
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert all(value.startswith("data:") for name, value in parsed.attributes if name == "src")


def test_a_film_that_holds_still_has_no_flicker_and_memory_is_bounded(tmp_path):
    from types import SimpleNamespace

    frame = panning(1, 48, 64)[0]
    observer = Observer(3)
    for index in range(3 * TILES):
        observer.see(SimpleNamespace(picture=SimpleNamespace(image=frame), index=index, cut=False), frame)
    assert len(observer.tiles) <= TILES and len(observer.worst) == 3
    assert max(value for value in observer.curves["flicker"] if value is not None) == 0
    assert np.allclose(observer.curves["drift"], 0)


def test_the_command_tells_where_it_is(tmp_path, capsys):
    written(tmp_path, lambda task: task.image)
    assert main(["report", str(tmp_path / "film.vidstyl")]) == 0
    assert "report.html" in capsys.readouterr().out
    assert main(["report", str(tmp_path)]) == 1
    assert "--on report" in capsys.readouterr().err
