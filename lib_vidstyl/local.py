"""What is this machine's alone: its folders, taken out of sentences that may leave it."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path


def without(text: str, folders: Iterable[Path] = ()) -> str:
    """The text with paths below these folders and the user's own written from there on; what is left of a folder is "~"."""
    known = {folder for folder in (*folders, *_home()) if folder != folder.parent}
    for folder in sorted(map(str, known), key=len, reverse=True):
        text = text.replace(folder + os.sep, "").replace(folder, "~")
    return text


def _home() -> list[Path]:
    try:
        return [Path.home()]
    except RuntimeError:  # nobody's, as in some containers
        return []
