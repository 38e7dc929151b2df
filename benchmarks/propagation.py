"""Propagation against EbSynth's program: every goal with its figure, from one run.

    python benchmarks/propagation.py --kit FOLDER --clips FOLDER [--size 512] [--k 3,7,15] [--parts pairs,growth,seam,film]

FOLDER of the kit: the one that measures any method on the same pairs (propagation.py, metrics.py and their like); also
the variable VIDSTYL_KIT. The reference's program: variable EBSYNTH_BIN. `benchmarks.propagation:propagate` is what the
kit calls: it can be given to the kit itself as well.
"""

from __future__ import annotations

import argparse
import importlib
import os
import resource
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from lib_vidstyl import synth
from lib_vidstyl.clip.film import open_film
from lib_vidstyl.motion import follow
from lib_vidstyl.motion.flow import flow_size

WORKERS = os.cpu_count() or 1


def propagate(key, source, *, seed=0):
    """The kit's plug-in: frames for source[1:] from the styled source[0], all (H, W, 3) uint8."""
    return [made.image for made in sides(key, source, seed=seed)]


def sides(key, source, *, seed=0):
    """A Synthesis for each of source[1:], from the styled source[0]."""
    synth.warm_up(lambda _: None)
    engine, size = synth.usual(), source[0].shape[1::-1]
    with ThreadPoolExecutor(WORKERS) as pool:
        ready = pool.submit(synth.prepare, key, source[0])
        small = [cv2.resize(f, flow_size(*size), interpolation=cv2.INTER_AREA) if flow_size(*size) != size else f for f in source]
        steps = pool.map(follow.step, small[1:], small)

        def make(number, link):
            sure = follow.trust(small[number], small[0], link)
            flow = follow.finished(source[number], source[0], link.there)
            return synth.synthesise(ready.result(), source[number], to_key=flow, confidence=sure, seed=seed, engine=engine)

        links = follow.followed(small[0], zip(small[1:], steps, strict=True))
        return [made.result() for made in [pool.submit(make, number, link) for number, link in enumerate(links, start=1)]]


def between(first, last, source):
    """All frames of source, made from its two styled ends and joined."""
    there, back = sides(first, source), sides(last, source[::-1])[::-1]
    shares = [t * t * (3 - 2 * t) for t in np.arange(1, len(source) - 1) / (len(source) - 1)]
    inner = [synth.join(a, b, share=share) for a, b, share in zip(there[:-1], back[1:], shares, strict=True)]
    return [first, *inner, last]


def pairs(kit, options):
    """Quality and speed on all pairs, printed as the goals' table."""
    method, reference = kit("propagation"), kit("reference")
    program = os.environ.get("EBSYNTH_BIN")
    ebsynth = reference.EbSynth(program) if program else None
    plan = argparse.Namespace(clips=options.clips, size=options.size, k=options.k, only=options.only, quick=options.quick, seed=0)
    method.warm_up(plan, propagate)
    rows = {}
    for pair in method.pairs(plan):
        rows[pair.name], last = method.measure(pair, propagate, ebsynth, 0)
        method.report(pair.name, rows[pair.name])
        if options.sheets:
            method.sheet(options.sheets, pair, last)
    method.report_means(rows)
    if ebsynth:
        judged(rows)


def judged(rows):
    """Print the goals that compare with the reference."""
    real = [(r["ours"], r["reference"]) for name, r in rows.items() if not name.startswith("scene")]
    drawn = [(r["ours"], r["reference"]) for name, r in rows.items() if name.startswith("scene")]

    def gains(group, what):
        return np.array([ours[what] - theirs[what] for ours, theirs in group])

    for title, group in (("real", real), ("scenes", drawn)):
        if group:
            faster = [theirs["seconds"] / ours["seconds"] for ours, theirs in group]
            mean = np.exp(np.mean(np.log(faster)))
            print(f"{title}: faster by {min(faster):.0f} to {max(faster):.0f}, geometric mean {mean:.0f}")
            for what, unit in (("psnr", "dB"), ("ssim", ""), ("sharp", ""), ("ewarp", "")):
                gain = gains(group, what)
                print(f"{title}: {what} {gain.mean():+.3f} {unit} in the mean, {gain.min():+.3f} to {gain.max():+.3f}")


def growth(kit, options):
    """Time against pixels and frames: exponents, and a plot."""
    clips = kit("clips")
    path = next(iter(clips.find(options.clips).values()))
    sizes = [(short, seconds(clips.read(path, count=4, step=2, short_side=short))) for short in (256, 384, 512, 768, 1080)]
    counts = [(count, seconds(clips.read(path, count=count + 1, short_side=384))) for count in (2, 4, 8, 16)]
    by_pixels = np.polyfit(np.log([short**2 for short, _ in sizes]), np.log([s for _, s in sizes]), 1)[0]
    by_frames = np.polyfit(np.log([count for count, _ in counts]), np.log([s for _, s in counts]), 1)[0]
    print(f"growth: exponent {by_pixels:.2f} in pixels, {by_frames:.2f} in frames")
    if options.plot:
        drawn(options.plot, sizes, counts)


def seconds(source):
    """CPU seconds of one call: other work on the machine weighs less on it than on the clock."""
    propagate(source[0], source[:2])
    start = time.process_time()
    propagate(source[0], source)
    return time.process_time() - start


def drawn(path, sizes, counts):
    plot = importlib.import_module("matplotlib.figure").Figure(figsize=(9, 4))
    for place, (title, x, y) in enumerate((("megapixels", [s**2 / 1e6 for s, _ in sizes], [t for _, t in sizes]),
                                           ("frames", [n for n, _ in counts], [t for _, t in counts]))):
        axes = plot.add_subplot(1, 2, place + 1)
        axes.loglog(x, y, "o-", label="measured")
        axes.loglog(x, [y[0] * value / x[0] for value in x], "--", label="linear")
        axes.set_xlabel(title)
        axes.set_ylabel("CPU seconds")
        axes.legend()
    plot.savefig(path)


def seam(kit, options):
    """Jump where one key takes over from the next, against its neighbours, on every clip."""
    clips, metrics, style = kit("clips"), kit("metrics"), kit("style")
    for name, path in clips.find(options.clips).items():
        if options.only not in name:
            continue
        source = clips.read(path, count=17, short_side=clips.SIZES[options.size])
        keys = [style.paint(source[i]) for i in (0, 8, 16)]
        frames = between(keys[0], keys[1], source[:9]) + between(keys[1], keys[2], source[8:])[1:]
        change = metrics.SourceFlow(source, metrics.farneback_flow).step_errors(frames)
        plain = [float(np.abs(a.astype(np.float32) - b).mean()) for a, b in pairwise(frames)]
        ratios = [max(steps[7], steps[8]) / np.median(steps[4:7] + steps[9:12]) for steps in (plain, change)]
        print(f"seam {name}: difference at the key over its neighbours' median {ratios[0]:.2f}, along the flow {ratios[1]:.2f}")


def film(kit, options):
    """The guide's case in half size: 270 frames 1080x1920, 10 keys, both sides, by the command line."""
    clips = kit("clips")
    path = list(clips.find(options.clips).values())[-1]
    with tempfile.TemporaryDirectory() as folder:
        clip = Path(folder) / "clip.mp4"
        looped(clips.read(path, count=90), clip)
        command = [sys.executable, "-m", "lib_vidstyl", "stylize", str(clip), "-o", str(Path(folder) / "film.mp4"), "--look", "ink",
                   "--keys", "auto", "--key-choice", "every", "--key-every", "30"]
        start = time.perf_counter()
        subprocess.run(command, check=True, cwd=Path(__file__).resolve().parents[1])
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        print(f"270 frames 1080x1920, both sides, painting and films included: {time.perf_counter() - start:.0f} s, "
              f"{used.ru_utime + used.ru_stime:.0f} CPU s, peak {used.ru_maxrss / 1024:.0f} MB")


def looped(frames, path):
    """Write 270 frames of 1080x1920: there, back, and there again."""
    order = [*range(90), *range(89, -1, -1), *range(90)]
    with open_film(path, format="mp4", size=(1080, 1920), fps=Fraction(30), quality=80) as out:
        for index, number in enumerate(order):
            image = cv2.resize(frames[number], (1080, 1920), interpolation=cv2.INTER_CUBIC)
            out.write(image, time=Fraction(index, 30), duration=Fraction(1, 30), index=index)


PARTS = {"pairs": pairs, "growth": growth, "seam": seam, "film": film}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kit", type=Path, default=os.environ.get("VIDSTYL_KIT"), required="VIDSTYL_KIT" not in os.environ)
    parser.add_argument("--clips", type=Path, required=True)
    parser.add_argument("--size", default="512", choices=("512", "1080p", "native"))
    parser.add_argument("--k", type=lambda text: [int(k) for k in text.split(",")], default=[3, 7, 15])
    parser.add_argument("--only", default="", help="clips whose name holds this")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--parts", default=",".join(PARTS), help="which of: %(default)s")
    parser.add_argument("--sheets", type=Path, help="folder for pictures side by side")
    parser.add_argument("--plot", type=Path, help="file for the plot of the growth")
    options = parser.parse_args()
    sys.path.insert(0, str(Path(options.kit).resolve()))
    for part in options.parts.split(","):
        PARTS[part](importlib.import_module, options)


if __name__ == "__main__":
    main()
