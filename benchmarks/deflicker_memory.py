"""Peak memory of deflicker and report: a long clip against a short one; nothing may hold the film.

    python benchmarks/deflicker_memory.py [--frames 60 600] [--threads 2]

Each run is a process of its own that takes 320x240 frames as they are (identity), steadies them, measures them, keeps them, and
writes film and report.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from common import Identity, drawn_clip

from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish, switched

SIZE = (320, 240)


def peak(frames: int, threads: int) -> float:
    """Peak resident memory in MB of a run in a process of its own, the drawing of the clip left out."""
    with tempfile.TemporaryDirectory() as name:
        clip = Path(name) / "clip.mp4"
        for word, number in (("--draw", frames), ("--one", threads)):
            words = [sys.executable, __file__, word, str(clip), str(number)]
            done = subprocess.run(words, capture_output=True, text=True, check=True)
        return float(done.stdout.split()[-1])


def one(clip: Path, threads: int) -> None:
    recipe = switched(new_recipe().replaced("deflicker", threads=threads), on=["deflicker", "report"])
    finish(order(clip, clip.with_name("film.mp4"), recipe=recipe).start(Identity()))
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=int, nargs=2, default=[60, 600])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--draw", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.draw:
        drawn_clip(Path(options.draw[0]), frames=int(options.draw[1]), size=SIZE)
    elif options.one:
        one(Path(options.one[0]), int(options.one[1]))
    else:
        short, long = (peak(frames, options.threads) for frames in options.frames)
        print(f"{options.frames[0]} frames: {short:.1f} MB, {options.frames[1]} frames: {long:.1f} MB, ratio {long / short:.3f}")


if __name__ == "__main__":
    main()
