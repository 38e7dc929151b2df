"""Which versions take part: for logs and reports."""

from __future__ import annotations

import platform
from functools import lru_cache
from importlib import metadata

__version__ = "0.1.0"

_PACKAGES = ("av", "numpy", "opencv-python", "opencv-python-headless", "opencv-contrib-python", "Pillow", "scikit-image", "torch",
             "numba", "gradio")


@lru_cache(maxsize=1)
def versions() -> str:
    """One line: ours, Python's, the system's, and those of the packages that decide pixels, without importing them."""
    found = [f"video-stylize {__version__}", f"Python {platform.python_version()}", platform.system()]
    for name in _PACKAGES:
        try:
            found.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return ", ".join(found)
