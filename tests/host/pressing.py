"""Pressing Generate on the stand-in for the webui."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from lib_vidstyl.clip.picture import decode_picture
from lib_vidstyl.host import controls
from lib_vidstyl.host.jobs import generate
from tests.host.webui import request

FRAMES = 6


def ask(clip: Path | None, **values) -> list:
    """The script's values as the API would send them, in order; names as in `paint__batch=2`."""
    wanted = {key.replace("__", "."): value for key, value in values.items()}
    if clip:
        wanted["script.clip"] = str(clip)
    panel = controls.panel()
    shown = dict(zip([control.key for control in panel], panel.values(controls.defaults()), strict=True))
    assert not set(wanted) - set(shown), set(wanted) - set(shown)
    return list((shown | wanted).values())


def make(clip: Path | None, p=None, **values):
    return generate(p or request(width=64, height=48), None, ask(clip, **values))


def film_of(result) -> Path:
    return Path(result.extra_generation_params["Video Stylize film"])


def project_of(result) -> Path:
    return Path(result.extra_generation_params["Video Stylize project"])


def stored(result) -> list[np.ndarray]:
    return [decode_picture(path.read_bytes())[0] for path in sorted((project_of(result) / "frames").glob("*.png"))]
