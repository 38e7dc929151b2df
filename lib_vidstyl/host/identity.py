"""Who paints: everything in the webui that decides the pixels of a frame, as JSON-like facts."""

from __future__ import annotations

import dataclasses
import enum
import re
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from lib_vidstyl.hashes import digest
from lib_vidstyl.stylizers.base import Task, Who

_NETWORK = re.compile(r"<(\w+):([^:>]+)")
_DEEPEST = 6
"""Levels of nesting of another script's arguments that are looked into."""

_NOT_PIXELS = frozenset({
    "sd_model", "outpath_samples", "outpath_grids", "prompt", "prompt_for_display", "negative_prompt", "seed", "subseed",
    "batch_size", "n_iter", "do_not_save_samples", "do_not_save_grid", "do_not_reload_embeddings", "extra_generation_params",
    "override_settings", "override_settings_restore_afterwards", "init_images", "comments", "user", "is_api", "force_task_id",
    "width", "height", "mask", "sampler", "rng", "c", "uc", "iteration", "scripts_value", "script_args_value",
    "scripts_setup_complete"})


def job_identity(p: Any, options: Mapping[str, Any], hooks: Mapping[str, Who]) -> Who:
    """What decides all frames of a job: checkpoint, VAE, parameters, options, other scripts' arguments, hooks."""
    options = {key: plain(value) for key, value in options.items() if key not in ("sd_model_checkpoint", "sd_vae")}
    return {"painter": "webui", "checkpoint": checkpoint(), "vae": vae(), "parameters": _parameters(p), "options": options,
            "scripts": _scripts(p), "hooks": hooks}


def frame_identity(p: Any, task: Task, more: Sequence[str]) -> str:
    """What else decides one frame: the text of the styles, the networks and embeddings that its prompts name."""
    texts = _styled(p, task)
    facts = [fact for text in texts for fact in (*networks(text), *embeddings(text))]
    words = [*facts, *filter(None, more), *(texts if p.styles else ())]
    return digest(words) if words else ""


def plain(value: Any, depth: int = 0) -> Any:
    """Anything as JSON-like facts: pictures and arrays by their content, objects by their public attributes."""
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, enum.Enum):
        return plain(value.value, depth + 1)
    if hasattr(value, "tobytes"):
        picture = np.asarray(value)
        return digest(picture.shape, str(picture.dtype), np.ascontiguousarray(picture).tobytes())
    if depth >= _DEEPEST:
        return type(value).__name__
    if isinstance(value, Mapping):
        return {str(key): plain(entry, depth + 1) for key, entry in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        entries = [plain(entry, depth + 1) for entry in value]
        return sorted(entries, key=repr) if isinstance(value, (set, frozenset)) else entries
    if callable(value) or not hasattr(value, "__dict__"):
        return getattr(value, "__qualname__", type(value).__name__)
    return {key: plain(entry, depth + 1) for key, entry in vars(value).items() if not key.startswith("_")}


def checkpoint() -> Any:
    """[file name, hash] of the checkpoint that is loaded."""
    from modules import shared

    model = shared.sd_model
    info = getattr(model, "sd_checkpoint_info", None)
    sha = getattr(info, "sha256", None) or getattr(model, "sd_model_hash", None)
    return [Path(str(getattr(info, "name", ""))).name, sha or _stamp(getattr(info, "filename", None))]


def vae() -> Any:
    """[file name, hash] of the VAE that is loaded in place of the checkpoint's own, or None."""
    from modules import sd_vae

    file = getattr(sd_vae, "loaded_vae_file", None)
    if file is None:
        return None
    return [Path(file).name, sd_vae.get_loaded_vae_hash() or _stamp(file)]


def _parameters(p: Any) -> dict[str, Any]:
    """The request's own fields; what a run itself fills in is empty before it and does not matter."""
    found = {field.name: plain(getattr(p, field.name, None)) for field in dataclasses.fields(p) if field.name not in _NOT_PIXELS}
    if not p.subseed_strength:
        found.pop("subseed_strength", None)
    else:
        found["subseed"] = plain(p.subseed)
    return {name: value for name, value in found.items() if value is not None}


def _scripts(p: Any) -> dict[str, Any]:
    """The arguments of the scripts that always run. Those that only fill in the page's own fields show in these fields."""
    always = getattr(p.scripts, "alwayson_scripts", None) or ()
    arguments = p.script_args or ()
    return {str(script.title()): plain(list(arguments[script.args_from:script.args_to])) for script in always
            if not getattr(script, "setup_for_ui_only", False)}


def _styled(p: Any, task: Task) -> list[str]:
    from modules import shared

    if not p.styles:
        return [task.prompt, task.negative_prompt]
    return [shared.prompt_styles.apply_styles_to_prompt(task.prompt, p.styles),
            shared.prompt_styles.apply_negative_styles_to_prompt(task.negative_prompt, p.styles)]


def networks(text: str) -> list[Any]:
    """[kind, name, hash] of every network (LoRA, ...) that a prompt names."""
    return [[kind, name, _network(name)] for kind, name in _NETWORK.findall(text)]


def _network(name: str) -> Any:
    known = sys.modules.get("networks")  # the webui's built-in extension for LoRA has this name at top level
    for table in ("available_network_aliases", "available_networks"):
        found = getattr(known, table, {}).get(name)
        if found is not None:
            return getattr(found, "hash", None) or _stamp(getattr(found, "filename", None))
    return None


def embeddings(text: str) -> list[Any]:
    """[name, hash] of every textual inversion embedding that a prompt may name."""
    database = getattr(getattr(sys.modules.get("modules.sd_hijack"), "model_hijack", None), "embedding_db", None)
    known = getattr(database, "word_embeddings", {})
    text = text.lower()
    return [[name, str(getattr(found, "shorthash", None) or _stamp(getattr(found, "filename", None)))]
            for name, found in sorted(known.items()) if name.lower() in text]


def _stamp(file: Any) -> list[int] | None:
    """Size and time of a file whose hash the webui does not know."""
    try:
        facts = Path(str(file)).stat()
    except OSError:
        return None
    return [facts.st_size, facts.st_mtime_ns]
