import json
import threading
import urllib.parse

import pytest

pytest.importorskip("fastapi", reason="FastAPI is not installed")
pytest.importorskip("httpx", reason="httpx, which FastAPI's test client needs, is not installed")

from fastapi import FastAPI, HTTPException
from fastapi.testclient import TestClient

from lib_vidstyl.front.api import router
from lib_vidstyl.front.ranges import span
from lib_vidstyl.front.web_guard import OwnSiteOnly

HOME = "http://127.0.0.1:7870"
PROGRAM = {"X-Vidstyl": "1"}


def serve(desk, **options):
    app = FastAPI()
    app.include_router(router(desk, **options))
    return TestClient(app, base_url=HOME, headers=PROGRAM)


@pytest.fixture
def client(bench):
    with serve(bench.desk) as made:
        yield made


def routes(desk):
    """(method, path) of every route, with ids filled in."""
    made = router(desk)
    for route in made.routes:
        path = route.path.format(clip="0" * 16, job="0" * 16, frame="0", look="oil", number="0", artefact="0" * 20, preset="0" * 16,
                                 kept="0" * 16)
        for method in route.methods - {"HEAD"}:
            yield method, path


def clip_id(client, bench):
    answer = client.post("/vidstyl/v1/clips", json={"path": str(bench.clip)})
    assert answer.status_code == 201, answer.text
    return answer.json()["id"]


def wait(client, job, *states):
    for _ in range(2000):
        status = client.get(f"/vidstyl/v1/jobs/{job}").json()
        if status["state"] in states:
            return status
        threading.Event().wait(0.01)
    raise AssertionError(status)


def test_the_whole_way(client, bench):
    clip = clip_id(client, bench)
    bench.painter.free.set()
    started = client.post("/vidstyl/v1/jobs", json={"clip": clip, "settings": {"encode.format": "ffv1", "paint.seed": 3.0}})
    assert started.status_code == 201 and started.json()["state"] in ("waiting", "running", "done")
    job = started.json()["id"]
    assert wait(client, job, "done")["frames"] == 12
    found = client.get(f"/vidstyl/v1/jobs/{job}/artefacts").json()["artefacts"]
    assert [one["kind"] for one in found].count("frame") == 12 and found[0]["kind"] == "film"
    address = f"/vidstyl/v1/jobs/{job}/artefacts/{found[0]['id']}"
    whole = client.get(address)
    assert len(whole.content) == found[0]["bytes"] and whole.headers["x-content-type-options"] == "nosniff"
    piece = client.get(address, headers={"Range": "bytes=4-9"})
    assert piece.status_code == 206 and piece.content == whole.content[4:10]
    assert client.get(address, headers={"Range": "bytes=999999999-"}).status_code == 416
    assert client.get(f"/vidstyl/v1/jobs/{job}/pictures/preview").content[:2] == b"\xff\xd8"
    recipe = client.get(f"/vidstyl/v1/jobs/{job}/recipe").json()
    assert recipe["sections"]["paint"]["seed"] == 3
    assert client.post("/vidstyl/v1/recipe", content=whole.content).json()["sections"]["paint"]["seed"] == 3
    assert client.post("/vidstyl/v1/recipe", content=json.dumps(recipe)).json() == recipe


def test_upload_and_pictures(client, bench):
    name = urllib.parse.quote("../../Übung <b>.mkv")
    made = client.post("/vidstyl/v1/clips", content=bench.clip.read_bytes(), headers={"X-Name": name})
    assert made.status_code == 201 and made.json()["name"] == "Übung _b_.mkv"
    base = f"/vidstyl/v1/clips/{made.json()['id']}"
    for path in ("/strip", "/frames/3", "/looks/pencil"):
        assert client.get(base + path).content[:2] == b"\xff\xd8"
    assert client.get(base + "/file").content == bench.clip.read_bytes()
    for path in ("/frames/99999", "/frames/x", "/frames/-1", "/looks/none"):
        assert client.get(base + path).status_code in (404, 422)


def test_oversized_uploads_and_bodies_are_refused(bench):
    with serve(bench.desk, most_bytes=1000) as client:
        assert client.post("/vidstyl/v1/clips", content=b"x" * 1001).status_code == 413
        assert client.post("/vidstyl/v1/clips", content=iter([bench.clip.read_bytes()[:900]] * 3)).status_code == 413
        assert client.post("/vidstyl/v1/jobs", content=b"[" * ((1 << 20) + 1)).status_code == 413
    uploads = bench.desk.folder / "clips"
    assert not uploads.exists() or not list(uploads.iterdir())


def test_nonsense_is_answered_in_words(client, bench):
    clip = clip_id(client, bench)
    for body in ("", "{", "[]", "7", '"x"', "[" * 5000, '{"clip": 7}', json.dumps({"clip": clip, "recipe": 7}),
                 json.dumps({"clip": clip, "settings": {"paint.seed": -5}}), json.dumps({"clip": clip, "settings": {"x": 1}}),
                 json.dumps({"clip": clip, "settings": []}), json.dumps({"clip": clip, "off": "paint"}),
                 json.dumps({"clip": clip, "kind": "wash"}), json.dumps({"clip": clip, "frame": -1}),
                 json.dumps({"clip": clip, "settings": {"paint.seed": {"name": "/etc/passwd", "is_file": True}}})):
        answer = client.post("/vidstyl/v1/jobs", content=body)
        assert answer.status_code in (404, 422) and answer.json()["error"], body


def test_hundred_status_calls_during_a_run(client, bench):
    clip = clip_id(client, bench)
    job = client.post("/vidstyl/v1/jobs", json={"clip": clip, "settings": {"encode.format": "ffv1"}}).json()["id"]
    assert bench.painter.begun.wait(10)
    answers = []

    def ask():
        answers.append(client.get(f"/vidstyl/v1/jobs/{job}").status_code)

    callers = [threading.Thread(target=ask) for _ in range(100)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(30)
    assert answers == [200] * 100
    bench.painter.free.set()
    assert wait(client, job, "done")["frames"] == 12


def test_cancel_twice_and_start_while_running(client, bench):
    clip = clip_id(client, bench)
    body = {"clip": clip, "settings": {"encode.format": "ffv1"}}
    first, second = (client.post("/vidstyl/v1/jobs", json=body).json()["id"] for _ in range(2))
    assert bench.painter.begun.wait(10)
    assert client.get(f"/vidstyl/v1/jobs/{second}").json()["state"] == "waiting"
    for _ in range(2):
        assert client.post(f"/vidstyl/v1/jobs/{first}/cancel").status_code == 200
    bench.painter.free.set()
    assert wait(client, first, "stopped", "done") and wait(client, second, "done")


def test_every_change_from_another_site_is_refused(bench):
    with serve(bench.desk) as client:
        for method, path in routes(bench.desk):
            for origin in ("null", "https://evil.example", "http://127.0.0.1:7871", "http://localhost:7870",
                           "http://127.0.0.1:7870.evil.example", "file://", "http://[bad"):
                answer = client.request(method, path, headers={"Origin": origin})
                assert answer.status_code == 403, (method, path, origin)
            for site in ("cross-site", "same-site"):
                assert client.request(method, path, headers={"Sec-Fetch-Site": site}).status_code == 403


def test_a_change_without_origin_needs_what_no_form_can_send(bench):
    with serve(bench.desk) as client:
        del client.headers["X-Vidstyl"]
        for method, path in routes(bench.desk):
            if method != "GET":
                assert client.request(method, path).status_code == 403
                assert client.request(method, path, headers={"Origin": HOME}).status_code != 403
                assert client.request(method, path, headers={"X-Vidstyl": "1"}).status_code != 403


def test_missing_and_wrong_auth(bench):
    def allowed(request):
        if request.headers.get("authorization") != "Basic right":
            raise HTTPException(status_code=401)

    with serve(bench.desk, allowed=allowed) as client:
        for method, path in routes(bench.desk):
            assert client.request(method, path).status_code == 401, (method, path)
            assert client.request(method, path, headers={"Authorization": "Basic wrong"}).status_code == 401
        assert client.get("/vidstyl/v1/schema", headers={"Authorization": "Basic right"}).status_code == 200


TRAVERSALS = [base.format(name) for name in ("secret.mkv", "etc/passwd") for base in (
    "../{}", "../../{}", "..%2f{}", "%2e%2e/{}", "%2e%2e%2f{}", "..%252f{}", "%252e%252e%252f{}", "..\\{}", "..%5c{}", "/{}",
    "//{}", "/../{}", "./../{}", "clips/../../{}", "....//{}", "..;/{}", "C:\\{}", "C:/{}", "\\\\server\\share\\{}",
    "//server/share/{}", "{}::$DATA", "../{}::$DATA", "file:///{}", "file://localhost/{}", "~/{}", "~root/{}", "{}\x00.mkv",
    "../{}\x00", "%00{}", "..%c0%af{}", "..%ef%bc%8f{}", "http://127.0.0.1:9/{}", "CON/{}", "nul:{}", "/proc/self/root/{}",
    "/dev/fd/../{}", "link/{}", "..%u2215{}", "\u2025/{}", ".. /{}", "../ {}", "\r\n../{}")]


def test_there_are_enough_traversals():
    assert len(set(TRAVERSALS)) >= 80


@pytest.mark.parametrize("evil", TRAVERSALS)
def test_no_parameter_leads_outside(client, bench, tmp_path, evil):
    (tmp_path / "secret.mkv").write_bytes(bench.clip.read_bytes())
    if not (bench.folder / "link").exists():
        (bench.folder / "link").symlink_to(tmp_path)
    before = sorted(str(path) for path in tmp_path.rglob("*") if "desk" not in path.parts)
    answer = client.post("/vidstyl/v1/clips", json={"path": evil})
    assert answer.status_code in (403, 422) and "root:" not in answer.text
    clip = clip_id(client, bench)
    for setting in ("paint.mask", "files.painted"):
        answer = client.post("/vidstyl/v1/jobs", json={"clip": clip, "settings": {setting: evil}})
        assert answer.status_code in (403, 422) or is_inside(client, answer, setting, bench)
    quoted = urllib.parse.quote(evil, safe="%/\\:;")
    for path in (f"clips/{quoted}", f"clips/{quoted}/file", f"jobs/{quoted}", f"jobs/{quoted}/artefacts/{quoted}",
                 f"clips/{clip}/looks/{quoted}"):
        answer = client.get(f"/vidstyl/v1/{path}")
        assert answer.status_code in (400, 403, 404, 405, 422), path
    answer = client.post("/vidstyl/v1/clips", content=bench.clip.read_bytes(), headers={"X-Name": urllib.parse.quote(evil)})
    assert answer.status_code == 201
    assert sorted(str(path) for path in tmp_path.rglob("*") if "desk" not in path.parts) == before


def is_inside(client, answer, setting, bench):
    """Whether a job that was taken has a path inside the open folder only."""
    section, name = setting.split(".")
    job = bench.desk.job(answer.json()["id"])
    client.post(f"/vidstyl/v1/jobs/{job.id}/cancel")
    path = bench.desk.recipe(job)[section]
    return bench.desk.clips.places.holds(type(bench.clip)(getattr(path, name)).resolve())


def test_the_stand_alone_server_answers_to_its_own_name_only():
    async def app(scope, receive, send):
        headers = [(b"content-type", b"text/html"), (b"access-control-allow-origin", b"*")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"<html><head></head></html>"})

    client = TestClient(OwnSiteOnly(app, ["127.0.0.1:7870"], head="<script></script>"), base_url=HOME)
    answer = client.get("/")
    assert answer.text == "<html><head><script></script></head></html>" and "access-control-allow-origin" not in answer.headers
    assert client.get("/", headers={"Host": "evil.example"}).status_code == 403
    assert client.get("/proxy=http://127.0.0.1:9/").status_code == 403
    assert client.post("/run/predict").status_code == 403
    assert client.post("/run/predict", headers={"Origin": "http://localhost:7871"}).status_code == 403
    assert client.post("/run/predict", headers={"Origin": HOME}).status_code == 200
    assert client.get("/", headers={"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}).status_code == 200
    assert client.get("/x", headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403


@pytest.mark.parametrize(("asked", "found"), [
    ("", (0, 10)), ("bytes=0-", (0, 10)), ("bytes=2-4", (2, 5)), ("bytes=-3", (7, 10)), ("bytes=5-99", (5, 10)),
    ("bytes=10-", None), ("bytes=4-2", None), ("bytes=-", None), ("bytes=0-1,3-4", None), ("bytes=-0", None), ("x", None),
    ("bytes=" + "9" * 80, None)])
def test_ranges(asked, found):
    assert span(asked, 10) == found
