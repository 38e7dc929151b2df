from __future__ import annotations

import pytest

from tests.host.webui import Webui, install


@pytest.fixture
def webui(monkeypatch, tmp_path) -> Webui:
    """A stand-in for the webui in sys.modules."""
    return install(monkeypatch, tmp_path / "outputs")
