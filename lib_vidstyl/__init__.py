"""Video Stylize: footage in, drawn or painted film out.

    import lib_vidstyl
    result = lib_vidstyl.stylize("clip.mp4", "film.mp4", look="watercolour")
    print(result.film, result.complete)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lib_vidstyl.versions import __version__

if TYPE_CHECKING:
    from lib_vidstyl.front.python import deflicker, propagate, stylize

__all__ = ["__version__", "deflicker", "propagate", "stylize"]


def __getattr__(name: str) -> Any:
    """Load the calls only when they are used: a host imports this package at every start."""
    if name in __all__:
        from lib_vidstyl.front import python

        return getattr(python, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
