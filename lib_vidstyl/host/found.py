"""What other extensions and forks have, looked for in the modules that are loaded."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any


def attribute(modules: Sequence[str], name: str) -> Any:
    """A name out of the first of these modules that is loaded and has it; None if there is none."""
    return next((found for module in modules if (found := getattr(sys.modules.get(module), name, None)) is not None), None)


def called(modules: Sequence[str], name: str, *arguments: Any) -> Any:
    """What the function of that name returns; None if there is none."""
    function = attribute(modules, name)
    return None if function is None else function(*arguments)
