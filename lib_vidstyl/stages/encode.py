"""Encode: the frames become a film, with the clip's sound."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from lib_vidstyl import __version__
from lib_vidstyl.clip import resized
from lib_vidstyl.clip.film import Film, open_film
from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.clip.model import Image
from lib_vidstyl.clip.sound import Sound
from lib_vidstyl.errors import OutputError
from lib_vidstyl.project import sha_of
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Stage, Stream

RECIPE_TAG = "vidstyl_recipe"
"""Name of the film's metadata entry that holds its recipe."""
GAPS_TAG = "vidstyl_incomplete"
"""Name of the entry that lists the frames that could not be painted."""


@dataclass(frozen=True)
class EncodeSettings(Settings):
    """What kind of film is written."""

    format: str = setting("", "Format", "The film's format; automatic: by the film's name, else mp4.", choices=("", *FORMATS),
                          flag="format", basic=True)
    quality: int = setting(80, "Quality", "0 smallest to 100 best; formats without loss ignore it.", minimum=0, maximum=100,
                           step=1, flag="quality")
    sound: bool = setting(True, "Sound", "Keep the clip's sound, cut to the chosen range.", flag="sound", basic=True)
    note_recipe: bool = setting(True, "Recipe in the film", "Store these settings, without local paths, in the film's metadata.",
                                flag="note-recipe")


def run(stream: Stream, settings: EncodeSettings, job: Job) -> Stream:
    """Write the frames to the job's film and pass them on.

    A frame that failed shows the picture before it; the film is then called NAME-incomplete and says which frames.
    """
    target = job.film
    if target is None:
        raise OutputError("no name was given for the film")
    for path in (target, incomplete(target)):
        job.claim(path)
    reel = Reel(settings, job, target)
    with reel:
        for item in stream:
            if isinstance(item, Frame):
                reel.add(item)
            yield item
        for notice in reel.notices:
            yield from job.notice(notice)
    job.film = reel.path


def incomplete(film: Path) -> Path:
    """The name of a film with gaps."""
    return film.with_name(f"{film.stem}-incomplete{film.suffix}")
