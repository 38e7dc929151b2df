"""What each command of the command line is told, besides the settings."""

from __future__ import annotations

import argparse
from pathlib import Path

Parser = argparse.ArgumentParser
KEYS_HELP = "Paint keyframes only and carry them on: 'auto', 'every:30', frame numbers as in 0,45,90, or a folder of painted keys."


def stylize(one: Parser) -> None:
    """Of `vidstyl stylize`."""
    one.add_argument("clip", type=Path, metavar="CLIP", help="A video, a folder of pictures, or an animated picture.")
    one.add_argument("-o", "--out", type=Path, metavar="FILM", help="The film's name; its suffix chooses the format. "
                     "Default: CLIP-stylized.mp4 in the current folder.")
    one.add_argument("--project", type=Path, metavar="FOLDER",
                     help="Where frames, recipe and log are kept. Default: beside the film.")
    one.add_argument("--recipe", type=Path, metavar="FILE", help="Start from the settings of a recipe, a project or a film.")
    one.add_argument("--dry-run", action="store_true", help="Only say how many frames, how much disk and how long.")
    one.add_argument("--keys", metavar="KEYS", help=KEYS_HELP)


def propagate(one: Parser) -> None:
    """Of `vidstyl propagate`."""
    one.add_argument("clip", type=Path, metavar="CLIP")
    one.add_argument("--keys", metavar="KEYS", required=True, help=KEYS_HELP)
    _film(one)


def deflicker(one: Parser) -> None:
    """Of `vidstyl deflicker`."""
    one.add_argument("clip", type=Path, metavar="STYLED", help="A stylised film: a video or a folder of pictures.")
    _film(one)


def ebsynth(one: Parser) -> None:
    """Of `vidstyl ebsynth`."""
    one.add_argument("clip", type=Path, metavar="CLIP")
    one.add_argument("--keys", metavar="FOLDER", required=True, help="The painted keys, named by frame number.")
    one.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER", help="An empty or new folder.")


def keys(one: Parser) -> None:
    """Of `vidstyl keys`."""
    one.add_argument("place", type=Path, metavar="CLIP|PROJECT")
    one.add_argument("--keys", metavar="KEYS", default="auto", help=KEYS_HELP)
    one.add_argument("-o", "--out", type=Path, metavar="PLACE", help="Of a clip: a folder to write the keys' pictures into, to be "
                     "painted elsewhere. Of a project: the picture of its weak frames; default: weak.jpg in it.")


def info(one: Parser) -> None:
    """Of `vidstyl info`."""
    one.add_argument("clip", type=Path, metavar="CLIP")
    one.add_argument("--json", action="store_true", help="For programs.")


def demo(one: Parser) -> None:
    """Of `vidstyl demo`."""
    one.add_argument("clip", type=Path, nargs="?", metavar="CLIP", help="A clip to use instead of the moving photograph.")
    one.add_argument("--keys", metavar="KEYS", default="every:16", help=f"{KEYS_HELP} Default: every:16.")
    one.add_argument("-o", "--out", type=Path, default=Path("vidstyl-demo"), metavar="FOLDER", help="Default: vidstyl-demo.")


def project(one: Parser) -> None:
    """Of commands that look at a project."""
    one.add_argument("project", type=Path, metavar="FOLDER")


def report(one: Parser) -> None:
    """Of `vidstyl report`."""
    one.add_argument("place", type=Path, metavar="FILM|PROJECT", help="A finished film, or its project's folder.")
    one.add_argument("--clip", type=Path, metavar="CLIP", help="The clip that the film was made from; default: the one of the "
                     "project's name beside it.")
    one.add_argument("--guide", type=Path, metavar="SOURCE", help="Of a film that was steadied: the clip that shows the motion, if "
                     "the project's own is the film before it was steadied.")


def recipe(one: Parser) -> None:
    """Of `vidstyl recipe`."""
    one.add_argument("source", type=Path, nargs="?", metavar="FILE", help="A recipe, a project folder or a film.")


def ui(one: Parser) -> None:
    """Of `vidstyl ui`."""
    one.add_argument("-o", "--out", type=Path, default=Path("vidstyl-films"), metavar="FOLDER",
                     help="Where films, uploads and the queue are kept. Default: vidstyl-films.")
    one.add_argument("--allow", type=Path, action="append", default=[], metavar="FOLDER",
                     help="A folder from which the page may take clips by path; may be repeated. Default: the current folder.")
    one.add_argument("--webui", action="append", default=[], metavar="URL",
                     help="A webui that runs with --api and may paint; may be repeated.")
    one.add_argument("--port", type=int, default=7870, metavar="N", help="Default: 7870.")
    one.add_argument("--browser", action=argparse.BooleanOptionalAction, default=True, help="Open the browser.")


def _film(one: Parser) -> None:
    one.add_argument("-o", "--out", type=Path, metavar="FILM")
    one.add_argument("--project", type=Path, metavar="FOLDER")
