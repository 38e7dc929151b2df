"""Opens clips that are given by name on standard input, and says of each how it went: one line, `NAME<TAB>outcome`."""

from __future__ import annotations

import sys
from itertools import islice
from pathlib import Path

from lib_vidstyl.clip import open_clip
from lib_vidstyl.errors import VidStylError


def outcome(name: str) -> str:
    """ "ok N" frames read, "refused: ..." in one line of ours, or "BROKEN: ..." for anything else."""
    try:
        with open_clip(name) as clip:
            return f"ok {sum(1 for _ in islice(clip.pictures(), 40))}"
    except VidStylError as error:
        return f"refused: {error}" if "\n" not in str(error) else f"BROKEN: several lines: {error}"
    except BaseException as error:  # noqa: BLE001 - the very thing that is looked for
        return f"BROKEN: {type(error).__name__}: {error}"


if __name__ == "__main__":
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (4 << 30,) * 2)
    except ImportError:
        pass
    for line in sys.stdin:
        name = line.rstrip("\n")
        sys.stdout.write(f"{Path(name).name}\t{outcome(name)}\n".replace("\r", " "))
        sys.stdout.flush()
