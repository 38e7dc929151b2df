"""What inner loops run on: numba, where it is installed, or a device of torch's. One rule for all rooms."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from lib_vidstyl.errors import SettingsError

CPU = "cpu"
DEVICES = (CPU, "cuda", "mps")
"""Where pictures can be calculated; "cuda" is AMD's ROCm as well."""


@lru_cache(maxsize=1)
def available() -> bool:
    """Whether loops can be compiled here."""
    return bool(importlib.util.find_spec("numba") and importlib.util.find_spec("llvmlite"))


def compiled(**options: Any) -> Callable[[Any], Any]:
    """A decorator: compile at first use, without the GIL, and keep the result on disk; without a writable place for it,
    compile in every process. options: numba's, as fastmath.
    """
    from numba import njit

    def decorate(function: Any) -> Any:
        try:
            return njit(nogil=True, cache=True, **options)(function)
        except RuntimeError:
            return njit(nogil=True, **options)(function)

    return decorate


def check_device(device: str) -> None:
    """Raise SettingsError unless torch is installed and can calculate there."""
    try:
        import torch

        torch.zeros(1, device=device)
    except (ImportError, RuntimeError, AssertionError) as error:  # torch built without CUDA asserts
        raise SettingsError(f"nothing can be calculated on '{device}' here", remedy="Choose 'cpu', or install torch for your "
                            "graphics card.") from error
