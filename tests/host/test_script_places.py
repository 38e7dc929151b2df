"""Where the script may read, and where its films go."""

from __future__ import annotations

import pytest

pytest.importorskip("gradio", reason="the script's controls are Gradio's")

from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.incoming import UploadError
from lib_vidstyl.front.places import PlaceError
from lib_vidstyl.host.jobs import generate
from tests.host.pressing import ask, film_of, make
from tests.host.webui import request


@pytest.mark.parametrize("path", ["/etc/passwd", "../secret.mp4", "..%2fsecret.mp4", "//server/share/x.mp4", "~/x.mp4", "x\0.mp4",
                                  "con.mp4", "a/../../b", "x::$DATA"])
def test_paths_outside_of_the_open_folders_are_refused(webui, clip, path):
    for field in ("script__clip", "script__project", "paint__mask"):
        with pytest.raises((PlaceError, SettingsError)):
            generate(request(), None, ask(clip if field != "script__clip" else None, **{field: path}))


def test_open_folders_are_the_owners_and_hidden_paths_are_off(webui, clip, tmp_path):
    elsewhere = tmp_path / "films" / "walk.mp4"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(clip.read_bytes())
    with pytest.raises(PlaceError, match="Open folders"):
        make(elsewhere, request())
    webui.shared.opts.vidstyl_folders = f"{elsewhere.parent}\n"
    assert film_of(make(elsewhere, request(width=64, height=48))).parent == clip.parent
    webui.shared.cmd_opts.hide_ui_dir_config = True
    with pytest.raises(PlaceError, match="Upload"):
        make(elsewhere)


@pytest.mark.parametrize("value", [
    {"name": "/etc/passwd", "is_file": True}, {"name": "/etc/passwd", "data": None, "is_file": True, "orig_name": "walk.mp4"},
    [{"name": "/etc/passwd", "is_file": True}], {"path": "/etc/passwd"}, "/etc/passwd", "http://127.0.0.1:1/x.mp4",
    {"name": "http://127.0.0.1:1/x.mp4", "is_file": True}, {"name": "../../etc/passwd", "is_file": True}, 5, {"x": 1}])
def test_forged_uploads_are_refused(webui, value):
    with pytest.raises((UploadError, SettingsError, PlaceError)):
        generate(request(), value, ask(None))


def test_an_uploaded_clip_is_taken(webui, clip, monkeypatch, tmp_path):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "gradio"))
    there = tmp_path / "gradio" / "abc" / "dance.mp4"
    there.parent.mkdir(parents=True)
    there.write_bytes(clip.read_bytes())
    p = request(width=64, height=48)
    for value in (str(there), {"name": str(there), "is_file": True}):
        assert film_of(generate(p, value, ask(None))).name == "dance-stylized.mp4"


def test_a_film_goes_below_the_hosts_date_folder(webui, clip):
    class FilenameGenerator:
        def __init__(self, p, seed, prompt, image):
            pass

        def apply(self, pattern):
            return {"[date]": "2026-11-25", "out": "../../out", "fails": None}[pattern]

    webui.images.FilenameGenerator = FilenameGenerator
    webui.shared.opts.save_to_dirs = True
    assert film_of(make(clip)).parent == clip.parent / "2026-11-25"
    webui.shared.opts.directories_filename_pattern = "out"
    assert film_of(make(clip, script__resume=False)).parent == clip.parent
