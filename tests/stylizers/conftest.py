import pytest

from lib_vidstyl.stylizers import webui_client, webui_servers
from lib_vidstyl.stylizers.webui_api import AUTH


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch):
    monkeypatch.setattr(webui_client, "PAUSES", (0.0, 0.0))
    monkeypatch.setattr(webui_servers, "FIRST", 0.01)
    monkeypatch.setattr(webui_servers, "LONGEST", 0.05)
    monkeypatch.delenv(AUTH, raising=False)
