import os
from types import SimpleNamespace

import pytest

gr = pytest.importorskip("gradio", reason="Gradio is not installed")

from lib_vidstyl.errors import VidStylError
from lib_vidstyl.front import uploads

PNG = b"\x89PNG\r\n\x1a\n" + bytes(64)


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "up"))
    (tmp_path / "up" / "abc").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(PNG)
    return tmp_path


@pytest.fixture
def clip(folder):
    path = folder / "up" / "abc" / "clip.png"
    path.write_bytes(PNG)
    return path


def forms(named):
    """The ways in which the versions of Gradio, or somebody who imitates them, name a file."""
    return [{"name": named, "is_file": True}, {"name": named, "data": None, "is_file": True, "size": 1}, {"path": named},
            [{"name": named, "is_file": True}], [{"path": named}], SimpleNamespace(path=named), [SimpleNamespace(path=named)]]


def component():
    with gr.Blocks():
        return uploads.clip_upload(label="Clip", elem_id="clip")


def test_an_uploaded_file_gets_in(clip):
    for value in forms(str(clip)):
        assert component().preprocess(value) == str(clip.resolve())
    assert component().preprocess(None) is None


def evil(folder):
    inside, outside = folder / "up" / "abc", folder / "secret.png"
    (inside / "link.png").symlink_to(outside)
    (inside / "loop").symlink_to(inside / "loop")
    return [str(outside), f"{inside}/../../secret.png", f"{inside}/link.png", f"{inside}/loop", "/etc/passwd", "", str(inside),
            "http://127.0.0.1:9/clip.png", "https://example.org/clip.png", "file:///etc/passwd", f"file://{outside}",
            "//server/share/clip.png", "\\\\server\\share\\clip.png", f"{inside}/none.png", f"{inside}/a\0.png", "a" * 5000,
            "/proc/self/environ", "/dev/zero", "ftp://127.0.0.1/a", "data:image/png;base64,AAAA", "C:\\secret.png", "~", "."]


def test_forged_values_reach_nothing(folder, clip, monkeypatch):
    monkeypatch.chdir(folder)
    before, box = sorted((folder / "up").rglob("*")), component()
    for named in evil(folder):
        for value in forms(named):
            if named or not isinstance(value, dict):
                with pytest.raises(VidStylError):
                    box.preprocess(value)
    for value in ({"name": str(clip), "data": "data:;base64,AAAA", "is_file": False}, 7, [7], {"x": 1}, "/etc/passwd"):
        with pytest.raises(VidStylError):
            box.preprocess(value)
    assert set(sorted((folder / "up").rglob("*"))) - set(before) <= {folder / "up/abc/link.png", folder / "up/abc/loop"}


def test_too_large_and_wrong_content_are_refused(clip, folder):
    with pytest.raises(uploads.UploadError, match="larger"):
        uploads.uploaded({"path": str(clip)}, most=10)
    playlist = folder / "up" / "abc" / "clip.mp4"
    playlist.write_text("#EXTM3U\nhttp://127.0.0.1:9/x.ts\n")
    with pytest.raises(VidStylError, match="is no video"):
        uploads.uploaded({"path": str(playlist)})
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "up" / "abc" / "pipe.mp4")
        with pytest.raises(uploads.UploadError):
            uploads.uploaded({"path": str(folder / "up" / "abc" / "pipe.mp4")})


def test_other_widgets_move_and_fetch_nothing():
    with gr.Blocks():
        box = uploads.guarded(gr.Textbox)(label="x")
    assert box.get_block_name() == "textbox" and type(box) is gr.Textbox
    for method in ("make_temp_copy_if_needed", "download_temp_copy_if_needed", "move_resource_to_block_cache"):
        with pytest.raises(uploads.UploadError):
            getattr(box, method)("http://127.0.0.1:9/x")
