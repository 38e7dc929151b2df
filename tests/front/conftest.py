import threading
import time
from fractions import Fraction

import pytest

from lib_vidstyl.clip.film import open_film
from lib_vidstyl.front.desk.desk import Desk
from lib_vidstyl.front.desk.job import ENDED
from lib_vidstyl.front.places import Places
from tests.drawn import moving
from tests.fakes import Fake


class Gated(Fake):
    """Paints a frame each time that `step` is released; all at once where `free` is set."""

    def __init__(self, **options):
        super().__init__(**options)
        self.step, self.free = threading.Semaphore(0), threading.Event()
        self.begun = threading.Event()

    def paint(self, tasks):
        self.begun.set()
        while not self.free.is_set():
            if self.step.acquire(timeout=0.02):
                break
        return super().paint(tasks)


class Bench:
    """A desk with a gated painter and a drawn clip in its folder."""

    def __init__(self, folder, **options):
        self.folder, self.painter = folder, Gated()
        self.options = {"painter": lambda recipe: self.painter, **options}
        folder.mkdir(exist_ok=True)
        self.clip = folder / "clip.mkv"
        if not self.clip.exists():
            with open_film(self.clip, format="ffv1", size=(64, 48), fps=Fraction(10)) as film:
                for index, image in enumerate(moving(12, 48, 64)):
                    film.write(image, time=Fraction(index, 10), duration=Fraction(1, 10), index=index)
        self.desk = self.opened()

    def opened(self):
        return Desk(self.folder / "desk", Places([self.folder]), **self.options)

    def card(self):
        return self.desk.clips.add(str(self.clip))

    def ended(self, job, seconds=30):
        """The job's status once it has ended."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            status = self.desk.status(job.id)
            if status["state"] in ENDED:
                return status
            time.sleep(0.01)
        raise AssertionError(f"the job is still {status['state']}")

    def close(self):
        self.painter.free.set()
        self.desk.close()


@pytest.fixture
def bench(tmp_path):
    made = Bench(tmp_path / "bench")
    yield made
    made.close()
