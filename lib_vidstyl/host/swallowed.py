"""Errors that the webui prints and forgets: another script's, so that frames are made without it; and, in forks, our own."""

from __future__ import annotations

import sys
import threading
from typing import Any


class Swallowed:
    """Remembers what goes wrong in one script. A context manager.

    script: of the webui's; errors are told apart by the file name that the webui reports with them.
    """

    def __init__(self, script: Any) -> None:
        self.file = str(getattr(script, "filename", "") or "")
        self.errors: list[str] = []
        self._report: Any = None

    def __enter__(self) -> Swallowed:
        from modules import errors

        self._report = errors.report

        def report(message: str, *args: Any, **named: Any) -> Any:
            self._hear(str(message))
            return self._report(message, *args, **named)

        errors.report = report
        self._ours = report
        return self

    def __exit__(self, *exc: object) -> None:
        from modules import errors

        if errors.report is self._ours:
            errors.report = self._report

    def taken(self) -> str:
        """What has gone wrong since it was last asked, in a few words; "" if nothing."""
        said, self.errors = "; ".join(dict.fromkeys(self.errors)), []
        return said

    def _hear(self, message: str) -> None:
        if self.file and self.file in message:
            error = sys.exc_info()[1]
            self.errors.append(" ".join(f"{error or message}".split()) or type(error).__name__)


def unheard() -> bool:
    """Whether what is raised here does not reach the page: reForge's main thread prints it and hands nothing on.

    Forge and Forge Neo remember it (modules_forge/main_thread.py: last_exception) and show it as the webui does.
    """
    worker = sys.modules.get("modules_forge.main_thread")
    return worker is not None and not hasattr(worker, "last_exception") and threading.current_thread() is threading.main_thread()
