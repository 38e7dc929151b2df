"""The command line as a user meets it: what it prints, what it leaves, how it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import lib_vidstyl
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.front.cli import main
from tests.drawn import moving
from tests.films import written

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def source(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "кадры 漢字 'x'"
    folder.mkdir()
    for index, frame in enumerate(moving(5, 32, 40)):
        (folder / f"{index}.png").write_bytes(encode_png(frame))
    return folder


def test_stylize_makes_a_film_beside_its_project(source, tmp_path, capsys):
    assert main(["stylize", str(source), "--look", "cartoon"]) == 0
    film = tmp_path / f"{source.name}-stylized.mp4"
    assert film.exists() and film.with_suffix(".vidstyl").is_dir()
    assert "5 frames" in capsys.readouterr().out
    with open_clip(film) as clip:
        assert clip.count() == 5
    assert main(["verify", str(film.with_suffix(".vidstyl"))]) == 0


def test_a_second_clip_of_the_same_name_gets_its_own_film(source, tmp_path):
    main(["stylize", str(source)])
    other = tmp_path / "elsewhere" / source.name
    other.mkdir(parents=True)
    (other / "1.png").write_bytes(encode_png(next(moving(1, 32, 40))))
    assert main(["stylize", str(other)]) == 0
    assert (tmp_path / f"{source.name}-stylized-2.mp4").exists()


def test_a_clip_that_is_just_a_dot_gives_its_folders_name(source, monkeypatch):
    monkeypatch.chdir(source)
    assert main(["stylize", ".", "--look", "screenprint"]) == 0
    assert Path(f"{source.name}-stylized.mp4").exists()


def test_the_longest_name_that_a_disk_takes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    clip = Path("é" * 123 + ".png")
    clip.write_bytes(encode_png(next(moving(1, 16, 16))))
    assert main(["stylize", str(clip), "--look", "screenprint"]) == 0
    assert Path("é" * 100 + "-stylized.mp4").exists()


def test_dry_run_makes_nothing(source, tmp_path, capsys):
    before = sorted(tmp_path.rglob("*"))
    assert main(["stylize", str(source), "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "Frames: 5" in said and "Disk:" in said and "Time:" in said
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize("keys", ["auto", "0,4", "{painted}"])
def test_dry_run_with_keys(tmp_path, capsys, keys):
    clip = written(tmp_path / "clip", moving(20, 32, 40))
    written(tmp_path / "painted", moving(1, 32, 40))
    asked = keys.format(painted=tmp_path / "painted")
    assert main(["stylize", str(clip), "--dry-run", "--look", "screenprint", "--keys", asked]) == 0
    assert "Frames: 20" in capsys.readouterr().out


def test_without_a_film_none_is_claimed(source, tmp_path, capsys):
    assert main(["stylize", str(source), "--off", "encode", "-o", "film.mp4", "--look", "screenprint"]) == 0
    assert "film.mp4" not in capsys.readouterr().out and not (tmp_path / "film.mp4").exists()


def test_the_picture_of_weak_frames_replaces_nothing(source, tmp_path, capsys):
    main(["stylize", str(source), "-o", "film.mkv", "--look", "screenprint", "--keys", "0"])
    (tmp_path / "mine.jpg").write_bytes(b"mine")
    assert main(["keys", "film.vidstyl", "-o", "mine.jpg"]) == 1
    assert (tmp_path / "mine.jpg").read_bytes() == b"mine"
    assert main(["keys", "film.vidstyl", "-o", "new.jpg"]) == 0


@pytest.mark.skipif(os.name == "nt", reason="a closed pipe is another error there")
def test_a_reader_that_has_seen_enough_is_no_error():
    words = [sys.executable, "-m", "lib_vidstyl", "recipe"]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b"" and process.wait() == 0


@pytest.mark.parametrize("words, painter", [([], "paint"), (["--webui", "http://127.0.0.1:7860"], "webui"),
                                            (["--painted", "folder"], "files"),
                                            (["--webui", "http://127.0.0.1:7860", "--painter", "paint"], "paint")])
def test_what_only_one_painter_needs_chooses_that_painter(capsys, words, painter):
    assert main(["recipe", *words]) == 0
    assert json.loads(capsys.readouterr().out)["sections"]["paint"]["painter"] == painter


def test_two_painters_at_once_are_refused(capsys):
    assert main(["recipe", "--webui", "http://127.0.0.1:7860", "--painted", "folder"]) == 2
    assert "--painter: files or webui" in capsys.readouterr().err


def test_webuis_are_named_one_by_one_or_in_one_text(capsys):
    one, other = "http://127.0.0.1:7860", "http://127.0.0.1:7861"
    for words in (["--webui", one, "--webui", other], ["--webui", f"{one} {other}"]):
        assert main(["recipe", *words]) == 0
        assert json.loads(capsys.readouterr().out)["sections"]["webui"]["servers"] == f"{one} {other}"


def test_a_recipe_of_a_film_makes_the_same_film(source, tmp_path, capsys):
    main(["stylize", str(source), "-o", "a.mp4", "--look", "ink", "--seed", "5"])
    main(["stylize", str(source), "-o", "b.mp4", "--recipe", "a.mp4"])
    assert (tmp_path / "a.mp4").read_bytes() == (tmp_path / "b.mp4").read_bytes()
    capsys.readouterr()
    main(["recipe", "a.mp4", "--seed", "6"])
    printed = json.loads(capsys.readouterr().out)
    assert (printed["sections"]["look"]["look"], printed["sections"]["paint"]["seed"]) == ("ink", 6)


@pytest.mark.parametrize(("words", "code", "said"), [
    (["stylize", "missing.mp4"], 1, "missing.mp4"),
    (["stylize", "{source}", "-o", "film.xyz"], 2, "mp4"),
    (["stylize", "{source}", "--seed", "-5"], 2, "seed"),
    (["stylize", "{source}", "--look", "nothing"], 2, "oil"),
    (["stylize", "{source}", "--off", "paintt"], 2, "paintt"),
    (["stylize", "{source}", "--recipe", "none.json"], 2, "none.json"),
    (["stylize", "{source}", "--start", "99"], 2, "0 to 4"),
    (["stylize", "{source}", "-o", "{source}/0.png/film.mp4"], 1, "0.png"),
    (["stylize", "{source}", "-o", "."], 2, "film.mp4"),
    (["stylize", "{source}", "-o", ""], 2, "film.mp4"),
    (["stylize", "{source}", "-o", ".."], 2, "film.mp4"),
    (["stylize", "{source}", "--prompt", "a\udc80"], 2, "prompt"),
    (["info", "missing.mp4"], 1, "missing.mp4"),
    (["verify", "nowhere"], 1, "nowhere: this is no project"),
    (["verify", "{source}"], 1, "this is no project"),
    (["stylize", "{source}", "--keys", "every:²"], 2, "every:30"),
    (["ui", "--port", "99999"], 2, "no port"),
    (["ui", "--allow", "nowhere"], 2, "nowhere"),
])
def test_failures_end_with_one_line_and_a_code(source, capsys, words, code, said):
    assert main([word.format(source=source) for word in words]) == code
    error = capsys.readouterr().err
    assert error.startswith("vidstyl: ") and error.count("\n") == 1
    assert said in error


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_recipe_that_a_shell_or_an_editor_has_written(tmp_path, capsys, encoding):
    main(["recipe", "--prompt", "Öl"])
    (tmp_path / "recipe.json").write_text(capsys.readouterr().out, encoding=encoding)
    assert main(["recipe", str(tmp_path / "recipe.json")]) == 0
    assert json.loads(capsys.readouterr().out)["sections"]["paint"]["prompt"] == "Öl"


def test_info(source, capsys):
    assert main(["info", str(source)]) == 0
    assert "40x32" in capsys.readouterr().out
    main(["info", str(source), "--json"])
    assert json.loads(capsys.readouterr().out)["frames"] == 5


def test_info_imports_no_torch_and_no_scikit_image():
    words = "import sys; from lib_vidstyl.front.cli import main; main(['info', 'x']); " \
            "print([name for name in ('torch', 'skimage', 'gradio', 'numba') if name in sys.modules])"
    printed = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == "[]"


def test_three_lines_of_python(source, tmp_path):
    seen = []
    result = lib_vidstyl.stylize(source, tmp_path / "film.mp4", look="pencil", every=2, show=seen.append)
    assert (result.film, result.frames, result.complete) == (tmp_path / "film.mp4", 3, True)
    assert seen


@pytest.mark.skipif(os.name == "nt", reason="signals are another matter on Windows")
def test_control_c_stops_cleanly_and_says_how_to_go_on(tmp_path):
    folder = tmp_path / "long"
    folder.mkdir()
    for index, frame in enumerate(moving(60, 200, 200)):
        (folder / f"{index}.png").write_bytes(encode_png(frame))
    words = [sys.executable, "-m", "lib_vidstyl", "stylize", str(folder), "-o", str(tmp_path / "film.mp4")]
    process = subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True)
    frames = tmp_path / "film.vidstyl" / "frames"
    while len(list(frames.glob("*.png"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 130
    assert "go on" in said and "Traceback" not in said
    assert not list(tmp_path.glob("*.part")) and not (tmp_path / "film.mp4").exists()


def test_demo(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("lib_vidstyl.front.demo.demo_frames", lambda: moving(6, 64, 64))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "contact-sheet.jpg").write_bytes(b"mine")
    assert main(["demo", "-o", str(tmp_path / "mine")]) == 1
    assert (tmp_path / "mine" / "contact-sheet.jpg").read_bytes() == b"mine"
    assert main(["demo", "-o", str(tmp_path / "demo")]) == 0
    made = {path.name for path in (tmp_path / "demo").iterdir() if path.is_file()}
    assert {"source.mp4", "source-stylized.mp4", "contact-sheet.jpg", "before-after.jpg"} <= made
    assert "film:" in capsys.readouterr().out
