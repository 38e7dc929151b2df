"""Frame rate of our loop against a bare PyAV loop: the same clip, the same codec settings, in turn, in one run.

    python benchmarks/throughput.py [--frames 240] [--rounds 3]

bare: decode -> rgb24 -> encode, nothing else. ours: the whole pipeline with a stylizer that changes nothing, frame store
off. stored: the same with every frame kept as PNG and on record. Prints the median frame rates and their ratios to bare.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import tempfile
import time
from fractions import Fraction
from pathlib import Path

import av
from common import drawn_clip, identity

import lib_vidstyl
from lib_vidstyl.clip.formats import FORMATS


def bare(source: Path, target: Path) -> None:
    kind = FORMATS["mp4"]
    with av.open(str(source)) as read, av.open(str(target), "w") as write:
        stream = write.add_stream(kind.encoder, rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 1280, 720, "yuv420p"
        stream.options = kind.options(80, False)
        stream.thread_type = "AUTO"
        read.streams.video[0].thread_type = "AUTO"
        for frame in read.decode(video=0):
            picture = av.VideoFrame.from_ndarray(frame.to_ndarray(format="rgb24"), format="rgb24")
            picture.pts, picture.time_base = frame.pts, frame.time_base
            write.mux(stream.encode(picture))
        write.mux(stream.encode())
