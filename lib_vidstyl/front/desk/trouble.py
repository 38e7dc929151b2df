"""A report on what went wrong, to be handed to others: no folder of this machine, no name of its user, no password."""

from __future__ import annotations

import getpass
import json
import re
from pathlib import Path

from lib_vidstyl.front.desk.job import Job
from lib_vidstyl.versions import versions

LINES = 40
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_SECRET = re.compile(r"(?i)\b(authorization|bearer|basic|token|password|passwd|api[-_]?key|secret)\b(\W{1,4})"
                     r"(?:(?:bearer|basic) )?[^\s,;\"']+")
_TOKEN = re.compile(r"\b(?:hf_|sk-|ghp_|glpat-)[A-Za-z0-9_-]{8,}")
_PATH = re.compile(r"(?:[A-Za-z]:[\\/]|(?<![\w:/.])/)(?:[^\s\\/:*?\"'<>|]+[\\/])+")


def report(folder: Path, job: Job | None, said: str = "") -> str:
    """Versions, what was said, the job's state and settings, the end of its log. folder: the desk's."""
    parts = [versions(), said]
    if job:
        parts += [f"{job.kind}: {job.state}, {job.frames} frames, {job.ended - job.started if job.ended else 0:.0f} s", job.problem]
        parts += [f"frame {frame}: {why}" for frame, why in list(job.failed.items())[:10]] + job.notices
        parts += ["", "Settings:", _settings(job), "", "Log:", _log(folder, job)]
    return without_secrets("\n".join(part for part in parts if part is not None), folder)


def without_secrets(text: str, folder: Path) -> str:
    """The text without folders, the user's name, passwords and tokens."""
    for named in (folder, Path.home()):
        text = text.replace(str(named), "~")
    text = _PATH.sub("~/", _TOKEN.sub("***", _CREDENTIALS.sub("***@", text)))
    text = _SECRET.sub(r"\1\2***", text)
    user = _user()
    return re.sub(rf"(?<!\w){re.escape(user)}(?!\w)", "USER", text) if len(user) > 2 else text


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # no name at all, as in some containers
        return ""


def _settings(job: Job) -> str:
    """What the job's recipe says; local paths and remote addresses stay out."""
    from lib_vidstyl.front.session import kinds

    try:
        recipe = json.loads(job.recipe)
        known = {name: {field: facts for field, _, _, facts in kind.described()} for name, kind in kinds().items()}
        shown = {name: {key: value for key, value in values.items() if key in known.get(name, {}) and not known[name][key].path
                        and not known[name][key].private} for name, values in recipe["sections"].items()}
    except (ValueError, KeyError, AttributeError, TypeError):
        return "unreadable"
    return json.dumps({"off": recipe.get("off"), **shown}, ensure_ascii=False)


def _log(folder: Path, job: Job) -> str:
    path = folder / job.project / "run.log"
    if not job.project or not path.is_file():
        return "none"
    try:
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-LINES:])
    except OSError:
        return "unreadable"
