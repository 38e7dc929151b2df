"""How much disk a film will need, and how much there is: a guess from one frame, at once. `front.estimate` measures."""

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
    _sizes: dict[tuple[str, int, int], int] = field(default_factory=dict)

    def needed(self, card: Card, frames: int, *, middle: int, side: int, kept: int) -> dict[str, Any]:
        """{"frames", "bytes", "free", "short"}. side: the working size, 0 the clip's own. kept: so many stages
        keep every frame.
        """
        key = card.id, middle, side
        if key not in self._sizes:
            picture = self.clips.picture(card, middle)
            if side:
                picture = resized(picture, working_size(*picture.shape[1::-1], longest_side=side))
            self._sizes[key] = len(encode_png(picture))
        wanted = int(frames * self._sizes[key] * PAINTED * (kept + FILM))
        free = shutil.disk_usage(self.clips.folder.parent).free
        return {"frames": frames, "bytes": wanted, "free": free, "short": wanted + SPARE_BYTES > free}
