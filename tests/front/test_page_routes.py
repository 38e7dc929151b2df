"""What the page has beside clips and jobs."""

import json
from pathlib import Path

import pytest

pytest.importorskip("fastapi", reason="FastAPI is not installed")
pytest.importorskip("httpx", reason="httpx, which FastAPI's test client needs, is not installed")

from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import SettingsError
from lib_vidstyl.front.desk.job import FILM, TRIAL, WAITING
from lib_vidstyl.front.desk.trouble import without_secrets
from lib_vidstyl.front.naming import film_stem
from lib_vidstyl.front.session import new_recipe
from tests.drawn import flat
from tests.front.test_api import client, clip_id, wait  # noqa: F401 - a fixture
from tests.front.test_desk import lossless

V1 = "/vidstyl/v1"
RAW = {"Content-Type": "application/octet-stream"}


@pytest.fixture
def api(client):  # noqa: F811
    return client


def done(api, bench, settings=None):
    """A finished film's job."""
    bench.painter.free.set()
    asked = {"clip": clip_id(api, bench), "settings": {"encode.format": "ffv1", **(settings or {})}}
    return wait(api, api.post(f"{V1}/jobs", json=asked).json()["id"], "done", "failed")


def test_presets_are_kept_shown_and_deleted(api, bench):
    clip = clip_id(api, bench)
    recipe = json.loads(new_recipe().replaced("look", look="ink").replaced("decode", start="3").to_json())
    kept = api.post(f"{V1}/presets", json={"name": "  My  ink ", "recipe": recipe, "clip": clip}).json()["id"]
    own = api.get(f"{V1}/presets").json()["own"]
    assert [(one["name"], one["picture"], one["recipe"]["sections"]["look"]["look"]) for one in own] == [("My ink", True, "ink")]
    assert own[0]["recipe"]["sections"]["decode"]["start"] == ""
    assert api.get(f"{V1}/presets/{kept}/picture").content[:2] == b"\xff\xd8"
    assert api.post(f"{V1}/presets", json={"name": "My ink", "recipe": recipe}).json()["id"] == kept
    assert api.post(f"{V1}/presets/{kept}/delete").status_code == 200
    assert api.get(f"{V1}/presets").json()["own"] == []
    for bad in ("..", "x" * 16, "0" * 16):
        assert api.post(f"{V1}/presets/{bad}/delete").status_code == 404
    assert api.post(f"{V1}/presets", json={"name": " ", "recipe": recipe}).status_code == 422


def test_every_preset_of_ours_is_a_recipe(api):
    from lib_vidstyl.front.api import recipe_of

    for one in api.get(f"{V1}/presets").json()["built_in"]:
        assert recipe_of(one) != new_recipe(), one["name"]


def test_a_paused_queue_begins_nothing_but_tries_and_stays_paused(bench):
    bench.painter.free.set()
    bench.desk.pause(True)
    film = bench.desk.start(FILM, bench.card(), lossless())
    tried = bench.desk.start(TRIAL, bench.card(), lossless(), spread=3)
    assert bench.ended(tried)["shown"] == [2, 6, 10]
    assert bench.desk.status(film.id)["state"] == WAITING
    bench.desk.close()
    bench.desk = bench.opened()
    assert bench.desk.paused and bench.desk.status(film.id)["state"] == WAITING
    bench.desk.pause(False)
    assert bench.ended(film)["state"] == "done"


def test_all_that_failed_is_tried_again(api, bench):
    card = bench.card()
    bench.painter.free.set()
    hidden = bench.clip.rename(bench.clip.with_name("hidden.mkv"))
    jobs = [bench.desk.start(FILM, card, lossless(seed=seed)) for seed in (1, 2)]
    assert [bench.ended(job)["state"] for job in jobs] == ["failed", "failed"]
    hidden.rename(bench.clip)
    assert len(api.post(f"{V1}/desk/retry").json()["jobs"]) == 2
    assert [bench.ended(job)["state"] for job in jobs] == ["done", "done"]


def test_frames_painted_anew_are_those_frames_only(api, bench):
    job = done(api, bench)
    before = len(bench.painter.asked)
    api.post(f"{V1}/jobs/{job['id']}/repaint", json={"first": 4, "last": 5})
    wait(api, job["id"], "done")
    assert bench.painter.asked[before:] == [4, 5]
    for bad in ({}, {"first": 5, "last": 4}, {"first": "x"}):
        assert api.post(f"{V1}/jobs/{job['id']}/repaint", json=bad).status_code == 422


def test_a_report_is_shown_and_its_page_runs_nothing(api, bench):
    bench.painter.free.set()
    asked = {"clip": clip_id(api, bench), "settings": {"encode.format": "ffv1"}, "on": ["report"]}
    job = wait(api, api.post(f"{V1}/jobs", json=asked).json()["id"], "done", "failed")
    found = api.get(f"{V1}/jobs/{job['id']}/steadiness").json()
    assert len(found["frames"]) == 12 and all(len(curve["values"]) == 12 for curve in found["curves"])
    assert all(bad["paintable"] and not bad["keyed"] for bad in found["worst"])
    page = api.get(f"{V1}/jobs/{job['id']}/steadiness/page")
    assert page.status_code == 200 and "sandbox" in page.headers["content-security-policy"]
    for bad in found["worst"]:
        assert api.get(f"{V1}/jobs/{job['id']}/steadiness/{bad['frame']}").status_code == 200
    assert api.get(f"{V1}/jobs/{job['id']}/steadiness/999").status_code == 404


def test_a_film_without_report_has_none(api, bench):
    job = done(api, bench)
    assert api.get(f"{V1}/jobs/{job['id']}/steadiness").json() == {}
    assert api.get(f"{V1}/jobs/{job['id']}/steadiness/page").status_code == 404


def test_space_grows_with_frames_and_shrinks_with_size(api, bench):
    clip = clip_id(api, bench)
    def needed(**asked):
        return api.get(f"{V1}/clips/{clip}/space", params=asked).json()
    whole, half, small = needed(last=11), needed(last=11, every=2), needed(last=11, side=32)
    assert (whole["frames"], half["frames"]) == (12, 6)
    assert half["bytes"] < whole["bytes"] and small["bytes"] < whole["bytes"] and whole["free"] > 0 and not whole["short"]


def test_time_is_told_of_a_look_that_was_painted_here(api, bench):
    clip = clip_id(api, bench)
    def seconds(**asked):
        return api.get(f"{V1}/clips/{clip}/space", params={"last": 11, "look": "ink", **asked}).json()["seconds"]
    assert seconds() is None
    api.get(f"{V1}/clips/{clip}/looks/ink")
    assert seconds() > 0 and seconds(every=2) == pytest.approx(seconds() / 2) and seconds(look="oil") is None


def test_the_folder_is_shown_to_nobody_elsewhere(api, bench, monkeypatch):
    from lib_vidstyl.front.desk import folder

    shown = []
    monkeypatch.setattr(folder, "show", shown.append)
    bench.desk.local = True
    assert api.get(f"{V1}/desk").json()["local"] is False  # the test client is no address of this machine
    assert api.post(f"{V1}/desk/folder").status_code == 404 and not shown


@pytest.mark.parametrize("text", [
    "http://ann:hunter22@host:7860/x", "Authorization: Basic YW5uOmh1bnRlcjIy", "password=hunter22", "token: hunter22abc",
    "api_key = hunter22", "hf_hunter22hunter22", "Bearer hunter22hunter22", '{"token": "hunter22"}'])
def test_no_secret_is_in_a_report(text):
    assert "unter22" not in without_secrets(f"before {text} after", Path("/films"))
    assert "YW5u" not in without_secrets(text, Path("/films"))


def test_no_place_and_no_user_is_in_a_report(monkeypatch):
    monkeypatch.setattr("getpass.getuser", lambda: "annette")
    monkeypatch.setattr(Path, "home", lambda: Path("/home/annette"))
    for text in ("/home/annette/films/a.mp4", r"C:\Users\annette\films\a.mp4", "/mnt/annette/x/a.mp4 is gone", "annette's clip"):
        assert "annette" not in without_secrets(text, Path("/srv/films")), text
    assert "7/8 frames" in without_secrets("7/8 frames", Path("/srv/films"))
    assert "https://host/x/y" in without_secrets("https://host/x/y", Path("/srv/films"))


def test_a_job_is_in_its_report(api, bench):
    job = done(api, bench)
    text = api.post(f"{V1}/trouble", json={"said": "it went wrong", "job": job["id"]}).json()["text"]
    assert "it went wrong" in text and "video-stylize" in text and '"encode"' in text and str(bench.folder) not in text


def test_films_are_called_as_the_recipe_says(api, bench):
    job = done(api, bench, {"encode.name": "[look] of [clip]/[seed]"})
    assert job["film"] == "oil of clip/1.mkv" and (bench.desk.folder / job["film"]).is_file()
    again = done(api, bench, {"encode.name": "[look] of [clip]/[seed]"})
    assert again["film"] == job["film"]
    (bench.desk.folder / "mine.mkv").write_bytes(b"somebody else's")
    assert done(api, bench, {"encode.name": "mine"})["film"] == "mine-2.mkv"
    assert api.get(f"{V1}/jobs/{job['id']}/artefacts").json()["artefacts"][0]["kind"] == "film"


@pytest.mark.parametrize("pattern", ["../x", "/etc/x", "a/../../b", "C:\\x\\y", "CON", "[clip]\x00"])
def test_no_name_leads_elsewhere(pattern):
    found = film_stem(pattern, Path("clip.mp4"), new_recipe())
    assert not found.is_absolute() and ".." not in found.parts and found.name.lower() != "con" and "\x00" not in str(found)


@pytest.mark.parametrize("pattern", ["[date]/[nothing]", "/", "a/b/c/d/e/f"])
def test_names_that_make_no_sense_are_refused(pattern):
    with pytest.raises(SettingsError):
        film_stem(pattern, Path("clip.mp4"), new_recipe())


def kept(api):
    return {one["kind"]: one for one in api.get(f"{V1}/desk/kept").json()["kept"]}


def test_what_takes_room_is_listed_and_removed_and_the_film_stays(api, bench):
    (bench.desk.folder / "clip-oil.vidstyl").mkdir(exist_ok=True)
    (bench.desk.folder / "clip-oil.vidstyl" / ".DS_Store").write_bytes(b"left by a system")
    uploaded = api.post(f"{V1}/clips", content=bench.clip.read_bytes(), headers={"X-Name": "mine.mkv", **RAW}).json()["id"]
    job = done(api, bench)
    film = bench.desk.folder / job["film"]
    project = film.with_suffix(".vidstyl")
    found = kept(api)
    found.pop("film")
    assert found["clip"]["name"] == "mine.mkv" and found["clip"]["bytes"] > bench.clip.stat().st_size
    assert found["frames"]["bytes"] > sum(path.stat().st_size for path in project.glob("frames/*.png"))
    for one in found.values():
        assert "path" not in one and api.post(f"{V1}/desk/kept/{one['id']}/remove").json() == {"stays": []}
    assert not project.exists() and film.is_file() and bench.clip.is_file()
    assert api.get(f"{V1}/clips/{uploaded}").status_code == 404
    assert set(kept(api)) == {"film"} and api.post(f"{V1}/desk/kept/{found['clip']['id']}/remove").status_code == 404


def test_pictures_of_ones_own_are_never_removed(api, bench):
    project = (bench.desk.folder / done(api, bench)["film"]).with_suffix(".vidstyl")
    own = encode_png(flat((9, 200, 30), 48, 64))
    (project / "frames" / "000003.png").write_bytes(own)
    assert api.post(f"{V1}/desk/kept/{kept(api)['frames']['id']}/remove").json() == {"stays": ["frames/000003.png"]}
    assert [path.name for path in project.glob("frames/*")] == ["000003.png"]
    assert (project / "frames" / "000003.png").read_bytes() == own
    before = len(bench.painter.asked)
    assert done(api, bench)["state"] == "done" and 3 not in bench.painter.asked[before:]


def test_what_a_job_needs_is_not_removed(api, bench):
    job = bench.desk.start(FILM, bench.card(), lossless())
    assert bench.painter.begun.wait(10)
    frames = kept(api)["frames"]
    assert frames["busy"] and api.post(f"{V1}/desk/kept/{frames['id']}/remove").status_code == 422
    bench.painter.free.set()
    assert bench.ended(job)["state"] == "done"


def test_links_are_neither_followed_nor_removed(api, bench, tmp_path):
    project = (bench.desk.folder / done(api, bench)["film"]).with_suffix(".vidstyl")
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "dear.png").write_bytes(b"dear")
    for name in ("cache", "link"):
        try:
            (project / name).symlink_to(outside, target_is_directory=True)
        except OSError:
            pytest.skip("this system makes no links")
    api.post(f"{V1}/desk/kept/{kept(api)['frames']['id']}/remove")
    assert (outside / "dear.png").read_bytes() == b"dear"
