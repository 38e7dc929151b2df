"""Frames that EbSynth has made from each key: a folder `out-00012` per key, a picture per frame in it."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np

from lib_vidstyl import synth
from lib_vidstyl.clip import read_picture
from lib_vidstyl.clip.alpha import joined
from lib_vidstyl.clip.folder import numbered_files
from lib_vidstyl.errors import ClipError

_FOLDER = re.compile(r".*?(\d+)", re.ASCII)


class Elsewhere:
    """What was made from which key, found by the numbers in the names. Raises ClipError if the folder holds nothing of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        places = sorted(path for path in folder.iterdir() if path.is_dir()) if folder.is_dir() else []
        numbered = {int(match[1]): path for path in places if (match := _FOLDER.fullmatch(path.name))}
        self.files = {(key, frame): files[0] for key, place in numbered.items() for frame, files in numbered_files(place).items()}
        if not self.files:
            raise ClipError("holds no folder of frames made from a key", where=folder,
                            remedy="Give the folder in which EbSynth has made 'out-00000', 'out-00045' and so on.")

    def facts(self, frames: set[int]) -> list[object]:
        """Tells whether what was made of some frames has changed: JSON-like."""
        return [[key, frame, path.stat().st_size, path.stat().st_mtime_ns]
                for (key, frame), path in sorted(self.files.items()) if frame in frames]

    def side(self, key: int, frame: int) -> synth.Synthesis:
        """What was made from a key for a frame; how well it fits is not known. Raises ClipError if there is none."""
        path = self.files.get((key, frame))
        if path is None:
            raise ClipError(f"has no picture of frame {frame} made from key {key}", where=self.folder,
                            remedy=f"Let EbSynth make it, or give key {key} a range without it.")
        image = joined(*read_picture(path))
        return synth.Synthesis(image, np.zeros(image.shape[:2], np.float32))
