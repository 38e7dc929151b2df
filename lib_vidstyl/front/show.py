"""Progress for people at a terminal: one bar with frame rate and time left; plain lines where there is no terminal."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from tqdm import tqdm

from lib_vidstyl.stages.base import Progress

NAMES = {"decode": "reading", "analysis": "looking", "keyframes": "choosing", "paint": "painting", "propagate": "carrying on",
         "deflicker": "steadying", "encode": "film"}
QUIET_SECONDS = 10.0
"""Pause between plain lines."""


class Bar:
    """Shows the stage that is furthest down the line; notices are written above the bar. A context manager."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.lively = self.stream.isatty()
        self._order: list[str] = []
        self._bar: tqdm | None = None
        self._said = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._bar is not None:
            self._bar.close()

    def show(self, progress: Progress) -> None:
        """Take one Progress value."""
        if progress.notice:
            tqdm.write(f"Note: {progress.notice}", file=self.stream)
            return
        if progress.stage not in self._order:
            self._order.append(progress.stage)
        if progress.stage == self._order[-1]:
            self._advance(progress)

    def _advance(self, progress: Progress) -> None:
        name = NAMES.get(progress.stage, progress.stage)
        if not self.lively:
            self._say(name, progress)
            return
        if self._bar is None or self._bar.desc != f"{name}: ":
            if self._bar is not None:
                self._bar.close()
            self._bar = tqdm(total=progress.of, desc=name, unit=" frames", file=self.stream, dynamic_ncols=True)
        self._bar.total = progress.of
        self._bar.update(progress.done - self._bar.n)

    def _say(self, name: str, progress: Progress) -> None:
        now = time.monotonic()
        if now - self._said >= QUIET_SECONDS or progress.done == progress.of:
            self._said = now
            left = "" if progress.eta is None else f", {progress.eta:.0f} s left"
            self.stream.write(f"{name}: {progress.done} of {progress.of} frames, {progress.seconds:.0f} s{left}\n")
            self.stream.flush()
