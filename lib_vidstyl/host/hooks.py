"""What others may do to the webui's request before a frame is sampled: control units, inverted noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from lib_vidstyl.clip.model import Image
from lib_vidstyl.store import Store
from lib_vidstyl.stylizers.base import Task, Who


class Hook:
    """Takes part in the painting of every frame; this base does nothing. A context manager, entered once per job.

    A job's calls: `enter(p)` after the job's options are set; then, for every batch, `before(pc, tasks)` with a fresh copy
    of the request that will be sampled, and `after(pc, tasks, images)` when it has gone well; `leave()` at the end, always.
    """

    notices: Sequence[str] = ()
    """Sentences for the user, after `enter`."""

    def keep_in(self, open_store: Callable[[str], Store]) -> None:
        """Where pictures may be kept between runs: a place by its name. Told once per run, where there is a project."""

    def made(self, task: Task, image: Image) -> None:
        """A frame's picture, now or in an earlier run. Told of every frame that is painted, in order."""

    def alone(self) -> str:
        """Why frames must be painted one by one, a clause for the user; "" if batches are fine. Asked after `enter`."""
        return ""

    def who(self) -> Who:
        """JSON-like facts that decide the pixels of all frames. Asked once per job, after `enter`."""
        return {}

    def fingerprint(self, task: Task) -> str:
        """What else decides this one frame's pixels; "" if nothing does."""
        return ""

    def enter(self, p: Any) -> None:
        """A job begins. p: the request that all frames are copied from; it may be read, and changed for the whole job."""

    def before(self, pc: Any, tasks: Sequence[Task]) -> None:
        """Change the copy of the request that paints these frames (`pc.sample`, `pc.script_args`, ...).

        `pc.init_images`, `pc.seed` and `pc.prompt` are set; lists and dictionaries shared with other copies are to be
        replaced, not changed in place. Raises PaintError where the frames cannot be painted.
        """

    def after(self, pc: Any, tasks: Sequence[Task], images: Sequence[Image]) -> None:
        """The frames are painted. Raises PaintError if the pictures must not be used after all."""

    def leave(self) -> None:
        """The job is over, in whatever way."""
