"""Trust 20: no home folder, user name or password in projects, logs, films, reports and what is said on the screen."""

import os
import subprocess
import sys
from pathlib import Path

import lib_vidstyl
from lib_vidstyl.clip.film import read_metadata
from lib_vidstyl.clip.picture import encode_png
from tests.drawn import flat, moving
from tests.films import written

USER, PASSWORD = "annie-the-user", "hunter2-of-the-api"
ROOT = Path(lib_vidstyl.__file__).parent.parent


def test_nothing_that_leaves_the_machine_tells_who_and_where(tmp_path):
    home = tmp_path / "home" / USER
    (home / "Videos").mkdir(parents=True)
    clip = written(home / "Videos" / "walk", moving(4, 40, 48))
    mask = home / "mask.png"
    mask.write_bytes(encode_png(flat((255, 255, 255))))
    film = home / "out" / "film.mp4"
    film.parent.mkdir()
    known = {**os.environ, "HOME": str(home), "USERPROFILE": str(home), "USER": USER, "USERNAME": USER, "LOGNAME": USER,
             "VIDSTYL_WEBUI_AUTH": f"{USER}:{PASSWORD}", "PYTHONPATH": str(ROOT)}
    words = ["stylize", str(clip), "-o", str(film), "--mask", str(mask), "--look", "ink", "--on", "report"]
    made = subprocess.run([sys.executable, "-m", "lib_vidstyl", *words], env=known, capture_output=True, timeout=240, check=False)
    assert made.returncode == 0, made.stderr.decode("utf-8", "replace")
    files = [path for path in film.parent.rglob("*") if path.is_file()]
    assert {"film.mp4", "recipe.json", "manifest.jsonl", "run.log", "report.html"} <= {path.name for path in files}
    for path in files:
        data = path.read_bytes().lower()
        for secret in (USER, PASSWORD, str(tmp_path), str(home)):
            for coded in (secret.encode(), secret.encode("utf-16-le"), secret.replace("/", "\\/").encode()):
                assert coded.lower() not in data, f"{path.name} tells {secret}"
    told = " ".join(read_metadata(film).values())
    assert USER not in told and str(tmp_path) not in told
    assert PASSWORD.encode() not in made.stdout + made.stderr
