"""Clips written for a test, recipes with some values changed, and what came out."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.settings import Recipe


def written(folder: Path, images: Iterable[np.ndarray], *, prefix: str = "") -> Path:
    """A new folder of the pictures, numbered from 0."""
    folder.mkdir()
    for index, image in enumerate(images):
        (folder / f"{prefix}{index:04d}.png").write_bytes(encode_png(image))
    return folder


def pictures(film: Path) -> list[np.ndarray]:
    """Every frame of a film or folder."""
    with open_clip(film) as clip:
        return [picture.image for picture in clip.pictures()]


def changed(recipe: Recipe, **changes: Any) -> Recipe:
    """The recipe with changes given as section__name=value."""
    for key, value in changes.items():
        section, name = key.split("__")
        recipe = recipe.replaced(section, **{name: value})
    return recipe


def psnr(a: np.ndarray, b: np.ndarray) -> float:
    """Peak signal-to-noise ratio in dB; 99 for equal pictures."""
    error = float(np.square(a.astype(np.float64) - b).mean())
    return 99.0 if error == 0 else 10 * float(np.log10(255**2 / error))
