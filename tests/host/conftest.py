from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from lib_vidstyl.clip.film import open_film
from lib_vidstyl.host import SOURCE
from lib_vidstyl.upscalers import remove_source
from tests.drawn import moving
from tests.host.pressing import FRAMES
from tests.host.webui import Webui, install


@pytest.fixture
def webui(monkeypatch, tmp_path) -> Iterator[Webui]:
    """A stand-in for the webui in sys.modules; what it has registered goes with it."""
    yield install(monkeypatch, tmp_path / "outputs")
    remove_source(SOURCE)


@pytest.fixture
def clip(webui, tmp_path) -> Path:
    """A clip of six frames, in the webui's output folder, from which the script may read."""
    path = tmp_path / "outputs" / "img2img-images" / "walk.mp4"
    path.parent.mkdir(parents=True)
    with open_film(path, format="mp4", size=(64, 48), fps=Fraction(25), quality=100) as film:
        for index, frame in enumerate(moving(FRAMES, 48, 64)):
            film.write(frame, time=Fraction(index, 25), duration=Fraction(1, 25), index=index)
    return path
