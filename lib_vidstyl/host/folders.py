"""Where clips may come from and films go to, inside the webui."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.errors import VidStylError
from lib_vidstyl.front.incoming import upload_folder
from lib_vidstyl.front.places import PlaceError, Places
from lib_vidstyl.front.session import read_recipe, same_files
from lib_vidstyl.host.settings_page import page_settings
from lib_vidstyl.project import SUFFIX, belongs
from lib_vidstyl.settings import Recipe


def output_root(p: Any = None) -> Path:
    """The webui's img2img output folder."""
    from modules import shared

    named = getattr(p, "outpath_samples", None) or shared.opts.outdir_samples or shared.opts.outdir_img2img_samples
    return Path(named).resolve()


def open_places() -> Places:
    """Folders that paths from the page and the API may lead into: outputs, uploads, what the owner has opened."""
    lines = [line.strip() for line in page_settings().folders.splitlines() if line.strip()]
    return Places([output_root(), upload_folder(), *lines])


def checked_path(text: str) -> Path:
    """The path that a user has typed. Raises PlaceError outside of the open folders, or where paths are hidden."""
    from modules import shared

    if getattr(shared.cmd_opts, "hide_ui_dir_config", False):
        raise PlaceError("paths are switched off here by --hide-ui-dir-config", remedy="Upload the clip instead.")
    return open_places().path(text)


def output_folder(p: Any) -> Path:
    """Where this run's film goes: the output folder and, where the webui keeps such, the subfolder for today."""
    from modules import shared

    root = output_root(p)
    if not shared.opts.save_to_dirs:
        return root
    inside = (root / _subfolder(p, shared.opts)).resolve()
    return inside if root in inside.parents else root


def place_film(p: Any, clip: Path, recipe: Recipe, *, project: Path | None = None, resume: bool = True) -> tuple[Path, Path]:
    """(film, project folder) of a run: the project that is named, an earlier one to go on with, or new names.

    No film is ever replaced by one with other settings, unless its project was named.
    """
    suffix = FORMATS[recipe["encode"].format or "mp4"].suffix
    if project is None and resume:
        project = next(_earlier(output_root(p), clip, recipe, suffix), None)
    if project is None:
        project = _new(output_folder(p) / f"{clip.stem}-stylized", suffix)
    return _film(project, suffix), project


def _film(project: Path, suffix: str) -> Path:
    """The film beside its project; a film of single pictures is a folder."""
    return project.with_name(f"{project.name.removesuffix(SUFFIX)}{suffix or '-frames'}")


def _new(stem: Path, suffix: str) -> Path:
    number, name = 1, stem.name
    while (project := stem.with_name(f"{name}{SUFFIX}")).exists() or _film(project, suffix).exists():
        number += 1
        name = f"{stem.name}-{number}"
    return project


def _earlier(root: Path, clip: Path, recipe: Recipe, suffix: str) -> Iterator[Path]:
    """Projects of this clip with these settings, latest first."""
    found = [path for pattern in (f"*{SUFFIX}/recipe.json", f"*/*{SUFFIX}/recipe.json") for path in root.glob(pattern)]
    for path in sorted(found, key=lambda each: each.stat().st_mtime, reverse=True):
        folder = path.parent
        done = _film(folder, suffix).exists()
        with suppress(VidStylError, OSError):
            if _same(read_recipe(folder), recipe, drawn=not done) and same_files(folder, recipe) and belongs(folder, clip):
                yield folder


def _same(theirs: Recipe, ours: Recipe, *, drawn: bool) -> bool:
    """Whether both paint the same frames. drawn: their seed may be the one that was drawn for our -1."""
    seed = theirs["paint"].seed if drawn and ours["paint"].seed == -1 else ours["paint"].seed
    ours = ours.replaced("paint", seed=seed).replaced("encode", format=theirs["encode"].format, quality=theirs["encode"].quality,
                                                      sound=theirs["encode"].sound)
    return theirs.to_json(paths=False) == ours.to_json(paths=False)


def _subfolder(p: Any, opts: Any) -> str:
    """The webui's own pattern for subfolders. A name that depends on a picture has none here, and stays out."""
    from modules import images
    from PIL import Image

    pattern = opts.directories_filename_pattern or "[date]"
    picture = Image.new("RGB", (max(int(p.width), 1), max(int(p.height), 1)))
    try:
        name = images.FilenameGenerator(p, p.seed, p.prompt, picture).apply(pattern)
    except (AttributeError, KeyError, TypeError, ValueError, IndexError):
        return "Video Stylize"
    return str(name).lstrip(" ").rstrip("\\ /")
