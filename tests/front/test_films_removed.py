"""Films are removed by the page only where the desk made them, and nobody has touched them since."""

import json
import os

import pytest

pytest.importorskip("fastapi", reason="FastAPI is not installed")
pytest.importorskip("httpx", reason="httpx, which FastAPI's test client needs, is not installed")

from lib_vidstyl.front.desk.job import FILM
from tests.front.test_api import client, wait  # noqa: F401 - a fixture
from tests.front.test_desk import lossless
from tests.front.test_page_routes import V1, api, done  # noqa: F401 - a fixture


def films(api):  # noqa: F811
    return [one for one in api.get(f"{V1}/desk/kept").json()["kept"] if one["kind"] == "film"]


def remove(api, one):  # noqa: F811
    return api.post(f"{V1}/desk/kept/{one['id']}/remove")


def made(api, bench, **settings):  # noqa: F811
    """(the film's status, its place)."""
    job = done(api, bench, {name.replace("_", "."): value for name, value in settings.items()})
    return job, bench.desk.folder / job["film"]


def link(path, to):
    try:
        path.symlink_to(to, target_is_directory=to.is_dir())
    except OSError:
        pytest.skip("this system makes no links")


def test_a_film_is_removed_and_its_jobs_say_so(api, bench):  # noqa: F811
    job, film = made(api, bench)
    project = film.with_suffix(".vidstyl")
    assert [(one["name"], one["bytes"], one["busy"]) for one in films(api)] == [("clip-oil.mkv", film.stat().st_size, False)]
    assert "path" not in films(api)[0] and "job" not in films(api)[0] and "written" not in job and not job["removed"]
    assert remove(api, films(api)[0]).json() == {"stays": []}
    assert not film.exists() and list(project.glob("frames/*.png")) and bench.clip.is_file()
    assert films(api) == [] and api.get(f"{V1}/jobs/{job['id']}").json()["removed"]
    assert [one["kind"] for one in api.get(f"{V1}/jobs/{job['id']}/artefacts").json()["artefacts"] if one["kind"] == "film"] == []
    bench.desk.close()
    bench.desk = bench.opened()
    assert bench.desk.status(job["id"])["removed"]


def test_a_removed_film_can_be_made_again(api, bench):  # noqa: F811
    job, film = made(api, bench)
    before = film.read_bytes()
    remove(api, films(api)[0])
    painted = len(bench.painter.asked)
    api.post(f"{V1}/jobs/{job['id']}/again")
    assert not wait(api, job["id"], "done")["removed"]
    assert film.read_bytes() == before and len(bench.painter.asked) == painted and len(films(api)) == 1


def test_a_film_can_be_removed_when_its_frames_are_gone(api, bench):  # noqa: F811
    _, film = made(api, bench)
    frames = next(one for one in api.get(f"{V1}/desk/kept").json()["kept"] if one["kind"] == "frames")
    remove(api, frames)
    assert not film.with_suffix(".vidstyl").exists()
    assert remove(api, films(api)[0]).status_code == 200 and not film.exists()


def test_a_film_of_pictures_is_removed_as_a_whole(api, bench):  # noqa: F811
    _, film = made(api, bench, encode_format="png")
    assert film.is_dir() and len(list(film.iterdir())) == 13  # and film.json
    (film / ".DS_Store").write_bytes(b"left by a system")
    assert remove(api, films(api)[0]).status_code == 200
    assert [path.name for path in film.iterdir()] == [".DS_Store"] and films(api) == []


@pytest.mark.parametrize("form", ["ffv1", "png"])
def test_a_film_that_somebody_has_changed_stays(api, bench, form):  # noqa: F811
    _, film = made(api, bench, encode_format=form)
    one = films(api)[0]
    path = sorted(film.iterdir())[5] if film.is_dir() else film
    facts, changed = path.stat(), path.read_bytes()[:-1] + b"\0"
    path.write_bytes(changed)
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))  # nothing tells but its bytes
    answer = remove(api, one)
    assert answer.status_code == 422 and "left alone" in answer.json()["error"] and path.read_bytes() == changed
    assert not film.is_dir() or len(list(film.iterdir())) == 13
    path.write_bytes(changed + b"more")
    assert films(api) == [] and remove(api, one).status_code == 404


def test_a_picture_put_into_a_film_of_pictures_keeps_all(api, bench):  # noqa: F811
    _, film = made(api, bench, encode_format="png")
    one = films(api)[0]
    (film / "mine.png").write_bytes(b"mine")
    assert films(api) == [] and remove(api, one).status_code == 404 and len(list(film.iterdir())) == 14


def test_no_link_is_followed(api, bench, tmp_path):  # noqa: F811
    _, film = made(api, bench, encode_name="films/[clip]")
    one, outside = films(api)[0], tmp_path / "outside"
    film.parent.rename(outside)
    link(film.parent, outside)
    assert films(api) == [] and remove(api, one).status_code == 404 and (outside / film.name).is_file()
    film.parent.unlink()
    film.parent.mkdir()
    link(film, outside / film.name)
    assert films(api) == [] and remove(api, one).status_code == 404 and (outside / film.name).is_file()


def test_only_what_the_desk_made_is_listed(api, bench):  # noqa: F811
    _, film = made(api, bench)
    (bench.desk.folder / "holiday.mkv").write_bytes(film.read_bytes())
    assert [one["name"] for one in films(api)] == ["clip-oil.mkv"]
    bench.desk.close()
    saved = bench.desk.folder / "desk.json"
    for place in ("../clip.mkv", str(bench.clip), "holiday.mkv"):
        data = json.loads(saved.read_text())
        data["jobs"][0].update(film=place, written={})
        saved.write_text(json.dumps(data))
        bench.desk = bench.opened()
        assert films_of(bench) == []
        bench.desk.close()
    bench.desk = bench.opened()


def films_of(bench):
    from lib_vidstyl.front.desk.cleanup import kept

    return [one for one in kept(bench.desk.folder, bench.desk.clips, bench.desk.jobs()) if one.kind == "film"]


def test_what_lies_outside_is_not_listed_whatever_the_queue_says(api, bench):  # noqa: F811
    job, _ = made(api, bench)
    known = bench.desk.job(job["id"])
    known.written = {"bytes": bench.clip.stat().st_size, "sha": "0" * 32}
    for place in ("../clip.mkv", str(bench.clip), "clips/../../clip.mkv"):
        known.film = place
        assert films_of(bench) == []


def test_a_film_that_a_job_needs_is_not_removed(api, bench):  # noqa: F811
    job, film = made(api, bench)
    bench.desk.pause(True)
    as_clip = bench.desk.start(FILM, bench.desk.clips.add(str(film)), lossless())
    assert films(api)[0]["busy"] and remove(api, films(api)[0]).status_code == 422 and film.is_file()
    bench.desk.cancel(as_clip.id)
    assert not films(api)[0]["busy"]
    bench.desk.again(job["id"])
    assert films(api)[0]["busy"] and remove(api, films(api)[0]).status_code == 422 and film.is_file()
    bench.desk.pause(False)
    wait(api, job["id"], "done")


def test_where_folders_are_not_the_visitors_business_films_stay(api, bench):  # noqa: F811
    _, film = made(api, bench)
    one = films(api)[0]
    bench.desk.films_stay = True
    assert films(api) == [] and remove(api, one).status_code == 404 and film.is_file()
