"""The command line's entry: parse, run the command, say in one line what went wrong."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from lib_vidstyl.errors import VidStylError
from lib_vidstyl.front.commands import add_commands
from lib_vidstyl.versions import __version__

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code.

    0: done. 1: failed. 2: wrong arguments or recipe. 3: the film has gaps. 130: stopped by the user.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    try:
        return options.command(options)
    except VidStylError as error:
        sys.stderr.write(f"vidstyl: {error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("vidstyl: stopped at once. What was finished is kept: run the same command again to go on.\n")
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    made = argparse.ArgumentParser(prog="vidstyl", description="Turn footage into drawn, painted or otherwise restyled film.")
    made.add_argument("--version", action="version", version=f"vidstyl {__version__}")
    add_commands(made)
    return made
