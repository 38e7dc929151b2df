"""A run's progress in the webui's own bar, preview and console; its frames for the gallery."""

from __future__ import annotations

from PIL import Image as Pillow

from lib_vidstyl.clip.model import Image
from lib_vidstyl.front.show import NAMES
from lib_vidstyl.stages.base import Progress


class HostProgress:
    """Shows Progress values in `shared.state`, and keeps a few frames, spread over the film.

    The bar counts the frames of the stage that shows its pictures first: painting is what takes the time.
    """

    def __init__(self, frames: int) -> None:
        self.most = frames
        self.notices: list[str] = []
        self._shown: dict[str, dict[int, Image]] = {}
        self._stride: dict[str, int] = {}
        self._counted = ""

    def begin(self, total: int) -> None:
        """So many frames are to be painted."""
        from modules import shared

        shared.state.job_count = max(total, 1)
        shared.state.job_no = 0

    def show(self, progress: Progress) -> None:
        """Take one Progress value."""
        from modules import shared

        if progress.notice:
            self.notices.append(progress.notice)
            shared.state.textinfo = progress.notice
            return
        if progress.preview is not None:
            self._counted = self._counted or progress.stage
            self._keep(progress.stage, progress.frame, progress.preview)
            shared.state.assign_current_image(Pillow.fromarray(progress.preview))
        if not self._counted:
            self.begin(progress.of)  # before the first frame: process_images would else count itself only
        elif progress.stage == self._counted:
            shared.state.job_count, shared.state.job_no = max(progress.of, 1), progress.done
            shared.state.sampling_step = 0
        if progress.stage in (self._counted, "") or not self._counted or progress.done == progress.of:
            shared.state.textinfo = _sentence(progress)

    @property
    def gallery(self) -> list[tuple[int, Image]]:
        """(frame, picture) of the stage furthest down the line that shows its pictures, in order."""
        if not self._shown:
            return []
        frames = sorted(self._shown[list(self._shown)[-1]].items())
        step = max(1, -(-len(frames) // self.most))
        return frames[::step]

    def _keep(self, stage: str, frame: int, image: Image) -> None:
        """Keep every n-th picture; n doubles whenever there are twice as many as wanted."""
        kept, stride = self._shown.setdefault(stage, {}), self._stride.setdefault(stage, 1)
        if len(kept) and (frame - next(iter(kept))) % stride:
            return
        kept[frame] = image
        if len(kept) > 2 * self.most:
            first = next(iter(kept))
            self._stride[stage] = stride = 2 * stride
            self._shown[stage] = {number: picture for number, picture in kept.items() if (number - first) % stride == 0}


def _sentence(progress: Progress) -> str:
    left = "" if progress.eta is None else f", {_time(progress.eta)} left"
    return f"{NAMES.get(progress.stage, progress.stage).capitalize()}: {progress.done} of {progress.of} frames{left}"


def _time(seconds: float) -> str:
    minutes, seconds = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"
