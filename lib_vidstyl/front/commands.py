"""What each command of the command line does."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from fractions import Fraction
from typing import Any

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.model import ClipInfo
from lib_vidstyl.errors import IncompleteFilm, OutputError, SettingsError
from lib_vidstyl.front.ebsynth import export
from lib_vidstyl.front.estimate import estimate
from lib_vidstyl.front.fields import with_flags
from lib_vidstyl.front.interrupt import stop_on_interrupt
from lib_vidstyl.front.keys import Keys, export_keys, keys_of, plan_of, weak_sheet, with_keys, write_sheet
from lib_vidstyl.front.remake import finished, report_place
from lib_vidstyl.front.session import Order, deflicker_recipe, kinds, new_recipe, order, read_recipe, with_given
from lib_vidstyl.front.show import Bar
from lib_vidstyl.pipeline import Result, finish, switched
from lib_vidstyl.project import inspect
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages.keyframes import PLAN
from lib_vidstyl.stages.report import PAGE


def stylize(options: argparse.Namespace) -> int:
    """Turn a clip into a painted film."""
    work = _order(options)
    if options.dry_run:
        return _say(estimate(work).sentences())
    result = carry_out(work)
    return _report(result)


def propagate(options: argparse.Namespace) -> int:
    """Carry the look of keys painted elsewhere to every frame of a clip."""
    return _report(carry_out(_order(options)))


def deflicker(options: argparse.Namespace) -> int:
    """Take the flicker out of a film stylised by any tool, with the help of the clip that it was made from."""
    guide = vars(options).get("deflicker.guide")
    if not guide:
        raise SettingsError("no guide was given", remedy="Give the clip that the film was made from with --guide CLIP.")
    recipe = with_flags(deflicker_recipe(guide), vars(options), kinds())
    recipe = switched(recipe, on=options.on, off=options.off)
    return _report(carry_out(order(options.clip, options.out, recipe=recipe, project=options.project)))


def ebsynth(options: argparse.Namespace) -> int:
    """Write frames, keys and project files for EbSynth; what it makes comes back with: propagate --ebsynth-output FOLDER."""
    return _say([f"open in EbSynth: {path}" for path in export(_order(options, out=None), options.out)])


def keys(options: argparse.Namespace) -> int:
    """Tell which frames of a clip are its keys; of a project, also which frames are weak and where one more key would help."""
    if (options.place / PLAN).is_file():
        if options.out and options.out.exists():
            raise OutputError("there is something of that name already", where=options.out, remedy="Choose another name.")
        found = keys_of(options.place)
        sheet = weak_sheet(options.place, found)
        shown = [] if sheet is None else [f"picture: {write_sheet(options.out or options.place / 'weak.jpg', sheet)}"]
        return _say([*found.sentences(), *shown])
    options.clip = options.place
    work = _order(options, out=None)
    plan = plan_of(work)
    written = export_keys(work, plan.keys, options.out) if options.out else []
    return _say([*Keys(plan, {}, ()).sentences(), *([f"{len(written)} pictures to paint are in {options.out}"] * bool(written))])


def carry_out(work: Order) -> Result:
    """Carry out an order with a progress bar; Ctrl-C stops it cleanly."""
    with stop_on_interrupt() as stopped, Bar() as bar:
        return finish(work.start(stop=stopped), bar.show)


def info(options: argparse.Namespace) -> int:
    """Tell what a clip is."""
    with open_clip(options.clip) as clip:
        facts = clip.info
    if options.json:
        return _say([json.dumps(dataclasses.asdict(facts), default=str, indent=1, ensure_ascii=False)])
    return _say(_facts(facts))


def demo(options: argparse.Namespace) -> int:
    """Paint the keys of a short clip that needs no input, carry them to every frame, and write film and pictures of it."""
    from lib_vidstyl.front.demo import demonstrate  # its pictures need scikit-image

    recipe = _recipe(new_recipe(), options)
    made = demonstrate(options.out, options.clip, recipe, carry_out)
    return _say([f"{name}: {path}" for name, path in made.items()])


def verify(options: argparse.Namespace) -> int:
    """Check every file of a project against its record."""
    problems = list(inspect(options.project))
    _say([f"{name}: {problem}" for name, problem in problems] or ["Every file is as it was written."])
    return 1 if problems else 0


def report(options: argparse.Namespace) -> int:
    """Tell how steady a film is and which frames to look at: write its report, if it has none, and say where it is."""
    path = report_place(options.place) / PAGE
    if not path.is_file():
        work = finished(options.place, clip=options.clip, guide=options.guide)
        with stop_on_interrupt() as stopped, Bar() as bar:
            finish(work.start(stop=stopped), bar.show)
    return _say([str(path)])


def recipe(options: argparse.Namespace) -> int:
    """Print a recipe: the defaults, or that of a project or film, with the given flags."""
    base = read_recipe(options.source) if options.source else new_recipe()
    return _say([_recipe(base, options).to_json()])


def ui(options: argparse.Namespace) -> int:
    """Open the page in which a clip becomes a film, in the browser."""
    from lib_vidstyl.front.serve import serve  # needs Gradio, which no other command does

    serve(options.out, allow=options.allow, servers=" ".join(options.webui), port=options.port, browser=options.browser)
    return 0


def _order(options: argparse.Namespace, **places: Any) -> Order:
    source = getattr(options, "recipe", None)
    base = read_recipe(source) if source else new_recipe()
    places = {"out": options.out, "project": getattr(options, "project", None), **places}
    return order(options.clip, places["out"], recipe=_recipe(base, options), project=places["project"])


def _recipe(base: Recipe, options: argparse.Namespace) -> Recipe:
    recipe = with_given(base, vars(options))
    asked = getattr(options, "keys", None)
    return switched(with_keys(recipe, asked) if asked else recipe, on=options.on, off=options.off)


def _report(result: Result) -> int:
    rate = result.frames / max(result.seconds, 1e-6)
    _say([f"{result.film or result.project}: {result.frames} frames in {result.seconds:.1f} s ({rate:.1f} frames/s)"])
    if not result.complete:
        raise IncompleteFilm(f"{len(result.failed)} frames could not be painted ({_listed(result.failed)}); the film repeats the "
                             "frame before each and is marked incomplete", where=result.film or result.project,
                             remedy="Run the same command again to try just those.")
    return 0


def _listed(failed: dict[int, str], most: int = 5) -> str:
    shown = "; ".join(f"{index}: {problem}" for index, problem in sorted(failed.items())[:most])
    return shown + ("; ..." if len(failed) > most else "")


def _facts(facts: ClipInfo) -> list[str]:
    about = "" if facts.exact else "about "
    lines = [f"{facts.path.name}: {facts.kind}, {facts.codec}",
             f"  {facts.width}x{facts.height}, {_rate(facts.fps)} frames/s{', variable' if facts.variable else ''}",
             f"  {about}{facts.frames} frames, {float(facts.duration):.2f} s"]
    details = [f"{facts.bits} bit", facts.matrix, "full range" if facts.full_range else "limited range"]
    details += [f"rotated {facts.rotation} degrees"] * bool(facts.rotation) + ["HDR"] * facts.hdr + ["alpha"] * facts.alpha
    lines.append(f"  {', '.join(details)}")
    lines += [f"  sound: {sound.codec}, {sound.rate} Hz, {sound.channels} channels" for sound in facts.sounds] or ["  no sound"]
    return lines + [f"  note: {notice}" for notice in facts.notices]


def _rate(fps: Fraction) -> str:
    return str(fps.numerator) if fps.denominator == 1 else f"{float(fps):.3f}"


def _say(lines: list[str]) -> int:
    for line in lines:
        sys.stdout.write(line + "\n")
    return 0
