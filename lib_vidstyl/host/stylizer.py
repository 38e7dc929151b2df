"""The in-process stylizer: the model that the webui has loaded paints the frames, by the webui's own img2img."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from itertools import groupby
from typing import Any

import numpy as np
from PIL import Image as Pillow

from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import Cancelled, PaintError, Skipped
from lib_vidstyl.host.guard import BlackFrameGuard
from lib_vidstyl.host.hooks import Hook
from lib_vidstyl.host.identity import frame_identity, job_identity, plain
from lib_vidstyl.host.memory import OUT_OF_MEMORY, ran_out_of_memory, sweep
from lib_vidstyl.host.options import HeldOptions, can_hold
from lib_vidstyl.host.request import fitted, padded
from lib_vidstyl.store import Store
from lib_vidstyl.stylizers.base import Abilities, Task, Who

PRECISION = "precision"
MOST = 64
"""Frames per call at most, whatever the memory says."""


class WebuiStylizer:
    """A `Stylizer` over the webui's `process_images`.

    p: an img2img request (StableDiffusionProcessingImg2Img); it is copied for every batch of frames and stays as it is.
    hooks: who else takes part. free_size: the webui resizes every frame to p's own width and height, by p's resize mode;
    else a frame is painted at its own size, at the edges repeated to multiples of 8 and cut off again.

    `notices` are sentences for the user. `infotexts` maps the frames painted last to their infotext, with the request's own prompt.
    """

    def __init__(self, p: Any, *, hooks: Sequence[Hook] = (), free_size: bool = False) -> None:
        self.p, self.hooks, self.free_size = p, tuple(hooks), free_size
        self.notices: list[str] = []
        self.infotexts: dict[int, str] = {}
        self.guard = BlackFrameGuard(self.notices.append)
        self._most = MOST
        self._who: Who = {}
        self._job = ExitStack()

    @property
    def abilities(self) -> Abilities:
        """Masks are the webui's own inpainting; a batch where every hook allows it."""
        size = (int(self.p.width), int(self.p.height)) if self.free_size else None
        return Abilities(batch=self._most, masks=True, resizes=self.free_size, size=size)

    def who(self) -> Who:
        """Checkpoint, VAE, every parameter and option that decides pixels, other scripts' arguments, the hooks'."""
        return self._who

    @property
    def facts(self) -> Who:
        """How far the precision had to be raised, for the record."""
        return {PRECISION: self.guard.level} if self.guard.level else {}

    def recall(self, facts: Who) -> None:
        """Go on in the precision of frames that are there already."""
        level = facts.get(PRECISION)
        if isinstance(level, int):
            self.guard.begin_at(level)

    def fingerprint(self, task: Task) -> str:
        """The networks and embeddings that the frame's prompt names, and what the hooks add."""
        return frame_identity(self.p, task, [hook.fingerprint(task) for hook in self.hooks])

    def __enter__(self) -> WebuiStylizer:
        with ExitStack() as job:
            self._job_begins(job)
            self._job = job.pop_all()
        return self

    def __exit__(self, *exc: object) -> None:
        self._job.close()

    def paint(self, tasks: Sequence[Task]) -> list[Image]:
        """Paint the frames in as large batches as the memory holds. See `Stylizer` for what it raises."""
        images: list[Image] = []
        for chunk in self._chunks(tasks):
            images += self._painted(chunk)
        return images

    def keep_in(self, open_store: Callable[[str], Store]) -> None:
        """Tell the hooks where pictures may be kept between runs."""
        for hook in self.hooks:
            hook.keep_in(open_store)

    def made(self, task: Task, image: Image) -> None:
        """Tell the hooks of a frame's picture, painted now or before."""
        for hook in self.hooks:
            hook.made(task, image)

    def _job_begins(self, job: ExitStack) -> None:
        self.p = copy.copy(self.p)
        _complete(self.p)
        self._overrides = {} if can_hold() else dict(self.p.override_settings)
        held = dict(self.p.override_settings) if can_hold() else {}
        self._options = job.enter_context(HeldOptions(held, restore=self.p.override_settings_restore_afterwards))
        job.enter_context(self.guard.job(self.p, self._options))
        for hook in self.hooks:
            job.callback(hook.leave)
            hook.enter(self.p)
            self.notices += hook.notices
        more = {type(hook).__name__: dict(hook.who()) for hook in self.hooks}
        size = [self.p.width, self.p.height] if self.free_size else []
        self._who = {**job_identity(self.p, self._options.held, more), "size": size}
        if self._overrides:
            self._who["overrides"] = plain(self._overrides)
        reasons = [reason for hook in self.hooks if (reason := hook.alone())]
        if reasons:
            self._most = 1
            self.notices.append(f"The frames are painted one by one: {'; '.join(reasons)}.")

    def _chunks(self, tasks: Sequence[Task]) -> Iterator[list[Task]]:
        """Runs of at most `_most` frames that have one mask and one size: a call of the webui has one of each."""
        for _, same in groupby(tasks, key=lambda task: (task.image.shape, None if task.mask is None else task.mask.tobytes())):
            rest = list(same)
            while rest:
                size = self._most  # a chunk that ran out of memory has made it smaller
                yield rest[:size]
                rest = rest[size:]

    def _painted(self, tasks: list[Task]) -> list[Image]:
        """Paint a chunk, in halves from now on if the memory does not hold it."""
        try:
            return self.guard.watched(tasks, lambda: self._called(tasks))
        except Exception as error:
            if not ran_out_of_memory(error):
                raise
            sweep()
            if len(tasks) == 1:
                raise PaintError("the memory does not hold a single frame of this size", where=f"frame {tasks[0].index}",
                                 remedy=OUT_OF_MEMORY) from error
        self._most = (len(tasks) + 1) // 2
        self.notices.append(f"The memory does not hold {len(tasks)} frames at once; from here on they are painted "
                            f"{self._most} at a time.")
        return self.paint(tasks)

    def _called(self, tasks: Sequence[Task]) -> list[Image]:
        """One call of process_images. A picture that an interrupt has left half made is dropped."""
        from modules import processing, shared

        state = shared.state
        if state.interrupted or state.stopping_generation:
            raise _stopped()
        pc = self._copied(tasks)
        for hook in self.hooks:
            hook.before(pc, tasks)
        self.guard.before(pc)
        processed = processing.process_images(pc)
        if state.interrupted:
            raise _stopped()
        if state.skipped:
            state.skipped = False
            raise Skipped([task.index for task in tasks])
        images = self._images(processed, tasks)
        self.guard.check(tasks, images)
        for hook in self.hooks:
            hook.after(pc, tasks, images)
        return images

    def _copied(self, tasks: Sequence[Task]) -> Any:
        """A copy of the request for these frames; nothing that it changes is shared with the others."""
        pc = copy.copy(self.p)
        pc.n_iter, pc.batch_size = 1, len(tasks)
        pc.init_images = [Pillow.fromarray(image if self.free_size else padded(image)) for image in (t.image for t in tasks)]
        if not self.free_size:
            pc.width, pc.height = pc.init_images[0].size
        pc.prompt = _one_or_all([task.prompt for task in tasks])
        pc.negative_prompt = _one_or_all([task.negative_prompt for task in tasks])
        pc.seed = _one_or_each([task.seed for task in tasks])
        pc.subseed = _one_or_each([_subseed(self.p.subseed, task.seed) for task in tasks])
        pc.do_not_save_samples = pc.do_not_save_grid = True
        pc.extra_generation_params = dict(self.p.extra_generation_params)
        pc.override_settings = {**self._overrides, **self._options.drifted()}
        pc.override_settings_restore_afterwards = True
        pc.comments, pc.styles = {}, list(self.p.styles or ())
        pc.color_corrections = pc.overlay_images = pc.paste_to = pc.mask = pc.nmask = pc.mask_for_overlay = None
        self._mask(pc, tasks[0])
        return pc

    def _mask(self, pc: Any, task: Task) -> None:
        """The frame's mask or, without one, the mask that the user has drawn, for all frames."""
        if task.mask is not None:
            pc.image_mask = Pillow.fromarray(task.mask if self.free_size else padded(task.mask))
        elif pc.image_mask is not None:
            drawn = pc.image_mask.resize(task.image.shape[1::-1])
            pc.image_mask = drawn if self.free_size else Pillow.fromarray(padded(np.asarray(drawn)))

    def _images(self, processed: Any, tasks: Sequence[Task]) -> list[Image]:
        """The frames among the results; scripts append pictures of their own behind them."""
        first = processed.index_of_first_image
        found = processed.images[first:first + len(tasks)]
        if len(found) < len(tasks):
            if _stopping():
                raise _stopped()
            raise PaintError(f"the webui returned {len(found)} pictures for {len(tasks)} frames", where=f"frame {tasks[0].index}",
                             remedy="Look for an error of another script in the webui's console.")
        texts = zip(tasks, processed.infotexts[first:], strict=False)
        self.infotexts = {task.index: _asked(text, task.prompt, self.p.prompt) for task, text in texts}
        images = [np.asarray(picture.convert("RGB")) for picture in found]
        return images if self.free_size else [fitted(image, task.image) for image, task in zip(images, tasks, strict=True)]


def _complete(p: Any) -> None:
    """Let the webui put sampler and scheduler in order once; with every frame it would complain about them."""
    from modules import sd_samplers

    complete = getattr(sd_samplers, "fix_p_invalid_sampler_and_scheduler", None)
    if complete is not None:
        complete(p)


def _asked(infotext: str, painted: str, asked: str) -> str:
    """An infotext with the prompt that was asked for: pasted, the words of the frame's range would be added to it twice."""
    return infotext.replace(painted, asked, 1) if painted and infotext.startswith(painted) else infotext


def _one_or_all(texts: list[str]) -> str | list[str]:
    """A single text where all are the same, which every script understands."""
    return texts[0] if len(set(texts)) == 1 else texts


def _one_or_each(seeds: list[int]) -> int | list[int]:
    """A plain seed for a single frame: preprocessors that draw take no list."""
    return seeds[0] if len(seeds) == 1 else seeds


def _stopping() -> bool:
    from modules import shared

    return shared.state.interrupted or shared.state.stopping_generation


def _stopped() -> Cancelled:
    return Cancelled("stopped", remedy="What is done is kept: generate again with the same settings to go on.")


def _subseed(subseed: Any, seed: int) -> int:
    """The variation seed; one that is to be drawn follows from the frame's seed, so that the same seed gives the same film."""
    fixed = int(subseed) if subseed not in (None, "", -1) else -1
    return fixed if fixed >= 0 else (seed * 747796405 + 1) % 2**32
