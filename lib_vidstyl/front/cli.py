"""The command line's entry: parse, run the command, say in one line what went wrong."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from lib_vidstyl.errors import VidStylError
from lib_vidstyl.front import arguments, commands
from lib_vidstyl.front.fields import add_flags
from lib_vidstyl.front.session import kinds
from lib_vidstyl.versions import __version__

INTERRUPTED = 130
COMMANDS = (
    (commands.stylize, arguments.stylize, True),
    (commands.propagate, arguments.propagate, True),
    (commands.deflicker, arguments.deflicker, True),
    (commands.ebsynth, arguments.ebsynth, True),
    (commands.keys, arguments.keys, True),
    (commands.demo, arguments.demo, True),
    (commands.recipe, arguments.recipe, True),
    (commands.info, arguments.info, False),
    (commands.verify, arguments.project, False),
    (commands.report, arguments.report, False),
    (commands.ui, arguments.ui, False),
)
"""Every command: what it does, what it is told, and whether it takes the settings too."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code.

    0: done. 1: failed. 2: wrong arguments or recipe. 3: the film has gaps. 130: stopped by the user.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = parser().parse_args(arguments)
    try:
        code: int = options.command(options)
        sys.stdout.flush()
        return code
    except VidStylError as error:
        sys.stderr.write(f"vidstyl: {error}\n")
        return error.exit_code
    except BrokenPipeError:  # whoever read our output has seen enough, as `vidstyl recipe | head` has
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        sys.stderr.write("vidstyl: stopped at once. What was finished is kept: run the same command again to go on.\n")
        return INTERRUPTED


def parser() -> argparse.ArgumentParser:
    """The parser of all commands."""
    made = argparse.ArgumentParser(prog="vidstyl", description="Turn footage into drawn, painted or otherwise restyled film.")
    made.add_argument("--version", action="version", version=f"vidstyl {__version__}")
    listed = made.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for function, told, settings in COMMANDS:
        words = function.__doc__ or ""
        one = listed.add_parser(function.__name__, help=words, description=words)
        one.set_defaults(command=function)
        told(one)
        if settings:
            add_flags(one, kinds())
            one.add_argument("--on", action="append", default=[], metavar="STAGE", help="Switch a stage on; may be repeated.")
            one.add_argument("--off", action="append", default=[], metavar="STAGE", help="Leave a stage out; may be repeated.")
    return made
