"""Out to EbSynth and back: what it finds, and what becomes of what it has made."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from lib_vidstyl.clip import open_clip, read_picture
from lib_vidstyl.clip.ebs import from_bytes, named
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import OutputError, SettingsError
from lib_vidstyl.front.cli import main
from lib_vidstyl.front.ebsynth import export
from lib_vidstyl.front.keys import with_keys
from lib_vidstyl.front.session import new_recipe, order
from tests.drawn import flat, moving

COUNT = 9


@pytest.fixture
def source(tmp_path):
    return written(tmp_path / "source", enumerate(moving(COUNT, 48, 64)))


@pytest.fixture
def keys(tmp_path):
    return written(tmp_path / "keys", [(0, flat((200, 40, 40), 96, 128)), (6, flat((40, 40, 200), 96, 128))])


def written(folder, images):
    folder.mkdir(parents=True, exist_ok=True)
    for index, image in images:
        (folder / f"{index:05d}.png").write_bytes(encode_png(image))
    return folder


def test_everything_that_ebsynth_needs_is_written(source, keys, tmp_path, capsys):
    out = tmp_path / "ebsynth"
    assert main(["ebsynth", str(source), "--keys", str(keys), "-o", str(out)]) == 0
    assert "keys.ebs" in capsys.readouterr().out
    project = from_bytes((out / "keys.ebs").read_bytes())
    assert [(synth.key, synth.first, synth.last) for synth in project.synths] == [(0, 0, 6), (6, 0, 8)]
    frames = [read_picture(out / named(project.frames, index))[0] for index in range(COUNT)]
    assert all(np.array_equal(frame, expected) for frame, expected in zip(frames, moving(COUNT, 48, 64), strict=True))
    assert read_picture(out / named(project.keys, 6))[0].shape == (48, 64, 3)


def test_nothing_is_overwritten_and_keys_are_asked_for(source, keys, tmp_path):
    work = order(source, recipe=with_keys(new_recipe(), str(keys)))
    with pytest.raises(OutputError, match="empty"):
        export(work, source)
    with pytest.raises(SettingsError, match="painted keys"):
        export(order(source, recipe=with_keys(new_recipe(), "0, 6")), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_what_ebsynth_made_is_joined(source, keys, tmp_path):
    for key, colour in ((0, (200, 40, 40)), (6, (40, 40, 200))):
        written(tmp_path / "made" / f"out-{key:05d}", [(index, flat(colour, 48, 64)) for index in range(COUNT) if index != key])
    film = tmp_path / "film.mkv"
    command = ["propagate", str(source), "--keys", str(keys), "--ebsynth-output", str(tmp_path / "made"), "-o", str(film)]
    assert main([*command, "--format", "ffv1", "--cross-fade", "linear"]) == 0
    with open_clip(film) as clip:
        reds = [picture.image[..., 0].mean() for picture in clip.pictures()]
    assert reds[7] == reds[8] == 40
    assert all(before > after for before, after in pairwise(reds[:7]))
    assert reds[3] == pytest.approx(120, abs=3)


def test_a_frame_that_ebsynth_has_not_made_is_named(source, keys, tmp_path, capsys):
    written(tmp_path / "made" / "out-00000", [(1, flat((1, 2, 3), 48, 64))])
    command = ["propagate", str(source), "--keys", str(keys), "--ebsynth-output", str(tmp_path / "made")]
    assert main([*command, "-o", str(tmp_path / "film.mkv")]) == 1
    assert "made from key" in capsys.readouterr().err
