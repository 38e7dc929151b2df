"""The webui's upscalers, for the upscale stage."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image as Pillow

from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import Cancelled, PaintError
from lib_vidstyl.hashes import digest
from lib_vidstyl.host.memory import OUT_OF_MEMORY, ran_out_of_memory, sweep
from lib_vidstyl.upscalers import Upscaler


class HostUpscaler:
    """One of `shared.sd_upscalers` (modules/upscaler.py, UpscalerData). Implements `Upscaler`."""

    costly = True

    def __init__(self, data: Any) -> None:
        self.data, self.name = data, str(data.name)
        self.version = _version(data)

    def enlarged(self, image: Image, size: tuple[int, int]) -> Image:
        """The picture at least as large as wanted, as the webui's Extras tab would make it."""
        from modules import shared

        height, width = image.shape[:2]
        # the webui cuts sizes to multiples of 8: a little more is asked for, and what is too much is taken away afterwards
        scale = max((math.ceil(size[0] / 8) * 8) / width, (math.ceil(size[1] / 8) * 8) / height, 1.0)
        try:
            made = self.data.scaler.upscale(Pillow.fromarray(image), scale, self.data.data_path)
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            sweep()
            raise PaintError(f"the memory does not suffice to enlarge a frame to {size[0]}x{size[1]}", where=self.name,
                             remedy=f"{OUT_OF_MEMORY} Or choose the upscaler Lanczos.") from error
        if shared.state.interrupted:
            raise Cancelled("stopped", remedy="What is done is kept: generate again with the same settings to go on.")
        return np.asarray(made.convert("RGB"))


def host_upscalers() -> Mapping[str, Upscaler]:
    """Those that the webui lists, by name."""
    from modules import shared

    found = [HostUpscaler(data) for data in getattr(shared, "sd_upscalers", ()) if data.name not in ("None", "Lanczos")]
    return {upscaler.name: upscaler for upscaler in found}


def _version(data: Any) -> str:
    """Changes with the upscaler's model file."""
    try:
        facts = Path(str(data.data_path)).stat()
    except (OSError, ValueError):
        return ""
    return digest(facts.st_size, facts.st_mtime_ns)
