"""Paths from a page or an API stay inside the open folders."""

from __future__ import annotations

import pytest

from lib_vidstyl.front.places import PlaceError, Places

BASES = ["../secret.txt", "..\\secret.txt", "a/../../secret.txt", "./../secret.txt", "%2e%2e/secret.txt", "%2E%2E%2Fsecret.txt",
         "..%2fsecret.txt", "..%5csecret.txt", "%252e%252e%252fsecret.txt", "/etc/passwd", "/", "//server/share/x",
         "\\\\server\\share\\x", "\\\\?\\C:\\x", "\\\\.\\pipe\\x", "C:\\Windows\\win.ini", "C:/Windows/win.ini", "C:secret.txt",
         "file::$DATA", "clip.mp4::$DATA", "clip.mp4:hidden", "~/secret.txt", "~root/secret.txt", "clip\0.mp4", "\0", "a\nb",
         "a\rb", "CON", "nul", "sub/NUL.txt", "com1",
         "LPT9.log", "conin$", "", "   ", "..", "../", "sub/..", "sub/../..", "link/secret.txt", "link", "loop", "loop/x"]
PAYLOADS = [*BASES, *(f"sub/{base}" for base in BASES if base.strip(" /") and not base.startswith(("/", "\\", "C:", "~"))),
            *(f" {base} " for base in BASES if ".." in base)]


@pytest.fixture
def places(tmp_path):
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    (tmp_path / "open" / "sub").mkdir(parents=True)
    (tmp_path / "open" / "link").symlink_to(tmp_path)
    (tmp_path / "open" / "loop").symlink_to(tmp_path / "open" / "loop")
    return Places([tmp_path / "open"])


def test_there_are_enough_payloads():
    assert len(set(PAYLOADS)) >= 80


@pytest.mark.parametrize("payload", sorted(set(PAYLOADS)), ids=repr)
def test_nothing_outside_is_reached(places, payload, tmp_path):
    """A payload is refused, or is a harmless name inside."""
    try:
        found = places.path(payload)
    except PlaceError as error:
        assert "open" in str(error)
    else:
        assert places.holds(found.resolve())
        assert tmp_path / "secret.txt" != found.resolve()


@pytest.mark.parametrize("payload", ["../secret.txt", "/etc/passwd", "link/secret.txt", "loop", "sub/../../secret.txt",
                                     "clip.mp4::$DATA", "%2e%2e/secret.txt", "NUL", "\\\\server\\share", "/\\server\\share\\x",
                                     "\\/server/share/x", "COM¹", "sub/lpt².txt"])
def test_these_are_refused(places, payload):
    with pytest.raises(PlaceError):
        places.path(payload)


@pytest.mark.parametrize("name", ["clip.mp4", "sub/clip.mp4", "Ünï 夢 🎬.mp4", "a b.mp4", "100%.mp4", "it's.mp4", "..hidden.mp4",
                                  "console.mp4"])
def test_plain_names_are_found(places, tmp_path, name):
    assert places.path(name) == tmp_path / "open" / name
    assert places.path(tmp_path / "open" / name) == tmp_path / "open" / name


def test_a_sister_folder_with_the_same_beginning_is_outside(places, tmp_path):
    (tmp_path / "open-too").mkdir()
    with pytest.raises(PlaceError):
        places.path(tmp_path / "open-too" / "clip.mp4")


def test_without_open_folders_nothing_is_open():
    with pytest.raises(PlaceError):
        Places([]).path("clip.mp4")
