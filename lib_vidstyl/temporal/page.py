"""The report as one HTML page: no network, no script, light and dark; every text in it is escaped."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.temporal.curves import Curve

CURVES = {"error": ("Warping error", "thousandths; how much the film changes against its source's motion"),
          "flicker": ("Flicker", "levels of 255, where the source stands still"),
          "drift": ("Drift", "levels of 255 by which the colours have moved away from the shot's first frame")}
WIDTH, HEIGHT, PAD = 960, 120, 8

STYLE = """
:root{color-scheme:light dark;--ink:#1d1d20;--dim:#66666e;--ground:#fff;--card:#f4f4f6;--line:#3567c4;--cut:#c4483a;--key:#2f8f5b}
@media (prefers-color-scheme:dark){:root{--ink:#ececef;--dim:#a2a2ab;--ground:#18181b;--card:#242428;--line:#82aaff;
--cut:#ff8f7f;--key:#6fd39c}}
body{margin:0 auto;padding:16px;max-width:1040px;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif}
h1{font-size:1.4em}h2{font-size:1.1em;margin:1.6em 0 .4em}p,small{color:var(--dim)}svg{width:100%;height:auto;
background:var(--card);border-radius:6px}img{max-width:100%;height:auto;border-radius:6px}.row{display:flex;flex-wrap:wrap;gap:12px}
figure{margin:0;padding:8px;background:var(--card);border-radius:6px;width:300px;max-width:100%;box-sizing:border-box}
figcaption{font-size:.9em}code,pre{font:12px/1.4 ui-monospace,monospace;white-space:pre-wrap;overflow-wrap:anywhere}
pre{background:var(--card);padding:8px;border-radius:6px;max-height:24em;overflow:auto}table{border-collapse:collapse}
td,th{padding:2px 14px 2px 0;text-align:left}.c{stroke:var(--line);fill:none;stroke-width:1.5}.cut{stroke:var(--cut)}
.key{stroke:var(--key);stroke-dasharray:3 3}
"""


@dataclass(frozen=True)
class Worst:
    """A frame to look at, with the span around it that is about as bad, and what to do.

    error: warping error in thousandths. picture: (H, W, 3) uint8. label: what helps, or "" for nothing; command: how to do
    it; seeds: the setting that has the span painted again, where frames are painted one by one.
    """

    frame: int
    first: int
    last: int
    error: float
    picture: NDArray[np.uint8]
    label: str = ""
    command: str = ""
    seeds: str = ""

    @property
    def why(self) -> str:
        """The reason in words."""
        return f"warping error {self.error:.3g}" + (f", frames {self.first}-{self.last}" if self.first < self.last else "")


@dataclass(frozen=True)
class Report:
    """All that the page shows.

    drawings: name -> curve. pictures: title -> (H, W, 3) uint8. times: stage -> (frames, seconds) of what is kept. run:
    stage -> seconds of this run. retries: frame -> tries.
    """

    title: str
    drawings: Mapping[str, Curve]
    worst: Sequence[Worst] = ()
    pictures: Mapping[str, NDArray[np.uint8]] = field(default_factory=dict)
    times: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    run: Mapping[str, float] = field(default_factory=dict)
    retries: Mapping[int, int] = field(default_factory=dict)
    notes: Sequence[str] = ()
    versions: str = ""
    recipe: str = ""

    @property
    def frames(self) -> Sequence[int]:
        """Numbers of all frames."""
        return next(iter(self.drawings.values())).frames

    @property
    def cuts(self) -> Sequence[int]:
        """First frames of new shots."""
        return next(iter(self.drawings.values())).cuts

    @property
    def keys(self) -> Sequence[int]:
        """Frames that are keys."""
        return next(iter(self.drawings.values())).keys


def page(report: Report, jpeg: Callable[[NDArray[np.uint8]], str]) -> str:
    """The whole page as text. jpeg: makes base64 of a picture."""
    body = [f"<h1>{escape(report.title)}</h1>", f"<p>{len(report.frames)} frames, {len(report.cuts)} cuts"
            f"{f', {len(report.keys)} keys' if report.keys else ''}. Red: cuts. Green: keys.</p>"]
    for name, curve in report.drawings.items():
        body += _curve(name, curve)
    if report.worst:
        body += ["<h2>Frames to look at</h2>", '<div class="row">', *(_worst(bad, jpeg) for bad in report.worst), "</div>"]
    for title, picture in report.pictures.items():
        body += [f"<h2>{escape(title)}</h2>", _image(jpeg(picture), title)]
    body += [*_facts(report), "<h2>Versions</h2>", f"<p>{escape(report.versions)}</p>"]
    body += ["<h2>Recipe</h2>", f"<pre>{escape(report.recipe)}</pre>"]
    head = ('<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">")
    return (f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{escape(report.title)}</title><style>{STYLE}</style></head>\n'
            f"<body>{chr(10).join(body)}</body></html>\n")


def _facts(report: Report) -> list[str]:
    rows = [(stage, count, f"{total:.1f}", f"{total / max(count, 1):.3f}") for stage, (count, total) in report.times.items()]
    body = ["<h2>Time</h2>", "<p>Of the frames that are kept, whichever run made them:</p>",
            _table(("stage", "frames", "seconds", "a frame"), rows)]
    if report.run:
        body += ["<p>Of this run:</p>", _table(("stage", "seconds"), [(name, f"{took:.1f}") for name, took in report.run.items()])]
    tried = [f"frame {frame}: {tries} tries" for frame, tries in sorted(report.retries.items())]
    body += ["<h2>Tried again</h2>", f"<p>{escape(', '.join(tried) or 'No frame.')}</p>"]
    return [*body, "<h2>Notes</h2>", "<ul>", *(f"<li>{escape(note)}</li>" for note in report.notes or ["None."]), "</ul>"]


def _curve(name: str, curve: Curve) -> list[str]:
    known = curve.known
    if not known:
        return [f"<h2>{escape(curve.title)}</h2>", "<p>Nothing to measure: no part of the source qualifies.</p>"]
    top, count = max(*known, 1e-9), max(len(curve.frames) - 1, 1)
    place = {frame: PAD + (WIDTH - 2 * PAD) * number / count for number, frame in enumerate(curve.frames)}
    marks = [_mark(place[frame], kind) for kind, frames in (("key", curve.keys), ("cut", curve.cuts))
             for frame in frames if frame in place]
    return [f"<h2>{escape(curve.title)}</h2>", f"<small>{escape(curve.words)}</small>",
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(curve.title)}" data-curve="{escape(name)}">',
            *marks, f'<path class="c" d="{_path([place[f] for f in curve.frames], curve.values, top)}"/>', "</svg>"]


def _path(places: Sequence[float], values: Sequence[float | None], top: float) -> str:
    words, drawing = [], False
    for x, value in zip(places, values, strict=True):
        if value is None or not math.isfinite(value):
            drawing = False
            continue
        words.append(f"{'L' if drawing else 'M'}{x:.1f} {HEIGHT - PAD - (HEIGHT - 2 * PAD) * value / top:.1f}")
        drawing = True
    return "".join(words)


def _mark(x: float, kind: str) -> str:
    return f'<line class="{kind}" x1="{x:.1f}" x2="{x:.1f}" y1="0" y2="{HEIGHT}"/>'


def _worst(bad: Worst, jpeg: Callable[[NDArray[np.uint8]], str]) -> str:
    action = (f'<br><b>{escape(bad.label)}</b><br><code data-frame="{bad.frame}" data-action="{escape(bad.label)}">'
              f"{escape(bad.command)}</code>") if bad.label else ""
    return (f'<figure data-frame="{bad.frame}">{_image(jpeg(bad.picture), f"Frame {bad.frame}")}'
            f"<figcaption>Frame {bad.frame}: {escape(bad.why)}{action}</figcaption></figure>")


def _image(jpeg: str, words: str) -> str:
    return f'<img alt="{escape(words)}" src="data:image/jpeg;base64,{escape(jpeg)}">'


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = ["".join(f"<th>{escape(word)}</th>" for word in head)]
    lines += ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
