"""One press of Generate: what the script's controls and img2img say, carried out."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lib_vidstyl.cache import Cache
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.model import ClipInfo
from lib_vidstyl.errors import Cancelled, SettingsError, write_failed
from lib_vidstyl.front import infotext
from lib_vidstyl.front.incoming import UploadError, uploaded
from lib_vidstyl.front.session import Order, read_recipe
from lib_vidstyl.front.trial import Trial, frame_to_try, trials
from lib_vidstyl.host import SOURCE, TITLE, controls
from lib_vidstyl.host.check import check
from lib_vidstyl.host.controlnet import ControlUnits
from lib_vidstyl.host.folders import checked_path, place_film
from lib_vidstyl.host.hooks import Hook
from lib_vidstyl.host.inversion import Inversion
from lib_vidstyl.host.progress import HostProgress
from lib_vidstyl.host.request import GRID, recipe_of
from lib_vidstyl.host.results import infotext_of, processed, with_seed
from lib_vidstyl.host.settings_page import page_settings
from lib_vidstyl.host.stylizer import WebuiStylizer
from lib_vidstyl.host.upscalers import host_upscalers
from lib_vidstyl.host.wishes import CHECK, EXACT, SHAPE, TRIAL
from lib_vidstyl.pipeline import Result, finish
from lib_vidstyl.settings import Recipe
from lib_vidstyl.stages.decode import frame_rate
from lib_vidstyl.stylizers.feeding import cut_between
from lib_vidstyl.upscalers import add_source

STOPPED = "Stopped. What is done is kept: generate again with the same settings to go on."


def hooks_for(recipe: Recipe, *, free_size: bool) -> list[Hook]:
    """Who else takes part in painting: control units, inverted noise."""
    control = ControlUnits(recipe["control"], cut=cut_between, free_size=free_size)
    if not recipe["inversion"].invert:
        return [control]
    return [control, Inversion(recipe["inversion"], cache=noise_cache(), units=control.identity)]


def noise_cache() -> Cache:
    """Where inverted noise is kept for all films: below the webui's own cache, safe to delete."""
    from modules import paths

    return Cache(Path(paths.data_path) / "cache" / "video-stylize")


def generate(p: Any, upload: Any, values: Sequence[Any]) -> Any:
    """Make the film, or try one frame. Returns the webui's `Processed`; raises VidStylError with what the user can do.

    upload: the file component's value. values: those of `controls.panel()`.
    """
    _refuse_batch_tab()
    _refuse_shifted(p)
    add_source(SOURCE, host_upscalers)
    asked = controls.read(values)
    clip = controls.clip_path(_uploaded(upload), asked)
    recipe = _sized(p, recipe_of(p, asked.recipe), asked.wishes.size, clip)
    _prepare(p, asked)
    free = asked.wishes.size == EXACT and p.resize_mode in (1, 2)
    stylizer = WebuiStylizer(p, hooks=hooks_for(recipe, free_size=free), free_size=free)
    work = Work(p, clip, recipe, stylizer)
    if asked.wishes.make == TRIAL:
        return work.trial(asked.wishes.trial_frame, asked.wishes.trial_seeds)
    if asked.wishes.make == CHECK:
        return work.check(asked.wishes.trial_frame)
    project = Path(asked.wishes.project) if asked.wishes.project else None
    return work.film(project, resume=asked.wishes.resume)


def _uploaded(value: Any) -> Path | None:
    """The uploaded clip. A program may name a file of an open folder there instead."""
    try:
        return uploaded(value)
    except UploadError:
        if not isinstance(value, str):
            raise
        return checked_path(value)


@dataclass
class Work:
    """A clip, a recipe and who paints it."""

    p: Any
    clip: Path
    recipe: Recipe
    stylizer: WebuiStylizer

    def film(self, project: Path | None, *, resume: bool) -> Any:
        """Make the film, or go on with it."""
        progress = HostProgress(page_settings().gallery)
        film, project = place_film(self.p, self.clip, self.recipe, project=project, resume=resume)
        recipe = self.recipe.replaced("encode", format=self.recipe["encode"].format or "mp4")
        _make_folder(film.parent)
        steps = Order(self.clip, recipe, film, project).start(self.stylizer, stop=_stopping)
        try:
            result = finish(steps, progress.show)
        except Cancelled:
            return self._shown(progress, project, [STOPPED], None)
        return self._shown(progress, project, _report(result), result)

    def trial(self, frame: str, count: int) -> Any:
        """Paint one frame with several seeds."""
        progress = HostProgress(count)
        progress.begin(count)
        made: list[Trial] = []
        said = ["Choose a picture, then press the button that reuses its seed (beside img2img's seed), and make the film."]
        try:
            for trial in trials(self.clip, self.recipe, self.stylizer, frame=frame, count=count):
                made.append(trial)
        except Cancelled:
            said = ["Stopped."]
        self.p.seed = made[0].seed if made else self.recipe["paint"].seed
        pictures = [(trial.seed, trial.image) for trial in made]
        return processed(self.p, pictures, infotext=self._infotext(self.p.seed), said=said + self.stylizer.notices,
                         facts={f"{TITLE} frame": str(made[0].frame)} if made else {})

    def check(self, frame: str) -> Any:
        """Invert one frame and bring it back: source, reconstruction and difference for the gallery."""
        task = frame_to_try(self.clip, self.recipe, self.stylizer, frame)
        found = check(self.p, task, self.recipe["inversion"])
        return processed(self.p, [(task.seed, picture) for picture in found.pictures], infotext=infotext_of(self.p, task.seed),
                         said=found.sentences(), facts={f"{TITLE} frame": str(task.index)})

    def _shown(self, progress: HostProgress, project: Path, said: list[str], result: Result | None) -> Any:
        seed = read_recipe(project)["paint"].seed
        self.p.seed = seed
        state = "stopped" if result is None else ("complete" if result.complete else "incomplete")
        facts = {f"{TITLE} state": state, f"{TITLE} project": str(project)}
        if result is not None and result.film is not None:
            facts[f"{TITLE} film"] = str(result.film)
        pictures = [(seed, image) for _, image in progress.gallery]
        return processed(self.p, pictures, infotext=self._infotext(seed), facts=facts,
                         said=[*said, f"Project: {project.name}", *progress.notices])

    def _infotext(self, seed: int) -> str:
        painted = next(iter(self.stylizer.infotexts.values()), None)
        return with_seed(painted, seed) if painted else infotext_of(self.p, seed)


def _prepare(p: Any, asked: controls.Asked) -> None:
    """Write into the request what its infotext says: the script's name and every setting that is not the default."""
    named = infotext.pairs(controls.panel(), controls.for_infotext(asked), controls.defaults())
    p.extra_generation_params = {**(p.extra_generation_params or {}), "Script": TITLE, **named}


def _sized(p: Any, recipe: Recipe, size: str, clip: Path) -> Recipe:
    """The recipe with the size that frames are painted in."""
    if size == EXACT:
        paint = {} if p.resize_mode in (1, 2) else {"width": int(p.width), "height": int(p.height)}
        return recipe.replaced("paint", **paint)
    if size != SHAPE or recipe["decode"].longest_side:
        return recipe
    with open_clip(clip, fps=frame_rate(recipe["decode"].folder_fps)) as opened:
        width, height = like(opened.info, int(p.width) * int(p.height))
    return recipe.replaced("decode", longest_side=max(width, height))


def like(info: ClipInfo, pixels: int) -> tuple[int, int]:
    """Width and height of the clip's shape with about so many pixels, in multiples of GRID."""
    scale = math.sqrt(pixels / (info.width * info.height))
    return tuple(max(GRID, round(side * scale / GRID) * GRID) for side in (info.width, info.height))  # type: ignore[return-value]


def _report(result: Result) -> list[str]:
    """What was made, for people."""
    where = f"Film: {result.film}" if result.film else f"Frames: {result.project}"
    said = [where, f"{result.frames} frames in {result.seconds:.0f} s"]
    if result.failed:
        listed = "; ".join(f"{index}: {problem}" for index, problem in sorted(result.failed.items())[:5])
        said.append(f"{len(result.failed)} frames are missing ({listed}); the film shows the frame before each. "
                    "Generate again to paint just those.")
    return said


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise write_failed(error, folder) from error


def _stopping() -> bool:
    from modules import shared

    return shared.state.interrupted or shared.state.stopping_generation


def _refuse_batch_tab() -> None:
    """img2img's Batch tab calls a script once per picture, which is no film."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_name == "process_batch" and frame.f_globals.get("__name__") == "modules.img2img":
            raise SettingsError("img2img's Batch tab calls a script once for every picture, which makes no film", where=TITLE,
                                remedy="Choose img2img's first tab, and give the folder of pictures as the script's clip.")
        frame = frame.f_back  # type: ignore[assignment]


def _refuse_shifted(p: Any) -> None:
    """script_args of the wrong length in an API call shift every other script's arguments."""
    inputs = getattr(p.scripts, "inputs", None)
    if inputs and p.script_args and len(p.script_args) != len(inputs):
        raise SettingsError("script_args has the wrong number of values", where=TITLE,
                            remedy=f"This script takes {len(controls.panel()) + 1}: see /sdapi/v1/script-info.")
