"""State and options, as modules.shared has them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from PIL import Image


class State:
    """shared_state.py:13-66."""

    def __init__(self) -> None:
        self.begin()

    def begin(self, job: str = "") -> None:
        self.job, self.job_no, self.job_count, self.textinfo = job, 0, -1, None  # job_count -1: shared_state.py:110
        self.skipped = self.interrupted = self.stopping_generation = False
        self.sampling_step = self.sampling_steps = 0
        self.time_start, self.job_timestamp = 0.0, "20240101000000"
        self.previews: list[Image.Image] = []

    def end(self) -> None:
        self.job, self.job_count = "", 0

    def nextjob(self) -> None:
        self.job_no += 1
        self.sampling_step = 0

    def assign_current_image(self, image: Image.Image) -> None:
        self.previews.append(image)


class Options:
    """options.py:85-190."""

    def __init__(self, labels: dict[str, SimpleNamespace]) -> None:
        self.__dict__["data_labels"] = labels
        self.__dict__["data"] = {key: info.default for key, info in labels.items()}

    def __getattr__(self, key: str) -> Any:
        if key in self.data:
            return self.data[key]
        if key in self.data_labels:
            return self.data_labels[key].default
        raise AttributeError(key)

    def __setattr__(self, key: str, value: Any) -> None:
        self.data[key] = value

    def set(self, key: str, value: Any, is_api: bool = False, run_callbacks: bool = True) -> bool:
        if self.data.get(key) == value:
            return False
        self.data[key] = value
        return True

    def get_default(self, key: str) -> Any:
        return self.data_labels[key].default if key in self.data_labels else None

    def add_option(self, key: str, info: Any) -> None:
        self.data_labels[key] = info
        self.data.setdefault(key, info.default)


def option(default: Any, infotext: str | None = None) -> SimpleNamespace:
    return SimpleNamespace(default=default, infotext=infotext, onchange=None)
