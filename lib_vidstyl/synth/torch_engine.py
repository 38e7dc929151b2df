"""Patch synthesis by torch, for graphics processors: the same levels, votes and data as on the processor.

All nodes are worked on at once: instead of a scan, nodes take over what neighbours at growing distance found (jump flood,
Rong and Tan 2006), then search at random, as the compiled loops do.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from lib_vidstyl.synth.engine import Outcome, Work
from lib_vidstyl.synth.guides import RADIUS, UNIT

CELL = 4
"""Side of the square of key pixels whose use is counted together."""
BATCH = 1 << 18
"""So many nodes are compared at once: bounds memory."""
JUMPS = (1, 2, 4)


class TorchEngine:
    """The engine for CUDA, ROCm and MPS; it runs on the processor too, slowly. device: as torch names it."""

    name = "torch"

    def __init__(self, device: str = "cpu") -> None:
        self.device = torch.device(device)

    def begin(self, work: Work) -> TorchSession:
        """Start on one level."""
        return TorchSession(work, self.device)


class TorchSession:
    """One level of one frame."""

    def __init__(self, work: Work, device: torch.device) -> None:
        def sent(array: np.ndarray, kind: torch.dtype) -> Tensor:
            return torch.from_numpy(np.ascontiguousarray(array)).to(device=device, dtype=kind)

        self.work, self.stride, self.size = work, work.key.level.stride, work.key.size
        self.key, self.target = sent(work.key.planes, torch.float32), sent(work.target, torch.float32)
        self.colours = sent(work.key.colours[..., :3], torch.float32)
        self.field, self.want = sent(work.field, torch.int64), sent(work.want, torch.float32)
        self.pull, self.active = sent(work.pull, torch.float32).flatten(), sent(work.active, torch.bool).flatten()
        rows, columns = torch.meshgrid(*(torch.arange(n, device=device) for n in self.field.shape[:2]), indexing="ij")
        self.nodes = torch.stack([columns, rows], -1)
        self.cost = torch.zeros(rows.numel(), device=device)
        self.picture = torch.zeros((*self.size, 3), device=device)

    def vote(self) -> None:
        """Form the picture from the field, and put it into the target's style channels."""
        self.picture = self._voted(self.colours).round()
        style = self.picture * self.work.style_scale
        if self.work.previous is not None:
            before = torch.from_numpy(self.work.previous[..., :3]).to(style) * self.work.style_scale
            style = (1 - self.work.previous_share) * style + self.work.previous_share * before
        inside = [torch.arange(-RADIUS, n + RADIUS, device=style.device).clamp(0, n - 1) for n in self.size]
        self.target[..., :3] = style.round()[inside[0][:, None], inside[1]]

    def search(self, passes: int, seed: int) -> None:
        """Improve the field at active nodes."""
        chosen = self.active.nonzero()[:, 0]
        at = self.nodes.view(-1, 2)[chosen]
        self.cost[chosen] = self._distance(at * self.stride, self.field.view(-1, 2)[chosen])
        chance = torch.Generator().manual_seed(seed)
        for _ in range(passes):
            for jump in JUMPS:
                for step in ((jump, 0), (-jump, 0), (0, jump), (0, -jump)):
                    self._try(chosen, self._from_neighbour(at, step))
            self._try(chosen, self.want.view(-1, 2)[chosen].round().long())
            reach = self.work.key.level.reach
            while reach >= 1:
                away = torch.randint(-reach, reach + 1, (len(chosen), 2), generator=chance).to(at.device)
                self._try(chosen, self.field.view(-1, 2)[chosen] + away)
                reach //= 2

    def outcome(self) -> Outcome:
        """Form the picture a last time and hand everything out."""
        self.vote()
        cover = None
        if self.work.key.cover is not None:
            alpha = torch.from_numpy(self.work.key.cover[..., :1].copy()).to(self.picture)
            cover = self._voted(alpha).round().byte()[..., 0].cpu().numpy()
        return Outcome(self.picture.byte().cpu().numpy(), cover, self.field.to(torch.int16).cpu().numpy(),
                       self.cost.view(self.field.shape[:2]).cpu().numpy())

    def _from_neighbour(self, at: Tensor, step: tuple[int, int]) -> Tensor:
        """Where the node `step` away would send each node at `at`."""
        shift = torch.tensor(step, device=at.device)
        limit = torch.tensor(self.field.shape[1::-1], device=at.device) - 1
        other = torch.minimum((at + shift).clamp(min=0), limit)
        return self.field[other[:, 1], other[:, 0]] + (at - other) * self.stride

    def _try(self, chosen: Tensor, place: Tensor) -> None:
        """Take a place over wherever it is better than the one a node has."""
        limit = torch.tensor(self.size[::-1], device=place.device) - 1
        place = torch.minimum(place.clamp(min=0), limit)
        field, use = self.field.view(-1, 2), self._use()
        now = field[chosen]
        old_extra, extra = self._extra(chosen, now, use), self._extra(chosen, place, use)
        maybe = ((place != now).any(-1) & (extra < self.cost[chosen] + old_extra)).nonzero()[:, 0]
        at = self.nodes.view(-1, 2)[chosen[maybe]] * self.stride
        found = self._distance(at, place[maybe])
        better = found + extra[maybe] < self.cost[chosen[maybe]] + old_extra[maybe]
        nodes = chosen[maybe[better]]
        field[nodes], self.cost[nodes] = place[maybe[better]], found[better]

    def _extra(self, chosen: Tensor, place: Tensor, use: Tensor) -> Tensor:
        """What a place costs beside its looks: distance from where the flow leads, and use above what is even."""
        away = (place - self.want.view(-1, 2)[chosen]).square().sum(-1)
        often = use[place[:, 1] // CELL, place[:, 0] // CELL]
        return self.pull[chosen] * away + UNIT * UNIT * self.work.weights.uniformity * often

    def _use(self) -> Tensor:
        """How often each cell of the key is used, 1 where it is even."""
        down, across = (-(-n // CELL) for n in self.size)
        cell = (self.field[..., 1] // CELL * across + self.field[..., 0] // CELL).flatten()
        count = torch.bincount(cell, minlength=down * across).view(down, across)
        return count * (self.size[0] * self.size[1] / CELL**2 / len(cell))

    def _distance(self, at: Tensor, place: Tensor) -> Tensor:
        """Squared distance of the patches at target pixels and key places, both (N, 2), x then y."""
        parts = []
        for a, b in zip(at.split(BATCH), place.split(BATCH), strict=True):
            total = torch.zeros(len(a), device=a.device)
            for dy in range(2 * RADIUS + 1):
                for dx in range(2 * RADIUS + 1):
                    difference = self.target[a[:, 1] + dy, a[:, 0] + dx] - self.key[b[:, 1] + dy, b[:, 0] + dx]
                    total += difference.square().sum(-1)
            parts.append(total)
        return torch.cat(parts) if parts else torch.zeros(0, device=at.device)

    def _voted(self, picture: Tensor) -> Tensor:
        """Mean of all patches over each pixel: (H, W, C)."""
        high, wide = (n + 2 * RADIUS for n in self.size)
        total = torch.zeros((high, wide, picture.shape[2]), device=picture.device)
        count = torch.zeros((high, wide, 1), device=picture.device)
        step = self.stride
        down, across = (n * step for n in self.field.shape[:2])
        for dy in range(2 * RADIUS + 1):
            for dx in range(2 * RADIUS + 1):
                view = (slice(dy, down + dy, step), slice(dx, across + dx, step))
                total[view] += picture[self.field[..., 1] + dy, self.field[..., 0] + dx]
                count[view] += 1
        return (total / count)[RADIUS:-RADIUS, RADIUS:-RADIUS]
