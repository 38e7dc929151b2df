"""The stand-alone server, whichever Gradio it has: nothing forged reaches a file or another server."""

import sys
from itertools import product

import pytest

pytest.importorskip("gradio", minversion="3.41", reason="Gradio is not installed")
pytest.importorskip("httpx", reason="httpx, which FastAPI's test client needs, is not installed")

from fastapi.testclient import TestClient
from filelock import FileLock

from lib_vidstyl.errors import OutputError
from lib_vidstyl.front.serve import application, head, page_files, serve

HOME = "http://127.0.0.1:7870"
SECRET = "a secret of this machine"
ADDRESSES = [f"{scheme}://{host}/{name}" for scheme in ("http", "https", "ftp", "HTTP", "gopher") for host in (
    "127.0.0.1:9", "localhost:9", "169.254.169.254") for name in ("clip.mp4", "latest/meta-data")]
MANY = 150
"""More values than any of the page's handlers takes."""
connections = []


@pytest.fixture(scope="module", autouse=True)
def listening():
    watching = [True]

    def hook(event, arguments):
        if watching[0] and event == "socket.connect":
            connections.append(arguments[1])

    sys.addaudithook(hook)
    yield
    watching[0] = False


@pytest.fixture
def client(bench, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "up"))
    (tmp_path / "secret.txt").write_text(SECRET, encoding="utf-8")
    with TestClient(application(bench.desk, 7870), base_url=HOME, headers={"Origin": HOME}) as made:
        yield made


def test_a_second_server_on_one_folder_is_refused_before_it_takes_a_job(tmp_path):
    with FileLock(tmp_path / ".lock"), pytest.raises(OutputError, match="another page"):
        serve(tmp_path, port=7870, browser=False)
    assert not (tmp_path / "desk.json").exists()


def test_there_are_thirty_addresses():
    assert len(set(ADDRESSES)) >= 30


def test_the_page_is_served_with_its_own_scripts(client):
    answer = client.get("/")
    assert answer.status_code == 200 and head() in answer.text
    for path in page_files():
        assert client.get(f"/vidstyl/page/{path.name}").content == path.read_bytes()
    assert client.get("/vidstyl/page/..%2fserve.py").status_code == 404


def test_gradios_own_ways_to_files_are_closed(client, tmp_path):
    secret = tmp_path / "secret.txt"
    for path in (f"/file={secret}", "/file=secret.txt", f"/file/{secret}", f"/gradio_api/file={secret}",
                 "/gradio_api/file=secret.txt", f"/%66ile={secret}",
                 "/proxy=http://127.0.0.1:9/", "/gradio_api/proxy=http://127.0.0.1:9/x", "/stream/x", "/FILE=secret.txt"):
        answer = client.get(path)
        assert answer.status_code in (403, 404) and SECRET not in answer.text, path
    for path in ("/upload", "/gradio_api/upload"):
        assert client.post(path, files={"files": ("a.mp4", b"x")}).status_code in (403, 404)


def forged(tmp_path):
    """Values that name files of the server and addresses, as Gradio 3 and 4 and their imitators write them."""
    for named in [str(tmp_path / "secret.txt"), "secret.txt", "/etc/passwd", "../secret.txt", "file:///etc/passwd", *ADDRESSES]:
        yield {"name": named, "is_file": True, "data": None}
        yield {"path": named, "url": named, "meta": {"_type": "gradio.FileData"}}
        yield [{"path": named, "orig_name": "a.mp4", "meta": {"_type": "gradio.FileData"}}]


def test_forged_values_open_no_file_and_no_connection(client, tmp_path):
    connections.clear()
    for value in forged(tmp_path):
        for path, number in product(("/run/predict", "/gradio_api/run/predict"), range(3)):
            answer = client.post(path, json={"data": [value] * MANY, "fn_index": number, "session_hash": "x"})
            assert SECRET not in answer.text and "root:" not in answer.text
    assert connections == []
    assert not [path for path in (tmp_path / "up").rglob("*") if path.is_file()] if (tmp_path / "up").exists() else True
