"""Peak memory of a long run against a short one: nothing may hold the clip.

    python benchmarks/memory.py [--frames 300 3000]

Each run is a process of its own that paints 320x240 frames (identity), keeps them, and writes the film.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from common import Identity, drawn_clip

from lib_vidstyl import stylize


def peak(frames: int) -> float:
    """Peak resident memory of a run, in MB."""
    done = subprocess.run([sys.executable, __file__, "--one", str(frames)], capture_output=True, text=True, check=True)
    return float(done.stdout.split()[-1])


def one(frames: int) -> None:
    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "clip.mp4"
        subprocess.run([sys.executable, __file__, "--draw", str(frames), str(clip)], check=True)
        stylize(clip, Path(name) / "film.mp4", stylizer=Identity())
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs=2, default=[300, 3000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--draw", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.draw:
        drawn_clip(Path(options.draw[1]), frames=int(options.draw[0]), size=(320, 240))
    elif options.one:
        one(options.one)
    else:
        short, long = (peak(frames) for frames in options.frames)
        print(f"{options.frames[0]} frames: {short:.1f} MB, {options.frames[1]} frames: {long:.1f} MB, ratio {long / short:.3f}")


if __name__ == "__main__":
    main()
