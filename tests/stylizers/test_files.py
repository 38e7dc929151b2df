"""Frames painted elsewhere are found by their number, at any size, and repainted when their file changes."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import encode_jpeg, encode_png
from lib_vidstyl.errors import PaintError
from lib_vidstyl.front.python import stylize
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.files import FilesSettings, PaintedFiles
from tests.drawn import flat, moving


@pytest.fixture
def painted(tmp_path):
    folder = tmp_path / "painted"
    folder.mkdir()
    for index in range(4):
        (folder / f"out_{index:03d}_v2.png").write_bytes(encode_png(flat((index * 50, 9, 9), 20, 30)))
    return folder


def ask(folder, index):
    with PaintedFiles(FilesSettings(painted=str(folder))) as files:
        return files.paint([Task(index, flat((0, 0, 0)), 1)])[0]


def test_the_number_in_the_name_counts(painted):
    assert np.array_equal(ask(painted, 3), flat((150, 9, 9), 20, 30))


def test_what_is_missing_or_there_twice_is_named(painted):
    with pytest.raises(PaintError, match=r"frame 7.*000007\.png"):
        ask(painted, 7)
    (painted / "x 2.jpg").write_bytes(encode_jpeg(flat((1, 1, 1), 20, 30)))
    with pytest.raises(PaintError, match="both are frame 2"):
        ask(painted, 2)


@pytest.mark.parametrize("folder", ["", "nowhere"])
def test_no_folder(tmp_path, folder):
    with pytest.raises(PaintError, match="--painted"):
        ask(tmp_path / folder if folder else "", 0)


def test_a_changed_file_is_taken_anew(painted, tmp_path):
    source = tmp_path / "source"
    source.mkdir()
    for index, frame in enumerate(moving(4, 40, 60)):
        (source / f"{index}.png").write_bytes(encode_png(frame))
    film = tmp_path / "film.mkv"
    stylize(source, film, painter="files", painted=str(painted))
    (painted / "out_002_v2.png").write_bytes(encode_png(flat((7, 200, 7), 20, 30)))
    stylize(source, film, painter="files", painted=str(painted))
    with open_clip(film) as clip:
        pictures = [picture.image for picture in clip.pictures()]
    assert [tuple(picture[0, 0]) for picture in pictures] == [(0, 9, 9), (50, 9, 9), (7, 200, 7), (150, 9, 9)]
