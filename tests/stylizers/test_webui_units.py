"""Control units for remote webuis."""

import base64
import json

import numpy as np
import pytest

from lib_vidstyl.clip.picture import decode_picture
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.remote_units import read_units
from lib_vidstyl.stylizers.webui_api import RemoteWebui
from tests.stylizers.fake_webui import FakeWebui, recipe, tasks, webuis


def test_masks_and_control_units_are_passed_on():
    units = '[{"module": "canny", "model": "control_canny", "weight": 0.8}]'
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake, units=units)) as painter:
        task = tasks(1)[0]
        mask = np.zeros(task.image.shape[:2], np.uint8)
        mask[:, 20:] = 255
        painter.paint([Task(0, task.image, 1, mask=mask)])
        body = fake.bodies[0]
        wanted = {**json.loads(units)[0], "model": "control_canny [12ab]"}
        assert body["alwayson_scripts"]["ControlNet"]["args"][0].items() >= wanted.items()
        sent, _ = decode_picture(base64.b64decode(body["mask"]))
        assert np.array_equal(sent[:30, :44, 0], mask)


def test_units_are_sent_in_the_servers_own_names():
    units = '[{"module": "Canny", "model": "control_canny.safetensors"}, {"module": "none", "model": "control_canny [ff]"}]'
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake, units=units)) as painter:
        painter.paint(tasks(1))
        sent = fake.bodies[0]["alwayson_scripts"]["ControlNet"]["args"]
    known = "control_canny [12ab]"
    assert [(unit["module"], unit["model"]) for unit in sent] == [("canny", known), ("None", known)]


@pytest.mark.parametrize("unit, said", [('{"module": "canny", "model": "absent"}', "no model 'absent'"),
                                        ('{"module": "canny"}', "no model is chosen"),
                                        ('{"module": "kanny", "model": "control_canny"}', "no preprocessor 'kanny'")])
def test_units_that_a_server_would_leave_out_are_refused(unit, said):
    with webuis(FakeWebui()) as (fake,), pytest.raises(SettingsError, match=said), RemoteWebui(recipe(fake, units=f"[{unit}]")):
        pass


def test_units_without_a_model_that_need_none_and_units_switched_off_pass():
    units = '[{"module": "reference_only"}, {"module": "canny", "model": "absent", "enabled": false}]'
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake, units=units)) as painter:
        painter.paint(tasks(1))
        assert len(fake.bodies[0]["alwayson_scripts"]["ControlNet"]["args"]) == 2


def test_units_for_a_webui_without_controlnet_are_refused():
    with webuis(FakeWebui()) as (fake,):
        fake.control = {}
        with pytest.raises(SettingsError, match="has no ControlNet"), RemoteWebui(recipe(fake, units='[{"module": "canny"}]')):
            pass
        with RemoteWebui(recipe(fake)) as painter:
            assert painter.paint(tasks(1))


def test_units_must_be_a_list_of_objects():
    for text in ("{", "7", '{"a": 1}', "[7]"):
        with pytest.raises(SettingsError):
            read_units(text)
    assert read_units("") == [] and read_units("[{}]")[0]["enabled"]
