"""The report as one HTML page: no network, no script, light and dark; every text in it is escaped."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

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
    """A frame to look at: its number, why, its picture (JPEG as base64), and what to do: label -> command."""

    frame: int
    why: str
    jpeg: str
    actions: Mapping[str, str]


@dataclass(frozen=True)
class Report:
    """All that the page shows. curves: name -> one value per frame, None where there is none. pictures: title -> base64 JPEG."""

    title: str
    frames: Sequence[int]
    curves: Mapping[str, Sequence[float | None]]
    cuts: Sequence[int] = ()
    keys: Sequence[int] = ()
    worst: Sequence[Worst] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)
    times: Mapping[str, tuple[int, float]] = field(default_factory=dict)
    notes: Sequence[str] = ()
    versions: str = ""
    recipe: str = ""


def page(report: Report) -> str:
    """The whole page as text."""
    body = [f"<h1>{escape(report.title)}</h1>", f"<p>{len(report.frames)} frames, {len(report.cuts)} cuts"
            f"{f', {len(report.keys)} keys' if report.keys else ''}. Red: cuts. Green: keys.</p>"]
    for name, values in report.curves.items():
        body += _curve(report, name, values)
    if report.worst:
        body += ["<h2>Frames to look at</h2>", '<div class="row">', *map(_worst, report.worst), "</div>"]
    for title, jpeg in report.pictures.items():
        body += [f"<h2>{escape(title)}</h2>", _image(jpeg, title)]
    body += ["<h2>Time</h2>", _table(("stage", "frames", "seconds", "a frame"),
             [(stage, count, f"{total:.1f}", f"{total / max(count, 1):.3f}") for stage, (count, total) in report.times.items()])]
    body += ["<h2>Notes</h2>", "<ul>", *(f"<li>{escape(note)}</li>" for note in report.notes or ["None."]), "</ul>"]
    body += ["<h2>Versions</h2>", f"<p>{escape(report.versions)}</p>", "<h2>Recipe</h2>", f"<pre>{escape(report.recipe)}</pre>"]
    head = ('<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">'
            '<meta http-equiv="Content-Security-Policy" '
            "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">")
    return (f'<!DOCTYPE html>\n<html lang="en"><head>{head}<title>{escape(report.title)}</title><style>{STYLE}</style></head>\n'
            f"<body>{chr(10).join(body)}</body></html>\n")


def _curve(report: Report, name: str, values: Sequence[float | None]) -> list[str]:
    title, unit = CURVES.get(name, (name, ""))
    known = [value for value in values if value is not None and math.isfinite(value)]
    if not known:
        return [f"<h2>{escape(title)}</h2>", "<p>Nothing to measure: no part of the source qualifies.</p>"]
    top, count = max(*known, 1e-9), max(len(report.frames) - 1, 1)
    place = {frame: PAD + (WIDTH - 2 * PAD) * number / count for number, frame in enumerate(report.frames)}
    marks = [_mark(place[frame], kind) for kind, frames in (("key", report.keys), ("cut", report.cuts))
             for frame in frames if frame in place]
    words = f"mean {sum(known) / len(known):.3g}, highest {top:.3g} ({unit})"
    return [f"<h2>{escape(title)}</h2>", f"<small>{escape(words)}</small>",
            f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}" data-curve="{escape(name)}">',
            *marks, f'<path class="c" d="{_path([place[f] for f in report.frames], values, top)}"/>', "</svg>"]


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


def _worst(worst: Worst) -> str:
    actions = "".join(f'<br><b>{escape(label)}</b><br><code data-frame="{worst.frame}" data-action="{escape(label)}">'
                      f"{escape(command)}</code>" for label, command in worst.actions.items())
    return (f'<figure data-frame="{worst.frame}">{_image(worst.jpeg, f"Frame {worst.frame}")}'
            f"<figcaption>Frame {worst.frame}: {escape(worst.why)}{actions}</figcaption></figure>")


def _image(jpeg: str, words: str) -> str:
    return f'<img alt="{escape(words)}" src="data:image/jpeg;base64,{escape(jpeg)}">'


def _table(head: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    lines = ["".join(f"<th>{escape(word)}</th>" for word in head)]
    lines += ["".join(f"<td>{escape(str(cell))}</td>" for cell in row) for row in rows]
    return f"<table>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
