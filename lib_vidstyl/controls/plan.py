"""What the sources of all units together ask of the painting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lib_vidstyl.controls.feeds import SOURCES, Feed, File


@dataclass(frozen=True)
class Plan:
    """How frames are to be painted.

    alone: why not in batches, a clause for the user; "" if batches are fine. in_order: whether each frame needs the one
    before it to be finished. flow: whether motion between frames is needed.
    """

    alone: str = ""
    in_order: bool = False
    flow: bool = False


def plan(feeds: Sequence[Feed]) -> Plan:
    """How frames are to be painted.

    A batch has one picture per unit for all its frames: only fixed pictures, the same for all frames, allow one.
    """
    back = [feed for feed in feeds if SOURCES[feed.source].looks_back]
    changing = [feed for feed in feeds if not _fixed(feed)]
    reason = ""
    if back:
        reason = f"control unit {back[0].unit} takes {SOURCES[back[0].source].says}"
    elif changing:
        reason = f"control unit {changing[0].unit} takes another picture for every frame"
    return Plan(reason, bool(back), any(feed.source == "warped" for feed in feeds))


def _fixed(feed: Feed) -> bool:
    return feed.source == "own" or (feed.source == "picture" and all(file == File(file.path) for file in feed.files))
