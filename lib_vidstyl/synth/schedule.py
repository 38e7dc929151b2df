"""How much is searched at which size, and what counts how much: shared by all engines."""

from __future__ import annotations

from dataclasses import dataclass

SMALLEST = 24
"""The shorter side of the smallest level is at least this."""
SPARSE = 2
"""So many of the finest levels have a node at every second pixel only: quicker, and sharper."""
MOST = 80.0
"""Weights of all guides together, at most."""


@dataclass(frozen=True)
class Weights:
    """What counts how much in the distance of two patches, as in StyLit and EbSynth (Fiser et al., SIGGRAPH 2016).

    style: the styled picture as it is so far; image, edges, mask: guides; position: per squared pixel away from where the
    flow leads, in squared grey levels per patch; uniformity: for a part of the key that is used more often than is even.
    """

    style: float = 1.0
    image: float = 12.0
    edges: float = 3.0
    mask: float = 12.0
    position: float = 30.0
    uniformity: float = 3500.0

    def __post_init__(self) -> None:
        """Raises ValueError for weights whose sums would not fit into the kernels' 32 bits."""
        if not 0 < self.style + self.image + self.edges + self.mask <= MOST:
            raise ValueError(f"the weights of style, image, edges and mask must add up to more than 0 and at most {MOST}")


@dataclass(frozen=True)
class Level:
    """One size of the pyramid: a pixel is `factor` pixels of the key wide; a node at every `stride`-th pixel.

    votes: how often the picture is formed anew; passes: search passes after each; reach: first radius of the random search.
    """

    factor: int
    stride: int
    votes: int
    passes: int
    reach: int


def levels(height: int, width: int) -> list[Level]:
    """The pyramid for a picture of this size, smallest level first: rich search where it is cheap, little at the end."""
    factors = [1]
    while min(height, width) // (2 * factors[-1]) >= SMALLEST:
        factors.append(2 * factors[-1])
    return [_level(depth, factor, max(height, width) if factor == factors[-1] else 32 * factor)
            for depth, factor in reversed(list(enumerate(factors)))]


def _level(depth: int, factor: int, reach: int) -> Level:
    if depth < SPARSE:
        return Level(factor, stride=2, votes=2, passes=1 if depth == 0 else 2, reach=8)
    return Level(factor, stride=1, votes=3, passes=2, reach=reach // factor)
