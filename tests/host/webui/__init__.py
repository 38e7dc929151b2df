"""A small stand-in for the webui's `modules.*`: what this extension relies on, and nothing else.

Every fact carries the place it was read from: file:line of A1111 v1.10.1 (commit 82a973c0), below `modules/`.
Latents are numpy arrays; where torch is installed, the model is a torch module whose dtypes can be looked at.
"""

from __future__ import annotations

import sys
from typing import Any

from tests.host.webui.host import Webui
from tests.host.webui.model import HALF, torch
from tests.host.webui.now import put
from tests.host.webui.processing import Img2Img, fields_of, request

__all__ = ["HALF", "Img2Img", "Webui", "fields_of", "install", "request", "torch"]


def install(monkeypatch: Any, outputs: Any) -> Webui:
    """Put a fresh stand-in into sys.modules for the length of a test."""
    made = Webui()
    put(made)
    made.fill(str(outputs))
    for name, module in made.modules.items():
        monkeypatch.setitem(sys.modules, name, module)
    Img2Img.cached_c[:] = Img2Img.cached_uc[:] = [None, None]
    return made
