"""The report: what is measured while the film is made, and a page that no name can break."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import numpy as np
import pytest

from lib_vidstyl.clip.picture import encode_png, read_picture
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.cli import main
from lib_vidstyl.front.session import deflicker_recipe, new_recipe, order
from lib_vidstyl.front.steadiness import steadiness
from lib_vidstyl.pipeline import finish, switched
from lib_vidstyl.stages.observer import APART, TILES, Observer
from lib_vidstyl.stages.ranges import reseeded
from lib_vidstyl.temporal.curves import Curve, drawn
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


def written(tmp_path, change, count=12, name="clip"):
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
    assert text.count("data-frame=") >= 4
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
    assert re.search(r"Frame \d:", text) and "repaint" not in text.split("<pre>")[0]


def test_the_worst_frame_is_the_one_that_flashes(tmp_path):
    text = written(tmp_path, lambda task: 255 - task.image if task.index == 3 else task.image)
    assert re.search(r"Frame (\d+):", text)[1] in "34"


def picture(path):
    return read_picture(path)[0]


def flash(task, at=(4,)):
    return 255 - task.image if task.index in at else task.image


def test_pictures_and_numbers_lie_beside_the_page(tmp_path):
    written(tmp_path, flash, count=12)
    shown = steadiness(tmp_path / "film.vidstyl")
    assert shown.page.name == "report.html" and list(shown.frames) == list(range(12))
    assert [curve.name for curve in shown.curves] == ["error", "flicker", "drift"]
    assert len({picture(curve.picture).tobytes() for curve in shown.curves}) == 3
    assert {picture(path).shape[2] for path in shown.pictures.values()} == {3}
    assert shown.worst[0].frame in (4, 5) and shown.worst[0].label.startswith("repaint")
    assert picture(shown.worst[0].picture).shape == (48, 64, 3)
    assert shown.times["frames"][0] == 12 and "numpy" in shown.versions


def test_a_damaged_or_leading_astray_report_is_none(tmp_path):
    project = tmp_path / "film.vidstyl"
    assert steadiness(project) is None
    written(tmp_path, flash)
    facts = json.loads((project / "report.json").read_text(encoding="utf-8"))
    facts["pictures"]["Contact sheet"] = "../film.mkv"
    for text in (json.dumps(facts), "[]", "{", "{}"):
        (project / "report.json").write_text(text, encoding="utf-8")
        assert steadiness(project) is None


def test_a_changed_picture_of_the_report_is_not_overwritten(tmp_path):
    written(tmp_path, flash)
    sheet = steadiness(tmp_path / "film.vidstyl").pictures["Contact sheet"]
    sheet.write_bytes(b"mine")
    recipe = switched(new_recipe().replaced("encode", format="ffv1").replaced("paint", seed=9), on=["report"])
    finish(order(tmp_path / "clip", tmp_path / "film.mkv", recipe=recipe).start(Fake(lambda task: task.image)))
    assert sheet.read_bytes() == b"mine"
    assert steadiness(tmp_path / "film.vidstyl").pictures["Contact sheet"].name == "contact-sheet-2.png"


def test_only_the_bad_span_is_painted_again(tmp_path):
    written(tmp_path, flash, count=12)
    bad = steadiness(tmp_path / "film.vidstyl").worst[0]
    painter = Fake(lambda task: task.image)
    recipe = switched(new_recipe().replaced("encode", format="ffv1").replaced("paint", seed_ranges=bad.seed_ranges), on=["report"])
    finish(order(tmp_path / "clip", tmp_path / "film.mkv", recipe=recipe).start(painter))
    assert sorted(task.index for task in painter.tasks) == list(range(bad.first, bad.last + 1))
    assert bad.first <= 4 <= bad.last


def test_frames_that_were_tried_again_are_told(tmp_path):
    tried = []

    def change(task):
        tried.append(task.index)
        if task.index == 2 and tried.count(2) < 3:
            raise OSError("gone for a moment")
        return task.image
    assert "frame 2: 3 tries" in written(tmp_path, change)
    assert steadiness(tmp_path / "film.vidstyl").retries == {2: 3}


def test_seeds_per_range_are_put_in_front():
    assert reseeded("", 3, 3, 7) == "3: 7"
    assert reseeded("3-5: 1\n9: 2", 3, 5, 2**32 + 4) == "3-5: 4\n9: 2"


def test_a_seed_per_range_must_be_one(tmp_path):
    with pytest.raises(SettingsError, match="seeds per range"):
        source = tmp_path / "clip"
        source.mkdir()
        (source / "0.png").write_bytes(encode_png(panning(1, 48, 64)[0]))
        recipe = new_recipe().replaced("paint", seed_ranges="0-3: blue")
        finish(order(source, tmp_path / "film.mkv", recipe=recipe).start(Fake(flash)))


def test_a_drawn_curve_rises_where_the_values_do():
    image = drawn(Curve("Error", "levels", range(100), [None, *[0.0] * 49, *[1.0] * 50], cuts=[20], keys=[70]))
    line = (image[..., 2].astype(int) - image[..., 0] > 60) & (image[..., 2] > 200)
    rows = [np.flatnonzero(line[:, x]).mean() for x in (200, 900)]
    assert rows[0] - rows[1] > 100
    assert drawn(Curve("Nothing", "", [], [])).shape == image.shape


def test_a_span_ends_at_a_cut():
    observer = Observer(2, numbers=list(range(8)))
    observer.curves["error"] = [None, 1.0, 1.0, 9.0, 8.0, None, 9.0, 1.0]
    assert observer.span(3) == (3, 4) and observer.span(6) == (6, 6) and observer.span(0) == (0, 0)


@pytest.mark.parametrize("words", HOSTILE)
def test_no_text_gets_into_the_markup(words):
    grey = np.zeros((8, 8, 3), np.uint8)
    report = Report(title=words, drawings={name: Curve(words, words, [0, 1], [None, 1.0]) for name in ("error", words)},
                    notes=[words], versions=words, recipe=words, times={words: (1, 2.0)}, run={words: 1.0}, pictures={words: grey},
                    worst=[Worst(1, 1, 2, 3.0, grey, words, words)])
    parsed = Tags()
    parsed.feed(page(report, lambda image: words))
    assert not parsed.tags & {"script", "iframe", "object"}
    assert not [name for name, _ in parsed.attributes if name.startswith("on")]
    assert all(value.startswith("data:") for name, value in parsed.attributes if name == "src")


def test_a_film_that_holds_still_has_no_flicker_and_memory_is_bounded():
    frame = panning(1, 48, 64)[0]
    observer = Observer(3)
    for index in range(3 * TILES):
        observer.see(index, frame, source=frame, before=frame)
    assert len(observer.tiles) <= TILES and len(observer.worst) == 3
    assert min(abs(a.frame - b.frame) for a in observer.worst for b in observer.worst if a is not b) >= APART
    assert max(value for value in observer.curves["flicker"] if value is not None) == 0
    assert np.allclose(observer.curves["drift"], 0)


def test_the_command_tells_where_it_is(tmp_path, capsys):
    written(tmp_path, lambda task: task.image)
    assert main(["report", str(tmp_path / "film.vidstyl")]) == 0
    assert "report.html" in capsys.readouterr().out


@pytest.mark.parametrize("of", ["film.mkv", "film.vidstyl"])
def test_the_command_makes_the_report_that_there_is_not(tmp_path, capsys, of):
    source = tmp_path / "clip"
    source.mkdir()
    for index, frame in enumerate(panning(8, 48, 64)):
        (source / f"{index:04d}.png").write_bytes(encode_png(frame))
    recipe = new_recipe().replaced("encode", format="ffv1").replaced("decode", start="2")
    finish(order(source, tmp_path / "film.mkv", recipe=recipe).start(Fake(lambda task: flash(task, at=(5,)))))
    before = {path.name: path.read_bytes() for path in (tmp_path / "film.vidstyl" / "frames").iterdir()}
    assert steadiness(tmp_path / "film.vidstyl") is None
    assert main(["report", str(tmp_path / of)]) == 0
    assert str(tmp_path / "film.vidstyl" / "report.html") in capsys.readouterr().out
    shown = steadiness(tmp_path / "film.vidstyl")
    assert list(shown.frames) == list(range(2, 8)) and shown.worst[0].frame in (5, 6)
    assert {path.name: path.read_bytes() for path in (tmp_path / "film.vidstyl" / "frames").iterdir()} == before


def test_the_command_asks_for_what_it_cannot_find(tmp_path, capsys):
    frames = panning(4, 48, 64)
    for name in ("styled", "clip"):
        (tmp_path / name).mkdir()
        for index, frame in enumerate(frames):
            (tmp_path / name / f"{index:04d}.png").write_bytes(encode_png(toned(frame) if name == "styled" else frame))
    assert main(["report", str(tmp_path / "nothing.mkv")]) == 1
    assert main(["report", str(tmp_path / "styled")]) == 1
    assert "--clip" in capsys.readouterr().err
    assert main(["report", str(tmp_path / "styled"), "--clip", str(tmp_path / "clip")]) == 0
    assert steadiness(tmp_path / "styled.vidstyl").worst[0].label == ""
