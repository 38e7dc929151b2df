import json
from threading import Timer

import numpy as np
import pytest

from lib_vidstyl import pipeline
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import ClipError, SettingsError
from lib_vidstyl.front.desk import films
from lib_vidstyl.front.desk.job import DONE, FAILED, FILM, RUNNING, STOPPED, WAITING, Job, superseded
from lib_vidstyl.front.desk.names import UnknownId
from lib_vidstyl.front.session import new_recipe
from tests.drawn import flat
from tests.front.conftest import Bench


def lossless(**paint):
    made = new_recipe().replaced("encode", format="ffv1")
    return made.replaced("paint", **paint) if paint else made


def test_a_film_is_made_in_the_background(bench):
    job = bench.desk.start(FILM, bench.card(), lossless())
    assert job.state in (WAITING, RUNNING)
    bench.painter.free.set()
    status = bench.ended(job)
    assert status["state"] == "done" and status["frames"] == 12 and status["share"] == 1
    with open_clip(bench.desk.folder / status["film"]) as film:
        assert film.count() == 12
    assert bench.desk.pictures.get(job.id, -1)[:2] == b"\xff\xd8"


def test_start_while_running_waits_and_both_are_made(bench):
    first = bench.desk.start(FILM, bench.card(), lossless())
    assert bench.painter.begun.wait(10)
    second = bench.desk.start(FILM, bench.card(), lossless(seed=2).replaced("look", look="ink"))
    assert bench.desk.status(second.id)["state"] == WAITING and bench.desk.status(second.id)["ahead"] == 1
    bench.painter.free.set()
    films = {bench.ended(first)["film"], bench.ended(second)["film"]}
    assert films == {"clip-oil.mkv", "clip-ink.mkv"}


def test_cancel_stops_between_frames_and_twice_does_no_harm(bench):
    job = bench.desk.start(FILM, bench.card(), lossless())
    assert bench.painter.begun.wait(10)
    bench.desk.cancel(job.id)
    bench.desk.cancel(job.id)
    bench.painter.step.release()
    assert bench.ended(job)["state"] == "stopped"
    assert len(bench.painter.asked) <= 2
    assert bench.desk.cancel(job.id)["state"] == "stopped"


def test_go_on_paints_only_what_is_missing(bench):
    job = bench.desk.start(FILM, bench.card(), lossless())
    for _ in range(4):
        bench.painter.step.release()
    while len(bench.painter.asked) < 4:
        bench.painter.begun.wait(0.01)
    bench.desk.cancel(job.id)
    bench.painter.step.release()
    bench.ended(job)
    bench.painter.free.set()
    bench.desk.again(job.id)
    assert bench.ended(job)["state"] == "done"
    assert sorted(bench.painter.asked) == list(range(12))


def test_a_failed_job_does_not_stop_the_rest(bench):
    bad = bench.desk.start(FILM, bench.card(), lossless(seed_rule="list"))
    good = bench.desk.start(FILM, bench.card(), lossless())
    bench.painter.free.set()
    assert bench.ended(bad)["state"] == "failed" and "list of seeds" in bench.ended(bad)["problem"]
    assert bench.ended(good)["state"] == "done"


def test_a_bug_is_reported_and_does_not_stop_the_rest(bench):
    def broken(recipe):
        raise ZeroDivisionError(f"in {bench.desk.folder}/clip")

    fine, bench.desk.painter = bench.desk.painter, broken
    bad = bench.desk.start(FILM, bench.card(), lossless())
    problem = bench.ended(bad)["problem"]
    assert "ZeroDivisionError" in problem and str(bench.desk.folder) not in problem
    bench.desk.painter = fine
    bench.painter.free.set()
    assert bench.ended(bench.desk.start(FILM, bench.card(), lossless()))["state"] == "done"


def test_the_queue_survives_a_restart(bench):
    running = bench.desk.start(FILM, bench.card(), lossless())
    waiting = bench.desk.start(FILM, bench.card(), lossless().replaced("look", look="ink"))
    assert bench.painter.begun.wait(10)
    Timer(0.2, bench.painter.step.release).start()
    bench.desk.close()
    saved = json.loads((bench.desk.folder / "desk.json").read_text())
    assert [job["state"] for job in saved["jobs"]] == [WAITING, WAITING]
    bench.painter.free.set()
    bench.desk = bench.opened()
    assert bench.ended(running)["state"] == "done" and bench.ended(waiting)["state"] == "done"


def test_a_damaged_queue_is_an_empty_one(tmp_path):
    folder = tmp_path / "bench" / "desk"
    folder.mkdir(parents=True)
    for text in ("", "{", "[{}]", "[7]", "null", '[{"kind": "film", "clip": 7, "recipe": ""}]', "[" * 100_000):
        (folder / "desk.json").write_text(text)
        bench = Bench(tmp_path / "bench")
        assert bench.desk.list() == []
        bench.close()


def test_a_damaged_job_costs_no_other(bench):
    job = bench.desk.start(FILM, bench.card(), lossless())
    bench.painter.free.set()
    bench.ended(job)
    bench.desk.close()
    path = bench.desk.folder / "desk.json"
    saved = json.loads(path.read_text(encoding="utf-8"))
    whole = saved["jobs"][0]
    wrong = ({"stages": None}, {"created": "x"}, {"state": 7}, {"kind": "of a later version"}, {"tried": {}}, {"seeds": "1"})
    saved["jobs"] = [*({**whole, "id": "x", **change} for change in wrong), None, 7, whole]
    path.write_text(json.dumps(saved), encoding="utf-8")
    bench.desk = bench.opened()
    assert [each["id"] for each in bench.desk.list()] == [job.id]


def test_waiting_jobs_can_be_moved(bench):
    first = bench.desk.start(FILM, bench.card(), lossless())
    assert bench.painter.begun.wait(10)
    a, b = (bench.desk.start(FILM, bench.card(), lossless(seed=seed)) for seed in (2, 3))
    bench.desk.move(b.id, -1)
    assert [job["id"] for job in bench.desk.list()] == [first.id, b.id, a.id]
    bench.desk.move(b.id, 50)
    assert [job["id"] for job in bench.desk.list()] == [first.id, a.id, b.id]
    assert bench.desk.cancel(a.id)["state"] == "stopped"


def test_a_trial_paints_one_frame_with_several_seeds_and_keeps_nothing(bench):
    bench.painter.free.set()
    job = bench.desk.start("trial", bench.card(), lossless(seed=5), frame=3, seeds=4)
    status = bench.ended(job)
    assert status["state"] == "done" and status["tried"] == [5, 6, 7, 8]
    assert bench.painter.asked == [3, 3, 3, 3]
    assert bench.desk.pictures.get(job.id, 3)[:2] == b"\xff\xd8"
    assert sorted(path.name for path in bench.desk.folder.iterdir()) == ["clips", "desk.json"]


def test_the_film_of_another_clip_is_left_alone(bench):
    (bench.desk.folder / "clip-oil.mkv").write_bytes(b"somebody else's")
    bench.painter.free.set()
    assert bench.ended(bench.desk.start(FILM, bench.card(), lossless()))["film"] == "clip-oil-2.mkv"
    assert (bench.desk.folder / "clip-oil.mkv").read_bytes() == b"somebody else's"


def test_a_film_with_other_settings_leaves_the_first_alone(bench):
    bench.painter.free.set()

    def made(recipe):
        return bench.ended(bench.desk.start(FILM, bench.card(), recipe))["film"]

    first = made(lossless(seed=1))
    before = (bench.desk.folder / first).read_bytes()
    assert made(lossless(seed=2)) == "clip-oil-2.mkv"
    assert made(lossless(seed=1)) == first and (bench.desk.folder / first).read_bytes() == before
    named = lossless(seed=1).replaced("encode", name="films/[clip]")
    assert [made(named), made(named), made(named.replaced("paint", seed=3))] == ["films/clip.mkv"] * 2 + ["films/clip-2.mkv"]


def test_a_job_that_goes_on_keeps_its_film_whatever_was_made_meanwhile(bench):
    bench.painter.free.set()
    first = bench.desk.start(FILM, bench.card(), lossless(seed=1))
    bench.ended(first)
    bench.ended(bench.desk.start(FILM, bench.card(), lossless(seed=2)))
    bench.desk.again(first.id, lossless(seed=1).replaced("paint", seed_ranges="3-5: 9"))
    assert bench.ended(first)["film"] == "clip-oil.mkv"
    assert sorted(path.name for path in bench.desk.folder.glob("*.mkv")) == ["clip-oil-2.mkv", "clip-oil.mkv"]


def test_a_stopped_job_does_not_replace_the_film_of_another(bench):
    stopped = bench.desk.start(FILM, bench.card(), lossless(seed=1))
    assert bench.painter.begun.wait(10)
    bench.desk.cancel(stopped.id)
    bench.painter.free.set()
    assert bench.ended(stopped)["state"] == "stopped"
    other = bench.ended(bench.desk.start(FILM, bench.card(), lossless(seed=2)))["film"]
    before = (bench.desk.folder / other).read_bytes()
    bench.desk.again(stopped.id)
    assert bench.ended(stopped)["film"] != other
    assert (bench.desk.folder / other).read_bytes() == before


@pytest.mark.parametrize("form", ["png", "gif"])
def test_other_settings_make_another_film_in_every_format(bench, form):
    bench.painter.free.set()
    names = [bench.ended(bench.desk.start(FILM, bench.card(), lossless(seed=seed).replaced("encode", format=form)))["film"]
             for seed in (1, 1, 2)]
    assert names[0] == names[1] != names[2]


def test_unknown_ids_and_kinds_are_said(bench):
    with pytest.raises(SettingsError, match="no kind of job"):
        bench.desk.start("wash", bench.card(), lossless())
    for known in ("", "x", "../desk", "0" * 16, "..", "/etc"):
        with pytest.raises(UnknownId):
            bench.desk.clips.card(known)
        with pytest.raises(UnknownId):
            bench.desk.status(known)


def test_no_status_names_a_place_of_this_machine(bench):
    bench.painter.free.set()
    job = bench.desk.start(FILM, bench.card(), lossless())
    assert str(bench.folder) not in json.dumps(bench.ended(job))


def test_jobs_come_back_from_json():
    job = Job("film", "0" * 16, "{}")
    assert Job.read({**job.__dict__, "unknown": 1}) == job


def with_keys(*frames):
    made = pipeline.switched(lossless(), on=["keyframes", "propagate"])
    return made.replaced("keyframes", choice="list", frames=", ".join(map(str, frames)))


def test_a_plan_finds_keys_and_paints_nothing(bench):
    bench.painter.free.set()
    job = bench.desk.start("plan", bench.card(), with_keys(2, 8))
    assert bench.ended(job)["state"] == "done" and bench.painter.asked == []
    assert films.keys(bench.desk.folder, bench.desk.job(job.id))["keys"] == [2, 8]


def test_keys_are_painted_alone_and_a_picture_of_ones_own_stands(bench):
    bench.painter.free.set()
    job = bench.desk.start("keys", bench.card(), with_keys(2, 8))
    bench.ended(job)
    job = bench.desk.job(job.id)
    assert bench.painter.asked == [2, 8] and films.keys(bench.desk.folder, job)["painted"] == [2, 8] and not job.film
    mine = flat((9, 200, 30), 48, 64)
    films.put_by_hand(bench.desk.folder, job, 8, encode_png(mine))
    film = bench.desk.start(FILM, bench.card(), with_keys(2, 8))
    assert bench.ended(film)["state"] == "done" and bench.painter.asked == [2, 8]
    with open_clip(bench.desk.folder / bench.desk.job(film.id).film) as made:
        assert np.array_equal(made.picture(8).image, mine)
    assert {weak["frame"] for weak in films.report(bench.desk.folder, bench.desk.job(film.id))["worst"]} <= set(range(12))
    with pytest.raises(ClipError):
        films.put_by_hand(bench.desk.folder, job, 8, b"<svg/>")


def job_of(state, name="clip-oil.mkv", recipe="{}", kind=FILM):
    return Job(kind, "0" * 16, recipe, state=state, name=name)


@pytest.mark.parametrize(("older", "newer", "folds"), [
    (job_of(DONE), job_of(DONE), True),
    (job_of(DONE), job_of(RUNNING), True),
    (job_of(DONE), job_of(STOPPED, recipe='{"of": "other settings"}'), True),
    (job_of(FAILED), job_of(DONE), True),
    (job_of(STOPPED), job_of(DONE, recipe='{"of": "other settings"}'), False),  # it can go on, and makes another film
    (job_of(DONE), job_of(DONE, name="clip-oil-2.mkv"), False),
    (job_of(DONE, kind="keys"), job_of(DONE), False),
    (job_of(STOPPED, name=""), job_of(DONE, name=""), False),
    (job_of(WAITING), job_of(DONE), False)])
def test_of_a_film_that_is_made_again_the_last_job_tells(older, newer, folds):
    assert superseded([older, newer]) == ({older.id: newer.id} if folds else {})


def test_what_was_done_again_since_is_not_tried_again(bench):
    bench.painter.free.set()
    card = bench.card()
    hidden = bench.clip.rename(bench.clip.with_name("hidden.mkv"))
    failed = bench.desk.start(FILM, card, lossless())
    assert bench.ended(failed)["state"] == "failed"
    hidden.rename(bench.clip)
    bench.desk.job(failed.id).name = "clip-oil.mkv"  # as if it had failed later
    done = bench.desk.start(FILM, card, lossless())
    assert bench.ended(done)["state"] == "done"
    assert [job["newer"] for job in bench.desk.list()] == [done.id, ""] and bench.desk.retry() == []
