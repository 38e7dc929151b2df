"""The n-th write fails, until none is left to fail: a clear message each time, and the next run ends as an unbroken one."""

from __future__ import annotations

import pytest

from tests.trust.test_kill import run  # noqa: F401 - a fixture

CALLS = ["flushed", "renamed"]
ERRORS = ["ENOSPC", "EIO", "EACCES", "EPERM"]


def failing(run, film, *point):  # noqa: F811
    """A call fails: the run ends with an error and goes on later, or does without that call."""
    film.parent.mkdir()
    if run.ended(film, *point)[2] == 0:
        assert film.read_bytes() == run.unbroken
    else:
        assert not film.exists()
    run.resumed(film)


@pytest.mark.parametrize("point", [("renamed", "ENOSPC", 2), ("flushed", "EIO", 4), ("renamed", "EPERM", 6)])
def test_some_writes_fail(run, tmp_path, point):  # noqa: F811
    failing(run, tmp_path / "film" / "film.mkv", *point)


@pytest.mark.trust
@pytest.mark.timeout(900)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("call", CALLS)
def test_every_write_fails_once(run, tmp_path, call, error):  # noqa: F811
    calls = run.ended(tmp_path / "count.mkv", call, error, 10**6)[1]
    assert calls > 10
    for count in range(1, calls + 1):
        failing(run, tmp_path / f"{count}" / "film.mkv", call, error, count)
