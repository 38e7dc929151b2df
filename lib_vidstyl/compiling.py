"""Inner loops compiled by numba, where it is installed: one rule for all rooms."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from functools import lru_cache
from typing import Any


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
