"""Which engine this machine has."""

from __future__ import annotations

from collections.abc import Callable

from lib_vidstyl.compiling import CPU, available, check_device
from lib_vidstyl.synth.engine import Engine


def usual(device: str = CPU) -> Engine | None:
    """The engine for this machine's processor, or None without numba: then frames are made by flow alone. device: another one, as
    torch names it. Raises SettingsError if it is not there.
    """
    if device != CPU:
        check_device(device)
        from lib_vidstyl.synth.torch_engine import TorchEngine

        return TorchEngine(device)
    if not available():
        return None
    from lib_vidstyl.synth.numba_engine import NumbaEngine

    return NumbaEngine()


def warm_up(notice: Callable[[str], None]) -> None:
    """Make the usual engine ready; `notice` gets a sentence for the user if that takes long, or if there is none."""
    if not available():
        notice("Without numba, frames between keys are made by optical flow alone. Better: python -m pip install numba.")
        return
    from lib_vidstyl.synth import numba_engine

    numba_engine.warm_up(notice)
