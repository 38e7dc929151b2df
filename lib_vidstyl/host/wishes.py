"""What a user sets in the script besides the recipe: which clip, where to, and what to make."""

from __future__ import annotations

from dataclasses import dataclass

from lib_vidstyl.settings import Settings, setting

SHAPE, EXACT, WORKING = "the clip's shape", "img2img's width and height", "the working size"
FILM, TRIAL, CHECK = "the film", "one frame", "an inversion check"


@dataclass(frozen=True)
class Wishes(Settings):
    """The script's own settings."""

    make: str = setting(FILM, "Make", "The whole film; one frame with several seeds: choose the best one in the gallery, and its "
                        "seed makes the film; or one frame inverted and brought back by the original prompt, to see whether it "
                        "fits.", choices=(FILM, TRIAL, CHECK), basic=True)
    clip: str = setting("", "Clip", "A video or a folder of pictures on this machine, where none is uploaded.", path=True,
                        basic=True)
    size: str = setting(SHAPE, "Size", "The clip's shape with as many pixels as img2img's width and height have; exactly img2img's "
                        "width and height, by its resize mode; or the working size that is set below.",
                        choices=(SHAPE, EXACT, WORKING), basic=True)
    trial_frame: str = setting("", "Frame to try", "Number of the frame (120) or its time (4.5s), to try or to check; empty: the "
                               "first.")
    trial_seeds: int = setting(4, "Seeds to try", "How many pictures are made of the frame to try.", minimum=1, maximum=16, step=1)
    project: str = setting("", "Project folder", "Where frames, recipe and log are kept; empty: beside the film, below the webui's "
                           "output folder.", path=True)
    resume: bool = setting(True, "Resume", "Go on with an earlier run of this clip that has the same settings. Off: start a new "
                           "film, whatever there is.")


@dataclass(frozen=True)
class PageSettings(Settings):
    """The owner's settings, on the webui's settings page."""

    folders: str = setting("", "Open folders", "Folders of this machine from which clips may be read and into which films may be "
                           "written, one per line, besides the webui's output folder and uploads. Whoever can reach this webui can "
                           "read films and pictures there.", lines=True)
    gallery: int = setting(8, "Frames in the gallery", "How many frames of a film are shown after a run.", minimum=1, maximum=64,
                           step=1)
