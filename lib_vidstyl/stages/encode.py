"""Encode: the frames become a film, with the clip's sound."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lib_vidstyl.clip import resized
from lib_vidstyl.clip.alpha import over_black
from lib_vidstyl.clip.atomic import short
from lib_vidstyl.clip.film import Film, check_place, open_film
from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.clip.model import Image, Plane
from lib_vidstyl.clip.sound import Sound
from lib_vidstyl.errors import OutputError
from lib_vidstyl.hashes import digest, sha_of
from lib_vidstyl.project import Project
from lib_vidstyl.settings import Recipe, Settings, setting
from lib_vidstyl.stages.base import Frame, Job, Stage, Stream
from lib_vidstyl.versions import __version__

RECIPE_TAG = "vidstyl_recipe"
"""Name of the film's metadata entry that holds its recipe."""
BLACK = ("Painted pictures are transparent, but the film is not: they stand before black. The formats "
         f"{', '.join(name for name, kind in FORMATS.items() if kind.alpha)} show transparency, if the first frame has it.")


@dataclass(frozen=True)
class EncodeSettings(Settings):
    """What kind of film is written."""

    format: str = setting("", "Format", "The film's format; automatic: by the film's name, else mp4.", choices=("", *FORMATS),
                          flag="format", basic=True)
    name: str = setting("", "File name", "As in [date]/[clip]-[look]; [time] and [seed] are known too; empty: [clip]-[look].",
                        flag="name")
    quality: int = setting(80, "Quality", "0 smallest to 100 best; formats without loss ignore it.", minimum=0, maximum=100,
                           step=1, flag="quality")
    sound: bool = setting(True, "Sound", "Keep the clip's sound, cut to the chosen range.", flag="sound", basic=True)
    note_recipe: bool = setting(True, "Recipe in the film", "Store these settings, without local paths, in the film's metadata.",
                                flag="note-recipe")


def run(stream: Stream, settings: EncodeSettings, job: Job) -> Stream:
    """Write the frames to the job's film and pass them on.

    A frame that failed shows the picture before it; the film is then called NAME-incomplete. A folder of pictures is called
    so from the beginning, until all of them are there.
    """
    target = job.film
    if target is None:
        raise OutputError("no name was given for the film")
    check_place(target)
    folder = not FORMATS[settings.format or "mp4"].suffix
    for path in (target, incomplete(target)):
        if job.project:
            job.project.claim(path, folder=folder)
            job.project.tidy(path)
        elif path.exists():
            raise OutputError("there is something of that name already", where=path, remedy="Choose another name.")
    reel = Reel(settings, job, target)
    with reel:
        for item in stream:
            if isinstance(item, Frame):
                reel.add(item)
            yield item
    job.made = reel.path if reel.film else None
    for notice in reel.notices:
        yield from job.notice(notice)


def made_by(recipe: Recipe) -> str:
    """A digest of what the pictures of a film come from: every setting and every local file named, but not how it is stored."""
    return digest(Recipe({name: one for name, one in recipe.sections.items() if name != "encode"}, recipe.off).to_json())


def incomplete(film: Path) -> Path:
    """The name of a film with gaps."""
    return film.with_name(f"{short(film.stem, 200)}-incomplete{film.suffix}")


def _discard(project: Project, place: Path, *, keep: Collection[Path] = ()) -> None:
    """Remove what is left of an earlier film, a file or the pictures in a folder, as far as it is ours."""
    for path in list(place.iterdir()) if place.is_dir() else [place]:
        if path not in keep:
            project.discard(path)
    if place.is_dir():
        with suppress(OSError):  # it holds something
            place.rmdir()


class Reel:
    """The film being written: opened at the first frame, which decides its size; renamed into place at the end."""

    def __init__(self, settings: EncodeSettings, job: Job, target: Path) -> None:
        self.settings, self.job, self.path = settings, job, target
        self.film: Film | None = None
        self.notices: list[str] = []
        self._held: tuple[Image, Plane | None] | None = None
        self._size = (0, 0)

    def __enter__(self) -> Reel:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        if self.film is None:
            return
        if kind is None:
            self._close()
        else:
            self.film.abort()

    def add(self, frame: Frame) -> None:
        """Write a frame; for one that failed, the picture before it (at the beginning: the source)."""
        picture = frame.picture
        image, alpha = self._held or (picture.image, None) if frame.image is None else (frame.image, frame.alpha)
        film = self.film or self._open(frame, image)
        if (image.shape[1], image.shape[0]) != self._size:
            image = resized(image, self._size)
        self._held = image, alpha
        image, alpha = self._seen(image, picture.alpha if alpha is None else alpha, own=alpha is not None)
        film.write(image, time=picture.time - self._began, duration=picture.duration, index=frame.index, alpha=alpha)

    def _seen(self, image: Image, alpha: Plane | None, *, own: bool) -> tuple[Image, Plane | None]:
        """The picture and its alpha as the film can show them: without transparency, a cut-out stands before black."""
        if alpha is None or not (own or self._transparent):
            return image, None
        alpha = resized(alpha, self._size)
        if self._transparent:
            return image, alpha
        if BLACK not in self.notices:
            self.notices.append(BLACK)
        return over_black(image, alpha), None

    def _open(self, frame: Frame, image: Image) -> Film:
        job, settings = self.job, self.settings
        kind = FORMATS[settings.format or "mp4"]
        self._began, self._size = frame.picture.time, (image.shape[1], image.shape[0])
        self._transparent = kind.alpha and (job.clip.info.alpha or frame.alpha is not None)
        metadata = {RECIPE_TAG: job.recipe.to_json(paths=False), "vidstyl_version": __version__}
        sounds = job.clip.info.sounds if settings.sound else ()
        sound = Sound(job.clip.info.path, start=self._began, offset=sounds[0].start) if sounds else None
        place = self.path if kind.suffix else incomplete(self.path)
        self.film = open_film(place, format=kind.name, size=self._size, fps=job.fps, quality=settings.quality, sound=sound,
                              metadata=metadata if settings.note_recipe else {}, alpha=self._transparent, begin=self._begin,
                              record=self._record)
        return self.film

    def _close(self) -> None:
        film, job = self.film, self.job
        if film is None:
            return
        unmarked, marked = self.path, incomplete(self.path)
        self.path = film.path = marked if job.failed else unmarked
        film.close()
        if job.project:  # pictures of an earlier film, of other frames, are no part of this one
            _discard(job.project, self.path, keep=film.files)
        if job.project and not job.failed:
            _discard(job.project, marked)
        self.notices += film.notices

    def _begin(self, unfinished: Path) -> None:
        if self.job.project:
            self.job.project.begin(unfinished)

    def _record(self, path: Path, unfinished: Path) -> None:
        if self.job.project:
            self.job.project.claim(path)  # somebody may have put a file there in the meantime
            self.job.project.record(path, sha_of(unfinished), made_by=made_by(self.job.recipe))


STAGE = Stage("encode", EncodeSettings, run)
