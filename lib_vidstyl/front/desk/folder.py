"""Show a folder on the screen of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

PATIENCE = 3.0
"""Seconds within which a system without a desktop has said so."""


def show(folder: Path) -> bool:
    """Open the system's own window on it; whether there is such a thing."""
    try:
        if sys.platform == "win32":
            os.startfile(folder)
        else:
            opener = subprocess.Popen(["open" if sys.platform == "darwin" else "xdg-open", str(folder)], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            with suppress(subprocess.TimeoutExpired):  # it may stay open as long as its window
                return opener.wait(PATIENCE) == 0
    except OSError:
        return False
    return True
