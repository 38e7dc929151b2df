"""The deflicker figures, with an evaluation kit's own measures, in one run.

    python benchmarks/deflicker.py --kit FOLDER [--pair DIR ...] [--quick] [--keep-detail X]

The kit is a folder with `deflicker.py`; VIDSTYL_KIT names it too. `--pair` adds a folder with `input` and `processed` frames.
Runs the kit twice, at the default and with all detail kept, then times frames whose flow is known and compares memory. The
kit's own command line takes `--ours benchmarks.deflicker:deflicker`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
import tracemalloc
from itertools import pairwise
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib_vidstyl.temporal.alignment import measured  # noqa: E402 - found only now
from lib_vidstyl.temporal.sequence import steady  # noqa: E402
from tests.temporal.films import flickering, panning, toned  # noqa: E402


def deflicker(styled, source, **options):
    return list(steady(zip(styled, source, strict=True), **options))


def kit_rows(kit, options, more):
    command = [sys.executable, str(kit / "deflicker.py"), "--ours", "benchmarks.deflicker:deflicker", "--options", options, *more]
    subprocess.run(command, check=True, cwd=ROOT)


def seconds(count=24):
    source = panning(count, 480, 854)
    styled = flickering([toned(frame) for frame in source])
    known = {id(a): measured(a, b) for a, b in pairwise(source)}
    began = time.perf_counter()
    for _ in steady(zip(styled, source, strict=True), find=lambda a, b: known[id(a)]):
        pass
    return (time.perf_counter() - began) / count


def peak(count):
    frame = panning(1, 120, 214)[0]
    flow = np.zeros((*frame.shape[:2], 2), np.int16)
    tracemalloc.start()
    for _ in steady(((frame.copy(), frame.copy()) for _ in range(count)), find=lambda a, b: (flow, flow)):
        pass
    top = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return top


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kit", type=Path, default=os.environ.get("VIDSTYL_KIT"))
    parser.add_argument("--pair", type=Path, action="append", default=[])
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    if options.kit:
        more = ["--quick"] * options.quick + [word for pair in options.pair for word in ("--pair", str(pair.resolve()))]
        for setting in ("{}", '{"keep_detail": 1.0}'):
            kit_rows(Path(options.kit).resolve(), setting, more)
    print(f"speed, 854x480, flow known: {seconds():.3f} s a frame")
    print(f"memory, 600 frames against 60: {peak(600) / peak(60):.2f} times")


if __name__ == "__main__":
    main()
