"""How much disk and time a film will need, and what there is: a guess from one frame, at once. `front.estimate` measures."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from typing import Any

from lib_vidstyl.clip import resized, working_size
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.front.desk.clips import Card, Clips
from lib_vidstyl.project import SPARE_BYTES

PAINTED = 1.15
"""A painted frame takes about so many times the bytes of its source."""
FILM = 0.08
"""A film takes about so much of the bytes of its frames."""


@dataclass
class Space:
    """Knows what one frame of a clip takes."""

    clips: Clips
    _frames: dict[tuple[str, int, int], tuple[int, float]] = field(default_factory=dict)

    def needed(self, card: Card, frames: int, *, middle: int, side: int, kept: int, look: str = "") -> dict[str, Any]:
        """{"frames", "bytes", "seconds", "free", "short"}. side: the working size, 0 the clip's own. kept: so many stages
        keep every frame. look: whose painter works on every frame; seconds are null where nothing is known of it.
        """
        size, megapixels = self._frame(card, middle, side)
        wanted = int(frames * size * PAINTED * (kept + FILM))
        free = shutil.disk_usage(self.clips.folder.parent).free
        pace = self.clips.pace.get(look)
        return {"frames": frames, "bytes": wanted, "seconds": frames * megapixels * pace if pace else None, "free": free,
                "short": wanted + SPARE_BYTES > free}

    def _frame(self, card: Card, middle: int, side: int) -> tuple[int, float]:
        """Bytes as PNG and megapixels of a frame of the clip."""
        key = card.id, middle, side
        if key not in self._frames:
            picture = self.clips.picture(card, middle)
            if side:
                picture = resized(picture, working_size(*picture.shape[1::-1], longest_side=side))
            self._frames[key] = len(encode_png(picture)), picture.shape[0] * picture.shape[1] / 1e6
        return self._frames[key]
