"""What the webui is given back: a gallery of frames with their infotext, and where film and project are."""

from __future__ import annotations

import copy
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from PIL import Image as Pillow

from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import VidStylError


def processed(p: Any, pictures: Sequence[tuple[int, Image]], *, infotext: str, said: Sequence[str], facts: dict[str, str]) -> Any:
    """A `Processed` for the page and the API.

    pictures: (seed, picture) for the gallery. said: sentences shown below it. facts: name -> value, for programs, found in
    the answer's extra_generation_params only: a picture that leaves this machine does not tell its folders.
    """
    from modules import processing

    _make_place_for_pictures()
    images, infotexts = [], []
    for seed, picture in pictures:
        image = Pillow.fromarray(picture)
        text = with_seed(infotext, seed)
        image.info["parameters"] = text
        images.append(image)
        infotexts.append(text)
    count = max(len(images), 1)
    result = processing.Processed(p, images, seed=p.seed, info=infotext, infotexts=infotexts or [infotext],
                                  all_prompts=[p.prompt] * count, all_negative_prompts=[p.negative_prompt] * count,
                                  all_seeds=[seed for seed, _ in pictures] or [p.seed], all_subseeds=[0] * count)
    result.comments = "\n".join(said)
    result.extra_generation_params = {**p.extra_generation_params, **facts}
    return result


def refused(p: Any, error: Exception) -> Any:
    """What says an error below the gallery, where the webui itself would not."""
    said = str(error) if isinstance(error, VidStylError) else f"{type(error).__name__}: {error}"
    return processed(p, [], infotext="", said=[f"Error: {said}"], facts={})


def with_seed(infotext: str, seed: int) -> str:
    """The infotext with another seed."""
    return re.sub(r"\bSeed: \d+", f"Seed: {seed}", infotext, count=1)


def infotext_of(p: Any, seed: int) -> str:
    """The infotext of a request that was not sampled itself."""
    from modules import processing

    pc = copy.copy(p)
    pc.seed, pc.batch_size, pc.n_iter = seed, 1, 1
    pc.all_prompts, pc.all_negative_prompts = [pc.prompt], [pc.negative_prompt]
    pc.all_seeds, pc.all_subseeds = [seed], [0]
    pc.main_prompt, pc.main_negative_prompt = pc.prompt, pc.negative_prompt
    pc.extra_generation_params = {"Denoising strength": p.denoising_strength, **p.extra_generation_params}
    _name_model(pc)
    return processing.create_infotext(pc, pc.all_prompts, pc.all_seeds, pc.all_subseeds, index=0)


def _make_place_for_pictures() -> None:
    """The folder of pictures that are shown but not saved: Forge Neo makes it only when its setting is changed."""
    from modules import shared

    place = getattr(shared.opts, "temp_dir", None)
    if place:
        with suppress(OSError):  # the webui says what is wrong with it
            Path(place).mkdir(parents=True, exist_ok=True)


def _name_model(pc: Any) -> None:
    """What process_images notes about the model; it decides nothing here, so what a webui lacks is left out."""
    from modules import sd_vae, shared

    info = getattr(shared.sd_model, "sd_checkpoint_info", None)
    pc.sd_model_name = getattr(info, "name_for_extra", None)
    pc.sd_model_hash = getattr(shared.sd_model, "sd_model_hash", None)
    pc.sd_vae_name, pc.sd_vae_hash = sd_vae.get_loaded_vae_name(), sd_vae.get_loaded_vae_hash()
