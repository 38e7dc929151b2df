"""Show a folder on the screen of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lib_vidstyl.errors import OutputError


def show(folder: Path) -> None:
    """Open the system's own window on it. Raises OutputError where there is none."""
    try:
        if sys.platform == "win32":
            os.startfile(folder)
        else:
            subprocess.Popen(["open" if sys.platform == "darwin" else "xdg-open", str(folder)], stdin=subprocess.DEVNULL,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except OSError as error:
        raise OutputError("this machine shows no folders", remedy="Open the folder of films by hand.") from error
