"""The deflicker figures, with an evaluation kit's own measures, in one run.

    python benchmarks/deflicker.py --kit FOLDER [--pair DIR ...] [--quick]

The kit is a folder with `deflicker.py`; VIDSTYL_KIT names it too. `--pair` adds a folder with `input` and `processed` frames.
Runs the kit twice, at the default and with all detail kept, then times frames whose flow is known, with compiled loops and
without. The kit's own command line takes `--ours benchmarks.deflicker:deflicker`. Memory: `deflicker_memory.py`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path

import cv2

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib_vidstyl.temporal import alignment  # noqa: E402 - found only now
from lib_vidstyl.temporal.alignment import Link, Moment, measured  # noqa: E402
from lib_vidstyl.temporal.deflicker import steadied  # noqa: E402
from lib_vidstyl.temporal.gather import plain, usual  # noqa: E402
from lib_vidstyl.temporal.sequence import steady  # noqa: E402
from tests.temporal.films import flickering, panning, toned  # noqa: E402


def deflicker(styled, source, **options):
    return list(steady(zip(styled, source, strict=True), **options))


def kit_rows(kit, options, more):
    command = [sys.executable, str(kit / "deflicker.py"), "--ours", "benchmarks.deflicker:deflicker", "--options", options, *more]
    subprocess.run(command, check=True, cwd=ROOT)


def seconds(step, count=24, threads=2):
    """(wall, CPU) seconds a frame of 854x480, flow known and loops compiled."""
    source = panning(count, 480, 854)
    styled = flickering([toned(frame) for frame in source])
    known = {id(a): measured(a, b) for a, b in pairwise(source)}
    steadied([Moment(frame, frame, Link(frame, frame, lambda a, b: known[id(source[0])])) for frame in source[:2]], 0)
    alignment.usual = lambda: step
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)  # frames run side by side already
    began, used = time.perf_counter(), time.process_time()
    for _ in steady(zip(styled, source, strict=True), find=lambda a, b: known[id(a)], threads=threads):
        pass
    spent = (time.perf_counter() - began) / count, (time.process_time() - used) / count
    cv2.setNumThreads(before)
    return spent


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
    for step in dict.fromkeys((usual(), plain)):
        wall, cpu = seconds(step)
        print(f"speed, 854x480, flow known, two threads, {step.__name__}: {1000 * wall:.0f} ms a frame, {cpu:.2f} CPU-s")


if __name__ == "__main__":
    main()
