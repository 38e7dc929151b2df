from __future__ import annotations

from collections.abc import Iterator

import pytest

from lib_vidstyl.host import SOURCE
from lib_vidstyl.upscalers import remove_source
from tests.host.webui import Webui, install


@pytest.fixture
def webui(monkeypatch, tmp_path) -> Iterator[Webui]:
    """A stand-in for the webui in sys.modules; what it has registered goes with it."""
    yield install(monkeypatch, tmp_path / "outputs")
    remove_source(SOURCE)
