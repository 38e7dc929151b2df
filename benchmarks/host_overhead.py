"""What a frame costs beside the model: our script against the webui's own img2img, in a real webui, in turn, in one run.

    python benchmarks/host_overhead.py --url http://127.0.0.1:7860 --folder DATA [--frames 24] [--rounds 3] [--size 128]

DATA is the running webui's data folder; tests/e2e/checkpoints.py makes the tiny checkpoint it should have loaded. built-in: one
call of the API per frame, same settings, pictures sent and read as PNG, nothing saved. ours: one call for the film, every frame
kept as PNG and on record, the film encoded. The model's own time per step is what more steps cost, one figure for both; what is
left of a frame's time is the overhead. Prints seconds per frame, and the ratio of ours to the built-in; it should be below 1.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from common import ROOT as _ROOT  # noqa: F401 - puts the repository on the path
from PIL import Image

from tests.drawn import moving
from tests.e2e.webui import Webui

FEW, MANY = 2, 16  # steps asked for; with half the noise, half as many are made


def built_in(webui: Webui, clip: Path, request: dict) -> None:
    for path in sorted(clip.glob("*.png")):
        webui.painted(np.asarray(Image.open(path)), **request)


def ours(webui: Webui, clip: Path, request: dict) -> None:
    answer = webui.film(clip, request=request, Resume=False)
    shutil.rmtree(answer.project)


WAYS: dict[str, Callable[[Webui, Path, dict], None]] = {"built-in": built_in, "ours": ours}


def drawn(folder: Path, frames: int, size: int) -> Path:
    folder.mkdir(parents=True)
    for index, frame in enumerate(moving(frames, size, size)):
        Image.fromarray(frame).save(folder / f"{index:03d}.png")
    return folder


def measured(webui: Webui, clip: Path, options: argparse.Namespace) -> dict[str, list[float]]:
    """Seconds per frame by way, one per round, every second round the other way about; and seconds per step of the model."""
    times: dict[str, list[float]] = {**{way: [] for way in WAYS}, "step": []}
    request = {"steps": FEW, "width": options.size, "height": options.size}
    picture = np.asarray(Image.open(next(clip.glob("*.png"))))
    for turn in range(options.rounds):
        for way in list(WAYS)[:: -1 if turn % 2 else 1]:
            times[way].append(seconds(WAYS[way], webui, clip, request) / options.frames)
        for _ in range(4):
            short = seconds(webui.painted, picture, **request)
            long = seconds(webui.painted, picture, **{**request, "steps": MANY})
            times["step"].append((long - short) / (MANY - FEW))
    return times


def seconds(call: Callable[..., object], *values: object, **named: object) -> float:
    begin = time.perf_counter()
    call(*values, **named)
    return time.perf_counter() - begin


def report(times: dict[str, list[float]]) -> None:
    model = statistics.median(times["step"]) * FEW
    left = {way: statistics.median(times[way]) - model for way in WAYS}
    for way in WAYS:
        print(f"{way:9} {statistics.median(times[way]):.3f} s a frame; without the model's {model:.3f}: {left[way]:.3f}")
    print(f"overhead, ours / built-in: {left['ours'] / left['built-in']:.2f}   (should be below 1)")
    rounds = [ours / other for ours, other in zip(times["ours"], times["built-in"], strict=True)]
    print(f"whole frames, ours / built-in, by round: {', '.join(f'{ratio:.2f}' for ratio in rounds)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", required=True)
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--size", type=int, default=128)
    options = parser.parse_args()
    webui = Webui(options.url, options.folder)
    place = webui.outputs / "host-overhead"
    try:
        clip = drawn(place / "clip", options.frames, options.size)
        for way in WAYS.values():
            way(webui, clip, {"steps": 1})  # the first call of each kind loads things
        report(measured(webui, clip, options))
    finally:
        shutil.rmtree(place, ignore_errors=True)


if __name__ == "__main__":
    main()
