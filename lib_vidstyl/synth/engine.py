"""What an engine does: votes and searches on one level of one frame. The schedule around it is the same for all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow
from lib_vidstyl.synth.field import Field
from lib_vidstyl.synth.guides import RADIUS, Image, Planes
from lib_vidstyl.synth.key import KeyLevel
from lib_vidstyl.synth.schedule import Weights


@dataclass
class Work:
    """One level of one frame, as the engines get it.

    key: the key there. target: the frame's planes. field: see `Field`. want: (h, w, 2) float32 places that the flow gives;
    pull: (h, w) float32 cost of a squared pixel away from there. active: (h, w) uint8, nodes to be searched. previous:
    (H, W, 3) uint8, the frame made before, moved to this one; it makes up `previous_share` of the style channels.
    """

    key: KeyLevel
    target: Planes
    field: Field
    want: Flow
    pull: NDArray[np.float32]
    active: NDArray[np.uint8]
    weights: Weights
    style_scale: float
    previous: Image | None = None
    previous_share: float = 0.0


@dataclass(frozen=True)
class Outcome:
    """picture: (H, W, 3) uint8 as voted; cover: (H, W) uint8 alpha or None; field; cost: (h, w) float32 patch distances."""

    picture: Image
    cover: Image | None
    field: Field
    cost: NDArray[np.float32]


class Session(Protocol):
    """The state of one level within an engine."""

    def vote(self) -> None:
        """Form the picture from the field, and put it into the target's style channels."""

    def search(self, passes: int, seed: int) -> None:
        """Improve the field at active nodes; `seed` makes the chance of it."""

    def outcome(self) -> Outcome:
        """Form the picture a last time and hand everything out."""


class Engine(Protocol):
    """A way of computing patch synthesis."""

    name: str

    def begin(self, work: Work) -> Session:
        """Start on one level."""


def with_previous(work: Work) -> None:
    """Mix the previous frame into the style channels of the target, in place."""
    if work.previous is not None:
        style = work.target[RADIUS:-RADIUS, RADIUS:-RADIUS, :3]
        style[:] = np.rint((1 - work.previous_share) * style + work.previous_share * work.style_scale * work.previous)
