"""Several webuis share the frames; they go away, come back, are stopped."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from lib_vidstyl import stylize
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import Cancelled, NobodyThere, PaintError, PaintingHopeless, SettingsError
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from lib_vidstyl.stylizers import make_painter, webui_api, webui_servers
from lib_vidstyl.stylizers.webui_api import RemoteWebui
from tests.films import written
from tests.stylizers.fake_webui import FakeWebui, falling, patiently, recipe, tasks, told, until, waiting, webuis

CONTROL = '[{"module": "canny", "model": "control_canny"}]'


@pytest.fixture
def clip(tmp_path):
    return written(tmp_path / "clip", [task.image for task in tasks(16)])


def film(clip, name, painter, **options):
    return finish(order(clip, clip.parent / name, recipe=recipe().replaced("encode", format="ffv1")).start(painter, **options))


def test_a_server_that_comes_back_is_used_again_and_the_film_is_the_same(clip):
    with webuis(FakeWebui()) as (alone,):
        wanted = film(clip, "wanted.mkv", RemoteWebui(recipe(alone))).film.read_bytes()
    with webuis(FakeWebui(), falling(1)) as (steady, other):
        painter = RemoteWebui(recipe(steady, other))

        def back(number, body):
            until(lambda: len(other.bodies) >= 2)
            if number == 5:
                other.down = False
                until(lambda: told(painter, "takes part"))
            if number == 7:
                until(lambda: len(other.bodies) > 2)

        steady.script = back
        made = film(clip, "film.mkv", painter)
    assert made.complete and made.film.read_bytes() == wanted
    assert len(other.bodies) > 2 and len(steady.bodies) + len(other.bodies) == 16 + 1, "none is painted twice; one was dropped"
    assert [told(painter, words) for words in ("does not answer", "answers again and takes part")] == [True, True]


def test_a_server_that_was_not_there_at_the_start_takes_part_later(clip):
    with webuis(FakeWebui(), FakeWebui()) as (a, late):
        late.down = True
        with RemoteWebui(recipe(a, late)) as painter:
            painter.paint(tasks(4))
            late.down = False
            until(lambda: told(painter, "takes part"))
            a.script = waiting(late)
            painter.paint(tasks(4))


@pytest.mark.parametrize("units", ["", CONTROL])
def test_a_server_that_comes_back_otherwise_is_left_out_until_it_is_as_before(units):
    with webuis(FakeWebui(), falling(0)) as (a, b), RemoteWebui(recipe(a, b, units=units)) as painter:
        a.script = waiting(b)
        painter.paint(tasks(4))
        before = dict(b.options), dict(b.control)
        if units:
            b.control["/controlnet/model_list"] = {"model_list": ["other"]}
        else:
            b.options["sd_model_checkpoint"] = "other [def]"
        b.down = False
        until(lambda: told(painter, "left out"))
        assert told(painter, "there is no model 'control_canny'" if units else "would not paint alike")
        painter.paint(tasks(4))
        assert len(b.bodies) == 1
        b.options, b.control = before
        until(lambda: told(painter, "takes part"))
        a.script = waiting(b, 2)
        painter.paint(tasks(4))


def test_a_server_that_only_seems_to_come_back_is_left_out_in_the_end():
    with webuis(FakeWebui(), FakeWebui(script=lambda number, body: "drop")) as (a, b), RemoteWebui(recipe(a, b)) as painter:
        for _ in range(200):
            painter.paint(tasks(4))
            if told(painter, "left out from here on"):
                break
            time.sleep(0.01)
        asked = len(b.bodies)
        painter.paint(tasks(8))
        assert told(painter, "went away 4 times") and len(b.bodies) == asked


def test_a_server_that_has_painted_meanwhile_may_go_away_ever_so_often():
    with webuis(FakeWebui()) as (fake,), RemoteWebui(recipe(fake)) as painter:
        fake.script = lambda number, body: "drop" if number % 4 != 3 else None
        for task in tasks(8):
            assert np.array_equal(patiently(painter, [task])[0], 255 - task.image)


def test_when_no_server_answers_the_run_says_so_waits_and_goes_on(clip):
    with webuis(falling(3), falling(3)) as both:
        painter, shown = RemoteWebui(recipe(*both)), []

        def show(progress):
            shown.append(progress.notice)
            if "No webui answers" in progress.notice:
                for fake in both:
                    fake.down = False

        steps = order(clip, clip.parent / "film.mkv", recipe=recipe().replaced("encode", format="ffv1")).start(painter)
        made = finish(steps, show)
    assert made.complete and sum("waiting up to 10 minutes" in notice for notice in shown) == 1
    assert sum(len(fake.bodies) for fake in both) == 16 + 2, "none is painted twice; two were dropped"


def test_when_no_server_comes_back_it_is_said_and_everything_is_kept(clip, monkeypatch):
    monkeypatch.setattr(webui_api, "PATIENCE", 0.3)
    with webuis(falling(7)) as (fake,):
        with pytest.raises(PaintingHopeless, match=r"no webui answers any more. What is done is kept. Start one"):
            film(clip, "film.mkv", RemoteWebui(recipe(fake)))
        fake.down = False
        assert film(clip, "film.mkv", RemoteWebui(recipe(fake))).complete
        assert len(fake.bodies) == 16 + 1


def test_a_run_that_waits_for_a_server_can_be_stopped():
    with webuis(falling(0)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        with pytest.raises(NobodyThere):
            painter.paint(tasks(1))
        painter.watch(lambda: True)
        with pytest.raises(Cancelled):
            painter.paint(tasks(1))


def test_work_that_took_too_long_is_not_asked_for_again(monkeypatch):
    monkeypatch.setattr(webui_servers, "FIRST", 60.0)  # or it might be back in time for the last frame
    monkeypatch.setattr(webui_servers, "LONGEST", 60.0)
    slow = lambda number, body: time.sleep(1.5) if number == 0 else None  # noqa: E731
    with webuis(FakeWebui(script=slow), FakeWebui()) as (a, b), RemoteWebui(recipe(a, b, timeout=1.0)) as painter:
        b.script = waiting(a)
        assert len(painter.paint(tasks(4))) == 4
        assert len(a.bodies) == 1 and told(painter, a.address.rpartition("/")[2])


def test_one_frame_with_several_seeds_is_several_pictures():
    with webuis(FakeWebui(), FakeWebui()) as both, RemoteWebui(recipe(*both)) as painter:
        task, = tasks(1)
        tried = [replace(task, seed=seed, image=task.image + np.uint8(seed)) for seed in range(4)]
        assert all(np.array_equal(made, 255 - one.image) for one, made in zip(tried, painter.paint(tried), strict=True))


def test_two_servers_share_the_frames_and_keep_their_order():
    together = threading.Barrier(2, timeout=10)

    def both(number, body):
        if number == 0:
            together.wait()

    with webuis(FakeWebui(script=both), FakeWebui(script=both)) as (a, b), RemoteWebui(recipe(a, b)) as painter:
        frames = tasks(8)
        for task, image in zip(frames, painter.paint(frames), strict=True):
            assert np.array_equal(image, 255 - task.image)
        assert a.bodies and b.bodies and len(a.bodies) + len(b.bodies) == 8


def test_a_film_by_two_servers_keeps_both_at_work(tmp_path):
    together = threading.Barrier(2, timeout=10)

    def both(number, body):
        if number == 0:
            together.wait()

    clip = tmp_path / "clip"
    clip.mkdir()
    for task in tasks(6):
        (clip / f"{task.index}.png").write_bytes(encode_png(task.image))
    with webuis(FakeWebui(script=both), FakeWebui(script=both)) as (a, b):
        made = stylize(clip, tmp_path / "film.mp4", webui=f"{a.address} {b.address}")
    assert made.complete and made.frames == 6
    assert a.bodies and b.bodies and len(a.bodies) + len(b.bodies) == 6


def test_a_stop_interrupts_the_servers_at_once():
    asked, told, begun = [], threading.Event(), threading.Event()

    def script(number, body):
        asked.append(body)
        if "id_task" in body:
            return 200, {"active": body["id_task"] == asked[0]["force_task_id"]}
        if "init_images" not in body:
            told.set()
            return 200, {}
        begun.set()
        assert told.wait(20), "nobody told the server to stop"
        return None

    with webuis(FakeWebui(script=script)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        painter.watch(begun.is_set)
        with pytest.raises(Cancelled):
            painter.paint(tasks(5))
    assert sum("init_images" in body for body in asked) == 1


def test_a_stop_leaves_alone_what_a_server_does_for_others():
    begun, freed, paths = threading.Event(), threading.Event(), []

    def script(number, body):
        paths.append(sorted(body))
        if "id_task" in body:
            return 200, {"active": False, "queued": True}
        begun.set()
        freed.wait(20)
        return None

    with webuis(FakeWebui(script=script)) as (fake,), RemoteWebui(recipe(fake)) as painter:
        painter.watch(begun.is_set)
        with pytest.raises(Cancelled):
            painter.paint(tasks(2))
        freed.set()
    assert len(paths) == 2, paths


def test_a_dead_server_loses_no_frame_and_the_film_is_the_same():
    with webuis(FakeWebui(), FakeWebui(script=lambda number, body: "drop" if number >= 1 else None)) as (a, b):
        a.script = waiting(b, 2)
        with RemoteWebui(recipe(a, b)) as painter:
            frames = tasks(12)
            images = painter.paint(frames)
            who = painter.who()
            assert [np.array_equal(image, 255 - task.image) for task, image in zip(frames, images, strict=True)] == [True] * 12
            assert any("does not answer" in notice for notice in painter.notices)
        with RemoteWebui(recipe(a)) as alone:
            assert alone.who() == who


def test_all_servers_dead_is_hopeless():
    with webuis(FakeWebui(script=lambda number, body: "drop")) as (fake,), RemoteWebui(recipe(fake)) as painter, \
            pytest.raises(PaintingHopeless, match="no webui answers"):
        patiently(painter, tasks(3))


def test_a_server_that_is_not_there_is_said_at_once():
    with webuis(FakeWebui()) as (fake,):
        with RemoteWebui(recipe(fake, "http://127.0.0.1:9")) as painter:
            assert len(painter.paint(tasks(2))) == 2 and "127.0.0.1:9" in painter.notices[0]
        with pytest.raises(PaintError, match="does not answer"):
            RemoteWebui(recipe("http://127.0.0.1:9")).__enter__()


def test_a_busy_gateway_is_tried_again():
    with webuis(FakeWebui(script=lambda number, body: (503, {}) if number < 2 else None)) as (fake,), \
            RemoteWebui(recipe(fake)) as painter:
        assert len(painter.paint(tasks(1))) == 1 and len(fake.bodies) == 3


def test_servers_that_would_paint_differently_are_refused():
    with webuis(FakeWebui(), FakeWebui({"sd_model_checkpoint": "other [def]"})) as (a, b), \
            pytest.raises(PaintError, match="would not paint alike"):
        RemoteWebui(recipe(a, b)).__enter__()


def test_no_server_named_is_said():
    with pytest.raises(SettingsError, match="no webui was named"):
        make_painter(new_recipe(), "webui")
