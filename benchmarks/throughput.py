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
from functools import partial
from pathlib import Path

import av
from common import Identity, drawn_clip

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


def ours(source: Path, target: Path, *, keep_frames: bool) -> None:
    lib_vidstyl.stylize(source, target, stylizer=Identity(), keep_frames=keep_frames)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, default=240)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    rates: dict[str, list[float]] = {"bare": [], "ours": [], "stored": []}
    with tempfile.TemporaryDirectory() as name:
        source = drawn_clip(Path(name) / "clip.mp4", frames=options.frames)
        for number in range(options.rounds):
            ways = {"bare": bare, "ours": partial(ours, keep_frames=False), "stored": partial(ours, keep_frames=True)}
            for way, run in ways.items():
                folder = Path(name) / f"{way}{number}"
                folder.mkdir()
                began = time.perf_counter()
                run(source, folder / "film.mp4")
                rates[way].append(options.frames / (time.perf_counter() - began))
                shutil.rmtree(folder)
    middle = {way: statistics.median(values) for way, values in rates.items()}
    for way, rate in middle.items():
        runs = ", ".join(f"{value:.1f}" for value in rates[way])
        print(f"{way:7s} {rate:6.1f} frames/s  {rate / middle['bare']:.2f} of bare  (runs: {runs})")


if __name__ == "__main__":
    main()
