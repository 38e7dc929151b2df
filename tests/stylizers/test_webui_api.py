"""What one remote webui is asked, and what its answers mean."""

import base64
import json

import numpy as np
import pytest

from lib_vidstyl import pipeline
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import PaintError, SettingsError
from lib_vidstyl.stylizers.webui_api import AUTH, RemoteWebui, cut, padded
from lib_vidstyl.stylizers.webui_client import addresses
from tests.drawn import flat, texture
from tests.stylizers.fake_webui import FakeWebui, recipe, tasks, webuis


def test_a_frame_is_painted_at_its_own_size():
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake)) as painter:
        task = tasks(1)[0]
        assert np.array_equal(painter.paint([task])[0], 255 - task.image)
        body = fake.bodies[0]
        assert (body["width"], body["height"]) == (48, 32)
        assert (body["steps"], body["seed"], body["prompt"]) == (7, 0, "in the rain")


def test_a_frame_that_cannot_be_painted_is_the_frames_fault():
    script = lambda number, body: (500, {"error": "NansException", "errors": "A tensor with all NaNs"}) if number == 0 else None  # noqa: E731
    with webuis(FakeWebui(script=script)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        with pytest.raises(PaintError, match="all NaNs"):
            painter.paint(tasks(1))
        assert len(painter.paint(tasks(1))) == 1


@pytest.mark.parametrize("answer", [{}, {"images": []}, {"images": [7]}, {"images": ["!!"]}, {"images": ["AAAA"]}, [], "x",
                                    {"images": [base64.b64encode(encode_png(flat((0, 0, 0)))).decode()]}])
def test_answers_without_a_picture_are_said(answer):
    with webuis(FakeWebui(script=lambda number, body: (200, answer))) as (fake,), RemoteWebui(recipe(fake)) as painter, \
            pytest.raises(PaintError, match=r"no picture|black picture"):
        painter.paint(tasks(1))


def test_the_password_comes_from_the_environment_and_stays_there(monkeypatch):
    with webuis(FakeWebui(auth="ada:secret")) as (fake,):
        with pytest.raises(PaintError, match="name and a password"):
            RemoteWebui(recipe(fake)).__enter__()
        monkeypatch.setenv(AUTH, "ada:secret")
        with RemoteWebui(recipe(fake)) as painter:
            assert len(painter.paint(tasks(1))) == 1
            assert "secret" not in json.dumps(dict(painter.who()))


def test_nothing_is_sent_elsewhere():
    with webuis(FakeWebui()) as (other,), webuis(FakeWebui(script=lambda number, body: (307, {"to": other.address}))) as (fake,), \
            RemoteWebui(recipe(fake)) as painter:
        with pytest.raises(PaintError):
            painter.paint(tasks(1))
        assert not other.bodies


def test_a_film_over_a_remote_webui_leaves_no_address_in_itself():
    made = recipe("http://10.0.0.7:7860")
    assert "10.0.0.7" not in made.to_json(paths=False) and "10.0.0.7" in made.to_json()
    assert pipeline.sections()  # the section belongs to a painter, not to a stage


@pytest.mark.parametrize("text", ["x", "ftp://a", "file:///etc/passwd", "http://", "http://u:p@host", "//host", "http://a#b",
                                  "javascript:x"])
def test_addresses_that_are_none(text):
    with pytest.raises(SettingsError) as caught:
        addresses(text)
    assert "u:p" not in str(caught.value)


def test_addresses_are_split_and_kept_once():
    assert addresses("http://a:1/, https://b/sub\nhttp://a:1") == ["http://a:1", "https://b/sub"]


def test_inversion_is_refused_not_left_out():
    made = recipe("http://127.0.0.1:1").replaced("inversion", invert=True)
    with pytest.raises(SettingsError, match="inside a webui only"):
        RemoteWebui(made)


def test_padding_is_cut_off_again():
    frame = texture(13, 21)
    assert padded(frame).shape == (16, 24, 3) and np.array_equal(cut(padded(frame), frame), frame)
    assert cut(texture(64, 64), frame).shape == frame.shape
