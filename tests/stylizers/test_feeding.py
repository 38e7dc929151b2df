"""Units get the pictures that their sources stand for: from files, from what was painted, moved along with the film."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.controls import read_feeds
from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.stylizers.control import ControlSettings
from lib_vidstyl.stylizers.feeding import Feeder
from tests.drawn import flat, texture

NEVER = lambda before, after: False  # noqa: E731


def feeder(sources, files="", cut=NEVER):
    return Feeder(read_feeds(sources, files), cut=cut)


def folder(place, **colours):
    place.mkdir()
    for name, value in colours.items():
        (place / f"{name}.png").write_bytes(encode_png(flat((value, value, value), 16, 24)))
    return place


def value(made, unit, index, frame):
    feed = next(feed for feed in made.feeds if feed.unit == unit)
    return int(made.pictures(feed, index, frame)[0][0, 0, 0])


def test_files_by_number_by_range_and_by_keyframe(tmp_path):
    maps = folder(tmp_path / "maps of depth", depth_0007=70, depth_0008=80)
    keys = folder(tmp_path / "keys", key0=10, key20=20)
    stills = folder(tmp_path / "stills", ada=1, bob=2)
    files = f"0: {maps}\n1: {keys}\n2 0-7: {stills / 'ada.png'}\n2 8-: {stills / 'bob.png'}\n2 8-: {stills / 'ada.png'}"
    with feeder("0: maps\n1: keyframe\n2: picture\n3: own\n4: frame", files) as made:
        frame = flat((99, 99, 99))
        assert [value(made, unit, 7, frame) for unit in (0, 1, 2, 4)] == [70, 10, 1, 99]
        assert [value(made, unit, 8, frame) for unit in (0, 1, 2, 4)] == [80, 10, 2, 99]
        assert len(made.pictures(made.feeds[2], 8, frame)) == 2
        assert value(made, 1, 19, frame) == 20
        assert made.pictures(made.feeds[3], 8, frame) == []
        with pytest.raises(PaintError, match="no map for frame 9"):
            made.pictures(made.feeds[0], 9, frame)
        assert made.fingerprint(7, frame) != made.fingerprint(8, frame)


def test_the_fingerprint_follows_the_files_content(tmp_path):
    prints = []
    for colour in (1, 2, 1):
        path = tmp_path / "a.png"
        path.write_bytes(encode_png(flat((colour, 0, 0))))
        with feeder("0: picture", f"0: {path}") as made:
            prints.append(made.fingerprint(0, flat((9, 9, 9))))
    assert prints[0] == prints[2] != prints[1]


@pytest.mark.parametrize(("sources", "name"), [("0: maps", "missing"), ("0: keyframe", "missing"), ("0: picture", "missing.png"),
                                               ("0: maps", "empty"), ("0: keyframe", "twice"), ("0: picture", "noise.png")])
def test_what_is_missing_is_said_on_entering(tmp_path, sources, name):
    (tmp_path / "empty").mkdir()
    folder(tmp_path / "twice", a1=1, a01=2)
    (tmp_path / "noise.png").write_bytes(b"\x89PNG\r\n\x1a\nnothing")
    with pytest.raises(SettingsError, match="control unit 0"), feeder(sources, f"0: {tmp_path / name}"):
        pass


def test_units_that_look_back_start_afresh_after_a_cut():
    cut = lambda before, after: abs(int(before[0, 0, 0]) - int(after[0, 0, 0])) > 50  # noqa: E731
    with feeder("0: previous\n1: first", cut=cut) as made:
        seen = []
        for frame, painted in ((10, 110), (11, 111), (12, 112), (200, 150), (201, 151)):
            frame, painted = flat((frame,) * 3), flat((painted,) * 3)
            seen.append((value(made, 0, 0, frame), value(made, 1, 0, frame)))
            made.made(frame, painted)
    assert seen == [(10, 10), (110, 110), (111, 110), (200, 200), (150, 150)]


def test_the_fingerprint_follows_what_was_painted_before():
    prints = []
    for painted in (1, 2):
        with feeder("0: previous") as made:
            made.made(flat((9, 9, 9)), flat((painted, 0, 0)))
            prints.append(made.fingerprint(1, flat((9, 9, 10))))
    assert prints[0] != prints[1]


def test_a_painting_is_moved_along_and_what_it_hides_comes_from_the_frame():
    """A patch moves 8 pixels over a still background; its painting is the same picture turned negative."""
    ground, patch = texture(96, 128, seed=1), texture(40, 40, seed=2)
    frames = [ground.copy() for _ in range(2)]
    for frame, x in zip(frames, (30, 38), strict=True):
        frame[28:68, x:x + 40] = patch
    with feeder("0: warped") as made:
        made.made(frames[0], 255 - frames[0])
        moved = made.pictures(made.feeds[0], 1, frames[1])[0].astype(int)
    negative = 255 - frames[1].astype(int)
    inner = (slice(34, 62), slice(46, 72))
    assert np.abs(moved - negative)[inner].mean() < 6
    uncovered = (slice(34, 62), slice(31, 36))
    assert np.abs(moved - frames[1])[uncovered].mean() < np.abs(moved - negative)[uncovered].mean()
    assert moved.shape == frames[1].shape


def test_a_painting_of_another_size_is_brought_to_the_frames():
    with feeder("0: previous") as made:
        made.made(flat((1, 1, 1), 32, 48), flat((200, 0, 0), 64, 96))
        assert made.pictures(made.feeds[0], 1, flat((1, 1, 1), 32, 48))[0].shape == (32, 48, 3)


def test_maps_from_a_video_are_read_in_step(tmp_path):
    path = tmp_path / "maps.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter_fourcc(*"MJPG"), 25, (64, 64))
    for index in range(5):
        writer.write(flat((40 * index,) * 3))
    writer.release()
    with feeder("0: maps", f"0: {path}") as made:
        assert [round(value(made, 0, index, flat((0, 0, 0))) / 40) for index in (0, 2, 4)] == [0, 2, 4]
        with pytest.raises(Exception, match="ends before frame 5"):
            made.pictures(made.feeds[0], 5, flat((0, 0, 0)))


def test_settings_are_read_when_they_are_used():
    assert ControlSettings(sources="0: warped").feeds()[0].source == "warped"
    with pytest.raises(SettingsError):
        ControlSettings(sources="nonsense").feeds()
