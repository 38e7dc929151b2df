"""The pictures of jobs, in memory."""

from __future__ import annotations

import threading


class Pictures:
    """JPEG pictures of jobs, in memory only: the latest preview (number -1) and what trials painted (0, 1, ...)."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, int], bytes] = {}
        self._versions: dict[str, int] = {}
        self._lock = threading.Lock()

    def put(self, job: str, number: int, data: bytes) -> None:
        """Keep one."""
        with self._lock:
            self._kept[job, number] = data
            self._versions[job] = self._versions.get(job, 0) + 1

    def get(self, job: str, number: int) -> bytes | None:
        """One of them, or None."""
        with self._lock:
            return self._kept.get((job, number))

    def version(self, job: str) -> int:
        """Changes with every new picture of a job; 0: there is none."""
        with self._lock:
            return self._versions.get(job, 0)

    def forget(self, job: str) -> None:
        """Drop those of a job."""
        with self._lock:
            self._versions.pop(job, None)
            self._kept = {key: data for key, data in self._kept.items() if key[0] != job}
