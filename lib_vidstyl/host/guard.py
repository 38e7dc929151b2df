"""The black-frame guard: no frame of numbers that are none, or of nothing but black, reaches the film.

Half precision overflows in some models; what comes out is black or torn. The webui looks at one element of each tensor,
and at none with --disable-nan-check; here whole tensors and whole pictures are looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import PaintingHopeless
from lib_vidstyl.host.memory import ran_out_of_memory, sweep
from lib_vidstyl.host.options import HeldOptions
from lib_vidstyl.host.precision import STEPS, Precision
from lib_vidstyl.stylizers.base import Task

BLACK_SOURCE = 16
"""A source whose brightest sample is darker than this may come out black: a fade's end, leader film."""


class NotFinite(Exception):
    """A tensor of the model holds numbers that are none; the text says which tensor."""


class BlackFrameGuard:
    """Watches every call of the webui during a job, raises the precision where needed, and tells about it.

    tell: takes a sentence for the user. Raises PaintingHopeless, naming the frame and the launch flags to add, where no
    precision helps.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self.tell = tell
        self._precision: Precision | None = None

    @contextmanager
    def job(self, p: Any, options: HeldOptions) -> Iterator[None]:
        """Stand guard during a job; the host's precision is as before when it ends."""
        from modules import processing

        decode = getattr(processing, "decode_latent_batch", None)
        self._precision = Precision(p, options)
        if decode is not None:
            processing.decode_latent_batch = _finite_result(decode, "the decoded picture")
        try:
            yield
        finally:
            if decode is not None:
                processing.decode_latent_batch = decode
            self._precision.restore()

    @property
    def level(self) -> int:
        """How far the precision is raised; 0 at the beginning."""
        return self._precision.level if self._precision else 0

    def begin_at(self, level: int) -> None:
        """Raise the precision as far as an earlier run of the same film had to, so that this run's frames are that one's."""
        while said := self._next_level(level):
            self.tell(f"Frames of this film came out black before: from here on {said}.")

    def before(self, pc: Any) -> None:
        """Look at what the sampler is given and what it returns, whole. pc: the copy that is about to be sampled."""
        sample = pc.sample

        def watched(*arguments: Any, **named: Any) -> Any:
            _finite(getattr(pc, "init_latent", None), "the encoded frame")
            return _finite(sample(*arguments, **named), "the sampled latent")

        pc.sample = watched

    def check(self, tasks: Sequence[Task], images: Sequence[Image]) -> None:
        """Raise NotFinite for a picture that is black where its source is not."""
        for task, image in zip(tasks, images, strict=True):
            if not image.any() and task.image.max() >= BLACK_SOURCE:
                raise NotFinite(f"the picture of frame {task.index}")

    def watched(self, tasks: Sequence[Task], call: Callable[[], list[Image]]) -> list[Image]:
        """Make a call; where its result is no picture, raise the precision for the rest of the job and make it again."""
        while True:
            try:
                return call()
            except Exception as error:
                if not _not_finite(error):
                    raise
                self._raise_precision(tasks, error)

    def _raise_precision(self, tasks: Sequence[Task], error: Exception) -> None:
        level = self._next_level()
        if level is None:
            raise PaintingHopeless("it comes out black, in the highest precision that can be had here too", where=_named(tasks),
                                   remedy=_remedy(self._precision.flags if self._precision else ())) from error
        self.tell(f"{_named(tasks).capitalize()} came out black ({_which(error)}): from here on {level}.")

    def _next_level(self, most: int = STEPS) -> str | None:
        if self._precision is None:
            return None
        try:
            return self._precision.raised(most)
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            sweep()
            return None


def _named(tasks: Sequence[Task]) -> str:
    return f"frame {tasks[0].index}" if len(tasks) == 1 else f"one of frames {tasks[0].index}-{tasks[-1].index}"


def _which(error: Exception) -> str:
    return f"{error} is not finite" if isinstance(error, NotFinite) else "the webui reports NaNs"


def _remedy(flags: Sequence[str]) -> str:
    elsewhere = "the checkpoint, the VAE or a LoRA may be damaged or not fit together, or another extension blanks pictures"
    if not flags:
        return f"{elsewhere[0].upper()}{elsewhere[1:]}. What is done is kept."
    return f"Start the webui with {' '.join(flags)} and generate again. If that does not help, {elsewhere}. What is done is kept."


def _not_finite(error: Exception) -> bool:
    from modules import devices

    return isinstance(error, (NotFinite, getattr(devices, "NansException", NotFinite)))


def _finite_result(function: Callable[..., Any], what: str) -> Callable[..., Any]:
    def watched(*arguments: Any, **named: Any) -> Any:
        return _finite(function(*arguments, **named), what)

    return watched


def _finite(value: Any, what: str) -> Any:
    """The value, if every number of it is one. value: a tensor, an array, a list of them, or None."""
    parts = value if isinstance(value, (list, tuple)) else [value]
    for part in parts:
        if hasattr(part, "isfinite") and not bool(part.isfinite().all()):
            raise NotFinite(what)
        if isinstance(part, np.ndarray) and not np.isfinite(part).all():
            raise NotFinite(what)
    return value
