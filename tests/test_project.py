"""A project folder: only one at a time, only its own clip, and never anybody else's file."""

from __future__ import annotations

import json
import os
import random
import zlib
from pathlib import Path

import numpy as np
import pytest

from lib_vidstyl.clip.picture import PNG_HEAD, decode_picture, encode_jpeg, encode_png
from lib_vidstyl.errors import ClipError, OutputError, ProjectError
from lib_vidstyl.hashes import digest
from lib_vidstyl.project import Project, belongs, fingerprint, inspect
from lib_vidstyl.store import FrameStore
from tests.drawn import flat, texture


@pytest.fixture
def clip(tmp_path):
    path = tmp_path / "my clip.mp4"
    path.write_bytes(bytes(range(256)) * 100)
    return path


@pytest.fixture
def project(tmp_path, clip):
    with Project(tmp_path / "run.vidstyl", clip) as opened:
        yield opened


def put(project, index, image, inputs="in", settings="set"):
    with FrameStore(project, "frames") as store:
        store.put(index, image, inputs=inputs, settings=settings, seconds=0.1)
    return project.folder / "frames" / f"{index:06d}.png"


def get(project, index, inputs="in", settings="set"):
    with FrameStore(project, "frames") as store:
        return store.get(index, inputs, settings)


def test_a_frame_comes_back_and_is_on_record(project):
    picture = texture(24, 40)
    path = put(project, 12, picture)
    assert np.array_equal(get(project, 12), picture)
    record = project.manifest.latest("frames/000012.png")
    assert (record["frame"], record["input"], record["settings"], record["state"]) == (12, "in", "set", "done")
    assert np.array_equal(decode_picture(path.read_bytes())[0], picture)


@pytest.mark.parametrize("change", [{"inputs": "other"}, {"settings": "other"}])
def test_a_frame_of_other_settings_is_made_again(project, change):
    put(project, 3, texture(8, 8))
    assert get(project, 3, **change) is None
    put(project, 3, flat((1, 2, 3), 8, 8), **change)
    assert np.array_equal(get(project, 3, **change), flat((1, 2, 3), 8, 8))
    assert get(project, 3) is None


def test_a_frame_painted_by_hand_stands(project):
    path = put(project, 3, texture(8, 8))
    path.write_bytes(encode_png(flat((9, 9, 9), 8, 8)))
    assert np.array_equal(get(project, 3), flat((9, 9, 9), 8, 8))
    assert np.array_equal(get(project, 3, settings="other"), flat((9, 9, 9), 8, 8))


def test_a_damaged_frame_is_made_again_and_named(project):
    path = put(project, 3, texture(64, 64))
    data = path.read_bytes()
    rng = random.Random(1)
    for _ in range(50):
        torn = bytearray(data)
        torn[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        for wrong in (bytes(torn), data[:rng.randrange(len(data))], bytes(len(data))):
            path.write_bytes(wrong)
            assert get(project, 3) is None
            assert list(inspect(project.folder)) == [("frames/000003.png", "damaged")]
    path.unlink()
    assert list(inspect(project.folder)) == [("frames/000003.png", "missing")]


def test_a_foreign_file_in_a_frames_place_is_not_touched(project):
    path = project.folder / "frames" / "000003.png"
    path.parent.mkdir()
    path.write_text("my notes", encoding="utf-8")
    with pytest.raises(ProjectError, match="Move it away"):
        get(project, 3)
    assert path.read_text(encoding="utf-8") == "my notes"


def test_a_jpeg_under_a_frames_name_is_a_frame_painted_by_hand(project):
    path = put(project, 3, texture(8, 8))
    path.write_bytes(encode_jpeg(flat((9, 9, 9), 8, 8)))
    assert np.abs(get(project, 3, settings="other").astype(int) - 9).max() <= 2
    assert list(inspect(project.folder)) == [("frames/000003.png", "changed by hand")]


@pytest.mark.parametrize("before", [False, True])
def test_a_picture_that_is_put_there_during_the_painting_stands(project, before):
    path = put(project, 3, texture(8, 8)) if before else project.folder / "frames" / "000003.png"
    with FrameStore(project, "frames") as store:
        assert store.get(3, "in", "other") is None
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(encode_png(flat((9, 9, 9), 8, 8)))
        store.put(3, texture(8, 8), inputs="in", settings="other", seconds=1)
    assert np.array_equal(get(project, 3), flat((9, 9, 9), 8, 8))


def test_a_picture_of_ones_own_that_cannot_be_read_is_named(project):
    path = project.folder / "frames" / "000003.png"
    path.parent.mkdir()
    chunks = ((b"IHDR", bytes([0, 0, 0, 8, 0, 0, 0, 8, 8, 2, 0, 0, 0])), (b"IDAT", b"nonsense"), (b"IEND", b""))
    path.write_bytes(PNG_HEAD + b"".join(len(data).to_bytes(4, "big") + name + data + zlib.crc32(name + data).to_bytes(4, "big")
                                         for name, data in chunks))
    with pytest.raises(ClipError, match=r"000003\.png"):
        get(project, 3)


def test_the_log_and_the_record_name_no_folder_of_this_machine(tmp_path, clip, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path / "home" / "ann"))
    monkeypatch.setenv("USERPROFILE", str(tmp_path / "home" / "ann"))
    (tmp_path / "films").mkdir()
    with Project(tmp_path / "films" / "p", clip) as project, FrameStore(project, "frames") as store:
        for place in (tmp_path / "home" / "ann" / "frames", clip, tmp_path / "films" / "p"):
            project.log(f"{place}: it may not be read")
            store.failed(1, f"{place}: it may not be read", inputs="", settings="")
    for name in ("run.log", "manifest.jsonl"):
        said = (tmp_path / "films" / "p" / name).read_text(encoding="utf-8")
        assert str(tmp_path) not in said and "ann" not in said.replace("cannot", "") and "my clip.mp4: it may" in said


def test_only_one_run_at_a_time(project, clip):
    with pytest.raises(ProjectError, match="another run"):
        Project(project.folder, clip)


def test_a_closed_project_opens_again(tmp_path, clip):
    for _ in range(3):
        with Project(tmp_path / "p", clip) as project:
            put(project, 1, texture(8, 8))


def test_a_folder_with_other_things_is_refused_untouched(tmp_path, clip):
    (tmp_path / "holiday").mkdir()
    (tmp_path / "holiday" / "a.jpg").write_bytes(b"x")
    with pytest.raises(ProjectError, match="other things"):
        Project(tmp_path / "holiday", clip)
    assert [p.name for p in (tmp_path / "holiday").iterdir()] == ["a.jpg"]


def test_another_clip_is_refused(project, tmp_path):
    other = tmp_path / "other.mp4"
    other.write_bytes(b"y" * 5000)
    project.__exit__()
    assert belongs(project.folder, tmp_path / "my clip.mp4")
    assert not belongs(project.folder, other)
    with pytest.raises(ProjectError, match="another clip"):
        Project(project.folder, other)


def test_a_newer_project_is_refused(project, clip):
    project.__exit__()
    path = project.folder / "project.json"
    path.write_text(json.dumps({**json.loads(path.read_text(encoding="utf-8")), "version": 99}), encoding="utf-8")
    with pytest.raises(ProjectError, match="newer"):
        Project(project.folder, clip)


@pytest.mark.parametrize("content", [b"", b"{}", b"\xff\xfe", b"[1]", b'{"format": "vidstyl-project"}'])
def test_a_damaged_project_file_says_so(project, clip, content):
    project.__exit__()
    (project.folder / "project.json").write_bytes(content)
    with pytest.raises(ProjectError, match="damaged"):
        Project(project.folder, clip)


def test_the_film_of_somebody_else_is_not_claimed(project, tmp_path):
    film = tmp_path / "film.mp4"
    project.claim(film)
    film.write_bytes(b"mine")
    with pytest.raises(OutputError, match="did not write"):
        project.claim(film)


def test_a_recipe_changed_by_hand_stays(project):
    first = project.write_beside("recipe.json", b"1")
    assert project.write_beside("recipe.json", b"2") == first
    first.write_bytes(b"by hand")
    second = project.write_beside("recipe.json", b"3")
    assert (second.name, first.read_bytes()) == ("recipe-2.json", b"by hand")


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
@pytest.mark.parametrize("name", ["frames", "run.log", "manifest.jsonl", "recipe.json"])
def test_links_out_of_the_project_are_refused(tmp_path, clip, name):
    with Project(tmp_path / "p", clip):
        pass
    target = tmp_path / "outside"
    target.mkdir() if name == "frames" else target.write_text("mine", encoding="utf-8")
    (tmp_path / "p" / name).unlink(missing_ok=True)
    (tmp_path / "p" / name).symlink_to(target)
    with pytest.raises(ProjectError, match="link"), Project(tmp_path / "p", clip) as project:
        put(project, 1, texture(8, 8))
    assert not list(target.iterdir()) if name == "frames" else target.read_text(encoding="utf-8") == "mine"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs rights that can be taken away")
def test_a_read_only_place_says_so(tmp_path, clip):
    place = tmp_path / "locked"
    place.mkdir(mode=0o500)
    with pytest.raises(OutputError, match="may not be written"):
        Project(place / "p", clip)


def test_a_file_in_the_projects_place_says_so(tmp_path, clip):
    (tmp_path / "p").write_text("x", encoding="utf-8")
    with pytest.raises(ProjectError, match="there is a file"):
        Project(tmp_path / "p", clip)


def test_nearly_full_disks_stop_the_run(project, monkeypatch):
    usage = type("Usage", (), {"free": 10})
    monkeypatch.setattr("lib_vidstyl.project.shutil.disk_usage", lambda path: usage)
    with pytest.raises(OutputError, match="1 GB"):
        put(project, 1, texture(8, 8))


def test_what_a_killed_run_left_is_swept(tmp_path, clip):
    with Project(tmp_path / "p", clip) as project:
        put(project, 1, texture(8, 8))
    (tmp_path / "p" / "frames" / ".000002.png.123-ab12.part").write_bytes(b"half")
    (tmp_path / "p" / "frames" / "notes.part").write_bytes(b"mine")
    with Project(tmp_path / "p", clip):
        pass
    assert {p.name for p in (tmp_path / "p" / "frames").iterdir()} == {"000001.png", "notes.part"}


def test_fingerprints(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    a.write_bytes(b"x" * 4_000_000)
    b.write_bytes(b"x" * 3_999_999 + b"y")
    assert fingerprint(a) != fingerprint(b)
    assert digest("a", "bc") != digest("ab", "c")
    assert digest(np.zeros(3, np.uint8).data) != digest(np.zeros(4, np.uint8).data)


def _snapshot(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.rglob("mine*")}


@pytest.mark.parametrize("seed", range(40))
def test_nobody_elses_file_is_ever_touched(tmp_path, clip, seed):
    """Random sequences of runs, kills, edits and strange files: what the user made is there at the end, unchanged."""
    rng = random.Random(seed)
    folder, frames = tmp_path / "p", tmp_path / "p" / "frames"
    mine: dict[Path, bytes] = {}
    for step in range(25):
        action = rng.randrange(6)
        index = rng.randrange(4)
        if action < 3:
            with Project(folder, clip) as project:
                try:
                    if get(project, index, settings=str(rng.randrange(2))) is None:
                        put(project, index, texture(8, 8, seed=step), settings=str(rng.randrange(2)))
                    project.write_beside("recipe.json", str(step).encode())
                except ProjectError:
                    pass
        elif folder.exists() and action == 3 and frames.exists():
            path = frames / f"{index:06d}.png"
            path.write_bytes(rng.choice([encode_png(flat((step, 0, 0), 8, 8)), encode_png(texture(8, 8, seed=99))]))
            mine[path] = path.read_bytes()
        elif folder.exists() and action == 4:
            path = rng.choice([folder / "recipe.json", folder / "mine.txt", folder / "recipe-2.json"])
            path.write_bytes(f"mine {step}".encode())
            mine[path] = path.read_bytes()
        elif frames.exists():
            path = frames / rng.choice(["mine.png", "000001 copy.png", "mine.part", ".mine"])
            path.write_bytes(f"mine {step}".encode())
            mine[path] = path.read_bytes()
    assert mine
    for path, content in mine.items():
        assert path.read_bytes() == content
