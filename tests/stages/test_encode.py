"""Where the film goes: nothing foreign is replaced, nothing of an earlier film stays in it, nothing unfinished is left."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.clip import sequence
from lib_vidstyl.clip.atomic import replace
from lib_vidstyl.errors import OutputError, ProjectError
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.manifest import Manifest
from lib_vidstyl.pipeline import finish
from tests.drawn import moving
from tests.fakes import Failing, Fake, identity
from tests.films import changed, pictures, written

COUNT = 4


@pytest.fixture
def source(tmp_path):
    return written(tmp_path / "source", moving(COUNT, 16, 24))


def make(source, film, fake=None, **changes):
    return finish(order(source, film, recipe=changed(new_recipe(), **changes)).start(fake or Fake(identity)))


def left(folder):
    return [path.name for path in folder.rglob("*.part")]


def beside(folder):
    return [path.name for path in folder.glob("*.part")]


def test_a_folder_of_pictures_holds_no_picture_of_an_earlier_choice(source, tmp_path):
    make(source, tmp_path / "film")
    make(source, tmp_path / "film", decode__every=2)
    assert {path.name for path in (tmp_path / "film").glob("*.png")} == {"000000.png", "000002.png"}


@pytest.mark.parametrize("name", ["film", "film.mkv"])
def test_a_film_with_gaps_is_marked_in_its_name_and_leaves_the_whole_one_alone(source, tmp_path, name):
    whole = make(source, tmp_path / name)
    before = pictures(whole.film)
    marked = tmp_path / name.replace("film", "film-incomplete")
    result = make(source, tmp_path / name, Failing([2]), paint__prompt="other")
    made = pictures(result.film)
    assert (result.film, len(made)) == (marked, COUNT) and np.array_equal(made[2], made[1])
    assert np.array_equal(pictures(tmp_path / name), before)
    mended = make(source, tmp_path / name, Fake(), paint__prompt="other")
    assert mended.complete and mended.film == tmp_path / name and not marked.exists()
    assert np.array_equal(pictures(mended.film), [255 - picture for picture in before])


def test_a_folder_of_pictures_has_its_name_when_all_are_there(source, tmp_path):
    steps = order(source, tmp_path / "film").start(Fake())
    while not (tmp_path / "film-incomplete").exists():
        next(steps)
    steps.close()
    assert not (tmp_path / "film").exists()
    assert len(pictures(make(source, tmp_path / "film").film)) == COUNT and not (tmp_path / "film-incomplete").exists()


@pytest.mark.parametrize("moved", range(COUNT + 1))
def test_a_folder_that_cannot_get_its_name_gets_it_next_time(source, tmp_path, monkeypatch, moved):
    wanted = pictures(make(source, tmp_path / "wanted").film)
    left_to_move = [True] * moved

    def full(unfinished, path):
        if not left_to_move:
            raise OSError(28, "No space left on device")
        left_to_move.pop()
        replace(unfinished, path)

    monkeypatch.setattr(sequence, "replace", full)
    with pytest.raises(OutputError, match="disk is full"):
        make(source, tmp_path / "film")
    both = [{path.name for path in (tmp_path / name).glob("*.*")} for name in ("film", "film-incomplete")]
    assert len(both[0]) == moved and len(both[0] | both[1]) == COUNT + 1
    monkeypatch.undo()
    assert np.array_equal(pictures(make(source, tmp_path / "film").film), wanted)
    assert not (tmp_path / "film-incomplete").exists()


def test_what_somebody_has_put_into_a_marked_folder_stays(source, tmp_path):
    marked = make(source, tmp_path / "film", Failing([2])).film

    def paint(task):
        (marked / "letter.txt").write_text("mine", encoding="utf-8")
        return task.image

    assert make(source, tmp_path / "film", Fake(paint)).film == tmp_path / "film"
    assert [path.name for path in marked.iterdir()] == ["letter.txt"]


@pytest.mark.parametrize("name", [".DS_Store", "Thumbs.db", "desktop.ini", ".000002.png.123-deadbeef.part"])
def test_what_systems_and_kills_leave_in_a_folder_is_no_hindrance(source, tmp_path, name):
    make(source, tmp_path / "film")
    (tmp_path / "film" / name).write_bytes(b"x")
    assert make(source, tmp_path / "film").complete
    assert (tmp_path / "film" / name).exists() != name.endswith(".part")


def test_a_folder_with_other_things_says_how_to_put_a_film_into_it(source, tmp_path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputError, match=r"mine.film\.mp4"):
        make(source, tmp_path / "mine")


def test_a_film_in_its_clips_own_folder_can_be_made_again(source):
    first = make(source, source / "film.mkv").film.read_bytes()
    again = Fake(identity)
    assert make(source, source / "film.mkv", again).film.read_bytes() == first
    assert again.asked == []


def test_a_film_that_somebody_has_put_there_meanwhile_stands(source, tmp_path):
    film = tmp_path / "film.mkv"

    def paint(task):
        film.write_bytes(b"mine")
        return task.image

    with pytest.raises(OutputError, match="did not write"):
        make(source, film, Fake(paint))
    assert film.read_bytes() == b"mine"
    assert left(tmp_path) == []


def test_a_missing_folder_is_said_before_anything_is_painted(source, tmp_path):
    fake = Fake()
    with pytest.raises(OutputError, match="folder does not exist"):
        finish(order(source, tmp_path / "none" / "film.mkv", project=tmp_path / "p").start(fake))
    assert fake.asked == []


def test_a_killed_runs_unfinished_film_is_removed_by_the_next(source, tmp_path):
    theirs = tmp_path / ".film.mkv.99-abcdef01.part"
    theirs.write_bytes(b"of another project")
    steps = order(source, tmp_path / "film.mkv").start(Fake())
    while not set(beside(tmp_path)) - {theirs.name}:
        next(steps)
    unfinished, = set(beside(tmp_path)) - {theirs.name}
    kept = (tmp_path / unfinished).read_bytes()
    steps.close()
    (tmp_path / unfinished).write_bytes(kept)  # as a kill would have left it
    make(source, tmp_path / "film.mkv")
    assert beside(tmp_path) == [theirs.name]


@pytest.mark.parametrize("name", ["film.mkv", "film"])
def test_a_film_that_cannot_be_put_on_record_leaves_nothing_unfinished(source, tmp_path, monkeypatch, name):
    append = Manifest.append

    def full(manifest, record):
        if record["sha"] and record["file"].startswith("elsewhere/"):
            raise OSError(28, "No space left on device")
        append(manifest, record)

    monkeypatch.setattr(Manifest, "append", full)
    with pytest.raises(OutputError, match="disk is full"):
        make(source, tmp_path / name)
    assert left(tmp_path) == []
    monkeypatch.undo()
    assert len(pictures(make(source, tmp_path / name).film)) == COUNT


def test_another_folder_is_still_another_clip(source, tmp_path):
    make(source, tmp_path / "film.mkv")
    (source / "0000.png").unlink()
    with pytest.raises(ProjectError, match="another clip"):
        make(source, tmp_path / "film.mkv")
