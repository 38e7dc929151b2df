"""The webui's img2img request and our recipe: one read from the other; frames made to fit the model."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.model import Image
from lib_vidstyl.settings import Recipe

GRID = 8
"""A model paints in squares of so many pixels."""

FROM_IMG2IMG = {"prompt": "prompt", "negative_prompt": "negative_prompt", "sampler": "sampler_name", "scheduler": "scheduler",
                "steps": "steps", "cfg_scale": "cfg_scale", "denoising_strength": "denoising_strength", "seed": "seed"}
"""Paint setting -> where the user's own img2img has it."""


def recipe_of(p: Any, recipe: Recipe) -> Recipe:
    """The recipe painted by the webui, its paint settings taken from an img2img request."""
    kinds = {name: kind for name, kind, _, _ in recipe["paint"].described()}
    found = {name: getattr(p, there, None) for name, there in FROM_IMG2IMG.items()}
    taken = {name: kinds[name](value) for name, value in found.items() if value is not None}
    return recipe.replaced("paint", painter="webui", **taken)


def request_of(recipe: Recipe) -> Any:
    """An img2img request made from the paint settings alone, for ways in that have no img2img page."""
    from modules import processing, scripts, shared

    paint = recipe["paint"]
    taken = {there: getattr(paint, name) for name, there in FROM_IMG2IMG.items()}
    p = processing.StableDiffusionProcessingImg2Img(
        sd_model=shared.sd_model, outpath_samples=shared.opts.outdir_samples or shared.opts.outdir_img2img_samples,
        outpath_grids=shared.opts.outdir_grids or shared.opts.outdir_img2img_grids, init_images=[], do_not_save_samples=True,
        do_not_save_grid=True, **taken)
    p.is_api = True
    runner = scripts.scripts_img2img
    if runner is not None and runner.inputs:
        p.scripts = runner
        p.script_args = tuple(default_arguments(runner))
    return p


def default_arguments(runner: Any) -> list[Any]:
    """What every script's controls show at first: the arguments of a request that nobody has filled in."""
    arguments: list[Any] = [0, *[None] * (len(runner.inputs) - 1)]
    for script in runner.scripts:
        shown = getattr(script, "controls", None)
        if shown:
            arguments[script.args_from:script.args_to] = [getattr(control, "value", None) for control in shown]
    return arguments


def padded(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The picture or mask, (H, W) or (H, W, 3), with its last rows and columns repeated to multiples of GRID."""
    down, right = -image.shape[0] % GRID, -image.shape[1] % GRID
    if not (down or right):
        return image
    return np.pad(image, [(0, down), (0, right), *[(0, 0)] * (image.ndim - 2)], mode="edge")


def fitted(image: Image, frame: Image) -> Image:
    """The painted picture at the frame's size: cut where it was padded, resized where the webui chose another size."""
    height, width = frame.shape[:2]
    if image.shape == padded(frame).shape:
        return np.ascontiguousarray(image[:height, :width])
    return resized(image, (width, height))
