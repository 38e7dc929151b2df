"""Clips on the desk: where they may come from, what is kept of them, names that every disk takes."""


import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_vidstyl.errors import ClipError, VidStylError
from lib_vidstyl.front.desk.clips import thumbs
from lib_vidstyl.front.desk.names import file_name
from lib_vidstyl.front.places import PlaceError


def test_clips_outside_of_the_open_folders_are_refused(bench, tmp_path):
    (tmp_path / "other.mkv").write_bytes(bench.clip.read_bytes())
    (bench.folder / "link.mkv").symlink_to(tmp_path / "other.mkv")
    for named in (tmp_path / "other.mkv", bench.folder / "link.mkv", "/etc/passwd", "../other.mkv"):
        with pytest.raises(PlaceError):
            bench.desk.clips.add(str(named))
    with pytest.raises(VidStylError):
        bench.desk.clips.add("http://127.0.0.1/a.mkv")


def test_uploads_that_are_no_clips_leave_nothing(bench):
    for data in (b"", b"#EXTM3U\nhttp://127.0.0.1:9/x.ts\n" * 400, b"\0" * 9000, b"<html>"):
        with pytest.raises(ClipError), bench.desk.clips.upload("clip.mp4") as incoming:
            incoming.write(data)
    assert not (bench.desk.folder / "clips").exists() or not list((bench.desk.folder / "clips").iterdir())


def test_an_upload_becomes_a_clip_with_facts_and_pictures(bench):
    with bench.desk.clips.upload("C:\\films\\..\\my clip.mkv") as incoming:
        incoming.write(bench.clip.read_bytes())
    card = incoming.card
    assert card.name == "my clip.mkv" and card.path.parent.parent == bench.desk.folder / "clips"
    facts = bench.desk.clips.facts(card)
    assert (facts["frames"], facts["width"], facts["fps_exact"]) == (12, 64, "10")
    for picture in (bench.desk.clips.strip(card), bench.desk.clips.frame(card, 5, 32), bench.desk.clips.look(card, "ink")):
        assert picture[:2] == b"\xff\xd8"


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=200))
def test_file_names_are_fit_for_every_disk(given):
    name = file_name(given)
    assert 0 < len(name.encode("utf-8")) <= 255 and name.strip() == name
    assert not set(name) & set('<>:"/\\|?*%\0') and not name.startswith((".", "-")) and not name.endswith(".")


@pytest.mark.parametrize("given", ["CON.mp4", "nul", "../../etc/passwd", "a\0b.mp4", "\u202egpj.mp4", "-rf.mp4", ".hidden"])
def test_evil_file_names_become_plain(given):
    assert file_name(given).split(".")[0].lower() not in ("con", "nul", "", "..")


def test_thumbs_spread_evenly_and_stay_inside():
    assert thumbs(240)[:3] == [5, 15, 25] and thumbs(1) == [0] * 24
