"""Odd names through every path: clip, folder, film and project."""

from __future__ import annotations

import os
import sys

import pytest

from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.front.python import stylize
from lib_vidstyl.project import inspect
from tests.drawn import moving
from tests.fakes import Fake

NAMES = ["a b", " lead", "naïve", "кадры", "漢字", "עברית שלום", "🎬🎞️", "e\u0301",
         "it's", 'say "hi"', "100%", "%d", "%05d.png", "-rf", "a;b",
         "a&b", "$HOME", "`ls`", "#1", "[x]", "{x}", "a,b", "semi:colon", "new\nline", "y" * 200,
         "z" * 244, "caf\udce9", "dot.", "CON", "..x", "~x", "*?"]


@pytest.mark.parametrize("name", NAMES)
def test_every_path(tmp_path, name):
    if os.name == "nt" and (not set(name).isdisjoint('<>:"/\\|?*\n') or name in ("CON", "dot.")):
        pytest.skip("not allowed on Windows")
    if sys.platform != "linux" and "\udce9" in name:
        pytest.skip("this system takes Unicode only")
    source = tmp_path / name
    source.mkdir()
    for index, frame in enumerate(moving(2, 16, 16)):
        (source / f"{index}.png").write_bytes(encode_png(frame))
    (tmp_path / "out").mkdir()
    film, project = tmp_path / "out" / f"{name}.mp4", tmp_path / "out" / name
    result = stylize(source, film, project=project, stylizer=Fake())
    again = stylize(film, tmp_path / "out" / f"{name}.mkv", stylizer=Fake())
    assert (result.film, result.frames, again.frames) == (film, 2, 2)
    assert list(inspect(project)) == []
    assert not list(tmp_path.rglob("*.part"))
