"""Files: video, image sequence and sound, in and out. The only place that knows PyAV and PNG."""

from lib_vidstyl.clip.instep import InStep
from lib_vidstyl.clip.model import Clip, ClipInfo, Image, Picture, Plane, SoundInfo
from lib_vidstyl.clip.opening import open_clip
from lib_vidstyl.clip.picture import read_picture
from lib_vidstyl.clip.select import selected, selection_length
from lib_vidstyl.clip.sizes import resized, working_size

__all__ = [
    "Clip",
    "ClipInfo",
    "Image",
    "InStep",
    "Picture",
    "Plane",
    "SoundInfo",
    "open_clip",
    "read_picture",
    "resized",
    "selected",
    "selection_length",
    "working_size",
]
