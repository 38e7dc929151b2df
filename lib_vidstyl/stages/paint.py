"""Paint: the stylizer paints every frame; what is painted already is taken from the store."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.alpha import joined, split
from lib_vidstyl.clip.model import Image
from lib_vidstyl.errors import Cancelled, NobodyThere, PaintError, PaintingHopeless, ProjectError, SettingsError, Skipped
from lib_vidstyl.hashes import digest
from lib_vidstyl.settings import Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Progress, Stage, Stream
from lib_vidstyl.stages.batches import grouped
from lib_vidstyl.stages.masks import ALPHA, MaskSource, within
from lib_vidstyl.stages.ranges import Range, at, ranges, whole_numbers
from lib_vidstyl.store import Store
from lib_vidstyl.stylizers.base import Task

TRIES = 3
"""Times that one frame is tried before it is given up, and frames given up in a row before the run stops."""
Painting = Generator[Progress, None, list[Image | None]]
"""Yields what is to be said in the meantime; its return value are the pictures, None for a frame that cannot be painted."""


@dataclass(frozen=True)
class PaintSettings(Settings):
    """What any painter needs to know. Painters without a model read the seed and the mask only."""

    painter: str = setting("paint", "Painter", "Who paints: 'paint' needs no model, 'files' takes frames painted elsewhere, "
                           "'webui' is the model that the Stable Diffusion webui has loaded.", choices=("paint", "files", "webui"),
                           flag="painter", basic=True)
    prompt: str = setting("", "Prompt", "What the frames should show.", lines=True, flag="prompt", basic=True)
    negative_prompt: str = setting("", "Negative prompt", "What they should not show.", lines=True, flag="negative-prompt")
    prompts: str = setting("", "Prompts per range", "One line per range of frames, added to the prompt: '0-89: in the rain'. "
                           "Open ends are allowed: '90-: sunshine'.", lines=True, flag="prompts")
    sampler: str = setting("Euler", "Sampler", "The model's sampling method, as the webui calls it.", flag="sampler")
    scheduler: str = setting("Automatic", "Scheduler", "The model's noise schedule, as the webui calls it.", flag="scheduler")
    steps: int = setting(20, "Steps", "Sampling steps.", minimum=1, maximum=1000, flag="steps")
    cfg_scale: float = setting(7.0, "CFG scale", "How closely the prompt is followed.", minimum=0.0, maximum=100.0, step=0.5,
                               flag="cfg-scale")
    denoising_strength: float = setting(0.5, "Denoising strength", "How much of each frame is repainted: 0 nothing, 1 everything.",
                                        minimum=0.0, maximum=1.0, step=0.01, flag="denoising-strength")
    seed: int = setting(1, "Seed", "Decides all chance; the same seed gives the same film. -1: drawn once and noted.",
                        minimum=-1, maximum=2**32 - 1, step=1, flag="seed", basic=True)
    seed_rule: str = setting("fixed", "Seed rule", "'fixed': one seed for all frames; 'each': one more for every frame; 'list': "
                             "taken in turn from the list of seeds.", choices=("fixed", "each", "list"), flag="seed-rule")
    seeds: str = setting("", "List of seeds", "Whole numbers separated by commas, for the seed rule 'list'.", flag="seeds")
    seed_ranges: str = setting("", "Seeds per range", "Another seed for some frames, which are then painted again: '40-43: 102'; "
                               "one line per range.", lines=True, flag="seed-ranges")
    width: int = setting(0, "Width", "Frames are painted this wide; 0: the working size.", minimum=0, maximum=16384, step=8,
                         flag="width")
    height: int = setting(0, "Height", "Frames are painted this high; 0: the working size.", minimum=0, maximum=16384, step=8,
                          flag="height")
    mask: str = setting("", "Mask", "Where to paint: a picture, a video or a folder (white = paint), or 'alpha' for the clip's own "
                        "transparency; empty: everywhere.", path=True, flag="mask")
    batch: int = setting(1, "Frames per batch", "Frames painted at once, where the painter can.", minimum=1, maximum=64,
                         flag="batch")
    keep_frames: bool = setting(True, "Keep painted frames", "Store every painted frame, so that a stopped run can go on. Without, "
                                "the run is faster and starts over.", flag="keep-frames")

    def _placed(self, name: str, value: str, change: Callable[[str], str]) -> str:
        return value if value == ALPHA else change(value)


def run(stream: Stream, settings: PaintSettings, job: Job) -> Stream:
    """Paint the frames that are to be painted, in batches on a fixed grid; the others pass without a picture.

    A batch of which any frame is missing is painted whole, so that a resumed run's batches are an unbroken run's. A
    frame that fails is tried again alone, then listed in `job.failed`; TRIES of them in a row raise PaintError.
    """
    abilities = job.stylizer.abilities
    size = max(abilities.least, min(settings.batch, abilities.batch))
    with job.store("frames", keep=settings.keep_frames, alpha=True) as store, MaskSource(settings.mask) as masks, _own_stores(job):
        easel = Easel(settings, job, store, masks)
        for item in grouped(stream, size):
            if isinstance(item, list):
                yield from easel.painted(item)
                yield from easel.news()
            else:
                yield item


@contextmanager
def _own_stores(job: Job) -> Iterator[None]:
    """Let the stylizer keep pictures of its own beside the frames, and ask whether the run is to stop, if it wants to."""
    with ExitStack() as opened:
        watch = getattr(job.stylizer, "watch", None)
        if watch:
            watch(job.stop)
        keep_in = getattr(job.stylizer, "keep_in", None)
        if keep_in:
            keep_in(lambda name: opened.enter_context(job.store(name)))
        yield


class Easel:
    """Paints one batch after the other and remembers how many frames failed in a row."""

    def __init__(self, settings: PaintSettings, job: Job, store: Store, masks: MaskSource) -> None:
        self.settings, self.job, self.store, self.masks = settings, job, store, masks
        self.prompts = ranges(settings.prompts)
        self.seeds = whole_numbers(settings.seeds)
        if settings.seed_rule == "list" and not self.seeds:
            raise PaintError("the seed rule is 'list', but there is no list of seeds", remedy="Give seeds, as in 12, 7, 99.")
        self.seed_ranges = _seeds(settings.seed_ranges)
        self.failed_in_a_row = 0
        self.tries: dict[int, int] = {}

    def painted(self, frames: Sequence[Frame]) -> Stream:
        """The batch with its painted pictures, from the store or fresh."""
        tasks = [self.task(frame) for frame in frames]
        origins = [self.origin(frame, task) for frame, task in zip(frames, tasks, strict=True)]
        stored = [self.store.get(frame.index, *origin) for frame, origin in zip(frames, origins, strict=True)]
        missing = any(image is None for image in stored)
        self._recall(frame.index for frame, image in zip(frames, stored, strict=True) if image is not None)
        began = time.monotonic()
        fresh = (yield from self.fresh(tasks)) if missing else stored
        seconds = (time.monotonic() - began) / len(tasks)
        for frame, task, origin, kept, made in zip(frames, tasks, origins, stored, fresh, strict=True):
            if kept is None:
                self._keep(frame.index, made, origin, seconds)
            self.job.check()
            picture = made if kept is None else (yield from self._fitted(frame.index, kept, task))
            yield self._done(frame, task, picture)

    def _fitted(self, index: int, picture: Image, task: Task) -> Generator[Progress, None, Image]:
        """A kept picture; one that somebody has put there at another size at that of the painter's own, as far as that is known."""
        abilities = self.job.stylizer.abilities
        size = abilities.size or (None if abilities.resizes else task.image.shape[1::-1])
        if index not in self.store.by_hand or size in (None, picture.shape[1::-1]):
            return picture
        yield from self.job.notice("Frames were put there by hand in another size than the film's: they are brought to "
                                   f"{size[0]}x{size[1]} pixels.")
        image, alpha = split(picture)
        return joined(resized(image, size), None if alpha is None else resized(alpha, size))

    def _done(self, frame: Frame, task: Task, picture: Image | None) -> Frame:
        if picture is None:
            return replace(frame, image=None, problem=self.job.failed[frame.index])
        image, alpha = split(picture)
        self._tell(task, image)
        return replace(frame, image=image, alpha=alpha, problem="")

    def _recall(self, indices: Iterable[int]) -> None:
        """Tell the stylizer what it has put on record with frames that are there already."""
        recall = getattr(self.job.stylizer, "recall", None)
        if recall:
            for index in indices:
                recall(self.store.facts(index))

    def _tell(self, task: Task, image: Image) -> None:
        made = getattr(self.job.stylizer, "made", None)
        if made:
            made(task, image)

    def news(self) -> Iterator[Progress]:
        """What the stylizer has to tell the user, once each."""
        for sentence in tuple(getattr(self.job.stylizer, "notices", ())):
            yield from self.job.notice(sentence)

    def task(self, frame: Frame) -> Task:
        """What the stylizer is told about a frame."""
        image, settings = frame.image, self.settings
        if image is None:
            raise PaintError(f"frame {frame.index} has no picture to paint")
        size = (settings.width or image.shape[1], settings.height or image.shape[0])
        image = image if image.shape[1::-1] == size else resized(image, size)
        prompt = ", ".join(filter(None, (settings.prompt, at(self.prompts, frame.index))))
        return Task(frame.index, image, self.seed(frame.index), prompt, settings.negative_prompt,
                    self.masks.plane(frame.picture, size))

    def seed(self, index: int) -> int:
        """The seed of a frame, by its range or the seed rule."""
        own = at(self.seed_ranges, index)
        if own:
            return int(own)
        if self.settings.seed_rule == "list":
            return self.seeds[index % len(self.seeds)]
        return (self.settings.seed + (index if self.settings.seed_rule == "each" else 0)) % 2**32

    def origin(self, frame: Frame, task: Task) -> tuple[str, str]:
        """(hash of the input, hash of all that decides how it is painted), or empty where nothing is stored."""
        if not self.store.keeps:
            return "", ""
        planes = [task.image.data] if task.mask is None else [task.image.data, task.mask.data]
        words = [task.seed, task.prompt, task.negative_prompt]
        stylizer = self.job.stylizer
        return (digest(task.image.shape, *planes), digest(dict(stylizer.who()), stylizer.fingerprint(task), words))

    def fresh(self, tasks: Sequence[Task]) -> Painting:
        """Paint a batch; where that fails, every frame alone. None for a frame that cannot be painted."""
        if len(tasks) > 1:
            try:
                images = yield from self._paint(tasks)
            except (Cancelled, ProjectError, PaintingHopeless):
                raise
            except Skipped as skipped:
                return (yield from self._without(tasks, skipped))
            except Exception as error:  # noqa: BLE001 - a stylizer may raise anything; the frames are tried alone
                self.job.log(f"frames {tasks[0].index}-{tasks[-1].index} failed as a batch, trying one by one: {error}")
            else:
                self.failed_in_a_row = 0
                return images
        alone: list[Image | None] = []
        for task in tasks:
            alone += yield from self._alone(task)
        return alone

    def _without(self, tasks: Sequence[Task], skipped: Skipped) -> Painting:
        """The batch painted without the frames that the user skipped; these are not tried again."""
        for task in tasks:
            if task.index in skipped.frames:
                self.job.failed[task.index] = str(skipped)
        others = [task for task in tasks if task.index not in skipped.frames]
        painted = dict(zip((task.index for task in others), (yield from self.fresh(others)), strict=True))
        return [painted.get(task.index) for task in tasks]

    def _alone(self, task: Task) -> Painting:
        for attempt in range(1, TRIES + 1):
            self.job.check()
            self.tries[task.index] = attempt
            try:
                images = yield from self._paint([task])
            except (Cancelled, PaintingHopeless):
                raise
            except Skipped as skipped:
                self.job.failed[task.index] = str(skipped)
                return [None]
            except Exception as error:  # noqa: BLE001 - a stylizer may raise anything; the frame is listed
                problem = str(error) or type(error).__name__
                self.job.log(f"frame {task.index}, try {attempt} of {TRIES}: {problem}")
            else:
                self.failed_in_a_row = 0
                return images
        self.job.failed[task.index] = problem
        self.failed_in_a_row += 1
        return [None]

    def _asked(self, tasks: Sequence[Task]) -> Generator[Progress, None, list[Image]]:
        """What the stylizer paints. While nobody is there to paint, that is said, and it is asked again."""
        while True:
            try:
                return self.job.stylizer.paint(tasks)
            except NobodyThere:
                yield from self.news()
            self.job.check()

    def _paint(self, tasks: Sequence[Task]) -> Painting:
        images = yield from self._asked(tasks)
        abilities = self.job.stylizer.abilities
        if len(images) != len(tasks):
            raise PaintError(f"the painter returned {len(images)} pictures for {len(tasks)} frames")
        for task, image in zip(tasks, images, strict=True):
            _check_picture(task, image, resizes=abilities.resizes)
        if abilities.masks:
            return list(images)
        return [image if task.mask is None else within(task.mask, image, task.image)
                for task, image in zip(tasks, images, strict=True)]

    def _keep(self, index: int, image: Image | None, origin: tuple[str, str], seconds: float) -> None:
        inputs, settings = origin
        if image is not None:
            tries = self.tries.pop(index, 1)
            facts = {**getattr(self.job.stylizer, "facts", {}), **({"tries": tries} if tries > 1 else {})}
            self.store.put(index, image, inputs=inputs, settings=settings, seconds=seconds, **facts)
            return
        self.store.failed(index, self.job.failed[index], inputs=inputs, settings=settings)
        if self.failed_in_a_row >= TRIES:
            raise PaintError(f"{TRIES} frames in a row could not be painted (the last: {self.job.failed[index]})",
                             where=f"frame {index}", remedy="What is done is kept. Mend the cause, then run again to go on.")


def _seeds(text: str) -> list[Range]:
    """Seeds per range of frames. Raises SettingsError for what is no seed."""
    found = ranges(text, where="seeds per range")
    for entry in found:
        if not re.fullmatch(r"\d{1,10}", entry.text) or int(entry.text) >= 2**32:
            raise SettingsError(f"'{entry.text[:40]}' is no seed", where="seeds per range", remedy="Write lines as in 40-43: 102.")
    return found


def _check_picture(task: Task, image: Image, *, resizes: bool) -> None:
    if not isinstance(image, np.ndarray) or image.dtype != np.uint8 or image.ndim != 3 or image.shape[2] not in (3, 4):
        raise PaintError("the painter returned something that is no (H, W, 3 or 4) uint8 picture", where=f"frame {task.index}")
    if not resizes and image.shape[:2] != task.image.shape[:2]:
        raise PaintError(f"the painter returned {image.shape[1]}x{image.shape[0]} pixels for "
                         f"{task.image.shape[1]}x{task.image.shape[0]}", where=f"frame {task.index}")


STAGE = Stage("paint", PaintSettings, run, shows=True)
