"""The n-th write fails, until none is left to fail: a clear message each time, and the next run ends as an unbroken one."""

from __future__ import annotations

import pytest

from tests.trust.test_kill import resume_and_check, source, start, unbroken  # noqa: F401 - fixtures

CALLS = ["flushed", "renamed"]
ERRORS = ["ENOSPC", "EIO", "EACCES", "EPERM"]


def failing(source, tmp_path, unbroken, call, error, count):  # noqa: F811
    """The count-th call fails: the run ends with an error and goes on later, or does without that call."""
    film = tmp_path / f"{count}" / "film.mkv"
    film.parent.mkdir()
    process = start(source, film, call, error, count)
    process.communicate()
    if process.returncode == 0:
        assert film.read_bytes() == unbroken
    else:
        assert not film.exists()
    resume_and_check(source, film, unbroken)


@pytest.mark.parametrize(("call", "error", "count"), [("renamed", "ENOSPC", 2), ("flushed", "EIO", 4), ("renamed", "EPERM", 6)])
def test_some_writes_fail(source, tmp_path, unbroken, call, error, count):  # noqa: F811
    failing(source, tmp_path, unbroken, call, error, count)


@pytest.mark.trust
@pytest.mark.timeout(900)
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("call", CALLS)
def test_every_write_fails_once(source, tmp_path, unbroken, call, error):  # noqa: F811
    process = start(source, tmp_path / "count.mkv", call, error, 10**6)
    calls = int(process.communicate()[0].splitlines()[1])
    assert calls > 10
    for count in range(1, calls + 1):
        failing(source, tmp_path, unbroken, call, error, count)
