"""Running out of memory, on a graphics card or without one."""

from __future__ import annotations

import gc

OUT_OF_MEMORY = "Choose a smaller size, close other programs that use the graphics card, or start the webui with --medvram."

_SAID = ("out of memory", "not enough memory", "can't allocate memory", "cannot allocate memory")


def ran_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, of whatever library, says that the memory is full."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    return isinstance(error, RuntimeError) and any(said in str(error).lower() for said in _SAID)


def sweep() -> None:
    """Give back what a failed call has left behind."""
    from modules import devices

    gc.collect()
    devices.torch_gc()
