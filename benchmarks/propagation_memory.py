"""Peak memory of propagation: a long clip against a short one at equal spacing of keys, and a clip in 4K.

    python benchmarks/propagation_memory.py [--frames 60 600] [--threads 2]

Each run is a process of its own that paints keys only (identity), makes the other frames from them, keeps them, and writes
the film. The short and the long clip are 320x240 with a key every 10 frames; the large one is 3840x2160, 25 frames, a key
every 12, and should stay below 8 GB.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import Identity, drawn_clip

from lib_vidstyl.front.keys import with_keys
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish

SMALL, LARGE = (320, 240), (3840, 2160)


def measured(frames: int, every: int, size: tuple[int, int], threads: int) -> tuple[float, float]:
    """(peak resident memory in MB, seconds) of a run in a process of its own, the drawing of the clip left out."""
    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "clip.mp4"
        for word, more in (("--draw", ()), ("--one", (every, threads))):
            words = [sys.executable, __file__, word, clip, frames, *size, *more]
            done = subprocess.run(list(map(str, words)), capture_output=True, text=True, check=True)
        peak, seconds = map(float, done.stdout.split())
    return peak, seconds


def one(clip: Path, every: int, threads: int) -> None:
    recipe = with_keys(new_recipe(), f"every:{every}").replaced("propagate", threads=threads)
    began = time.monotonic()
    finish(order(clip, clip.with_name("film.mp4"), recipe=recipe).start(Identity()))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs=2, default=[60, 600])
    parser.add_argument("--threads", type=int, default=0, help="frames made at the same time; 0: one per processor")
    parser.add_argument("--draw", nargs=4, help=argparse.SUPPRESS)
    parser.add_argument("--one", nargs=6, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.draw:
        clip, frames, width, height = options.draw
        drawn_clip(Path(clip), frames=int(frames), size=(int(width), int(height)))
    elif options.one:
        one(Path(options.one[0]), *map(int, options.one[4:]))
    else:
        short, long = (measured(frames, 10, SMALL, options.threads)[0] for frames in options.frames)
        print(f"{options.frames[0]} frames: {short:.1f} MB, {options.frames[1]} frames: {long:.1f} MB, ratio {long / short:.3f}")
        peak, seconds = measured(25, 12, LARGE, options.threads)
        print(f"25 frames of {LARGE[0]}x{LARGE[1]}: {peak / 1024:.2f} GB, {seconds:.0f} s")


if __name__ == "__main__":
    main()
