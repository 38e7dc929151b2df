"""Units of a remote webui get the pictures of their sources."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.controls import read_feeds
from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.remote_units import RemoteUnits
from tests.drawn import flat


def unit(**values):
    return {"enabled": True, "module": "canny", "model": "edges", **values}


def task(index, value):
    return Task(index, flat((value,) * 3, 16, 24), 1)


def sent(unit):
    return int(decode_picture(base64.b64decode(unit["image"]))[0][0, 0, 0])


def test_three_units_with_three_sources(tmp_path):
    for number in (0, 1):
        (tmp_path / f"{number}.png").write_bytes(encode_png(flat((50 + number,) * 3, 16, 24)))
    units = [unit(), unit(), unit()]
    with RemoteUnits(units, read_feeds("1: maps\n2: previous", f"1: {tmp_path}")) as made:
        assert made.plan.in_order
        first = made.at(task(0, 10))
        assert "image" not in first[0] and sent(first[1]) == 50 and first[1]["module"] == "none" and sent(first[2]) == 10
        made.made(task(0, 10), flat((200,) * 3, 16, 24))
        second = made.at(task(1, 11))
        assert sent(second[1]) == 51 and sent(second[2]) == 200 and second[2]["module"] == "canny"
        prints = made.fingerprint(task(1, 11))
        made.made(task(0, 10), flat((201,) * 3, 16, 24))
        assert made.fingerprint(task(1, 11)) != prints
    assert units == [unit(), unit(), unit()]


def test_units_that_follow_the_frame_allow_batches_and_add_nothing():
    with RemoteUnits([unit(), unit(image="abc")], ()) as made:
        assert not made.plan.in_order and made.fingerprint(task(0, 1)) == ""
        assert made.at(task(0, 1)) == [unit(), unit(image="abc")]


def test_several_pictures_are_for_those_who_take_several(tmp_path):
    paths = [tmp_path / f"{name}.png" for name in "ab"]
    for path in paths:
        path.write_bytes(encode_png(flat((9, 9, 9), 16, 24)))
    feeds = read_feeds("0: picture", "\n".join(f"0: {path}" for path in paths))
    with RemoteUnits([unit(module="ip-adapter-auto")], feeds) as made:
        assert len(made.at(task(0, 1))[0]["image"]) == 2
    with RemoteUnits([unit()], feeds) as made, pytest.raises(PaintError, match="takes one picture"):
        made.at(task(0, 1))


@pytest.mark.parametrize(("units", "sources"), [([], "0: frame"), ([unit(enabled=False)], "0: frame"), ([unit()], "0: own")])
def test_sources_without_a_unit_are_refused(units, sources):
    with pytest.raises(SettingsError):
        RemoteUnits(units, read_feeds(sources))


def test_pictures_are_sent_whole():
    with RemoteUnits([unit()], read_feeds("0: previous")) as made:
        frame = task(0, 77)
        got, _ = decode_picture(base64.b64decode(made.at(frame)[0]["image"]))
        np.testing.assert_array_equal(got, frame.image)
