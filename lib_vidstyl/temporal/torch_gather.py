"""The pictures around a frame added up along the motion by torch, for graphics processors; see `gather.plain`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.nn.functional import grid_sample

from lib_vidstyl.temporal.step import FAR, HUE_NOISE, NOISE, STEPS, Layers, Path, Stored, Sum


class TorchStep:
    """A Step for CUDA, ROCm and MPS; it runs on the processor too. Path and sum stay on the device until the mean is asked for.

    device: as torch names it.
    """

    def __init__(self, device: str = "cpu") -> None:
        self.device = torch.device(device)

    def __call__(self, path: Path, leg: Stored, there: Layers, here: Layers, into: Sum) -> None:
        """Follow the path one frame on and add what is there."""
        place: Any = self._sent(path.place)
        place = place + self._moved(self._sent(leg), place, "bilinear") / STEPS
        last = torch.tensor(place.shape[1::-1], device=self.device) - 1
        nearest = torch.minimum((place + 0.5).floor().clamp(min=0), last).long()
        moved = self._moved(self._sent(there.picture), place, "bicubic").clamp(0, 255)
        hue = self._sent(there.hue)[nearest[..., 1], nearest[..., 0]]
        own, own_hue = self._sent(here.picture), self._sent(here.hue)
        off = ((own[..., 3] - moved[..., 3]) / NOISE) ** 2 + (((own_hue - hue) / HUE_NOISE) ** 2).sum(-1)
        inside = ((place >= 0) & (place <= last)).all(-1)
        share = torch.where(inside & (off < FAR), torch.exp(-off), torch.zeros_like(off))
        path.place = place
        into.total = self._sent(into.total) + share[..., None] * moved[..., :3]
        into.weights = self._sent(into.weights) + share

    def _sent(self, array: Any) -> Any:
        return array if isinstance(array, Tensor) else torch.as_tensor(array, device=self.device).to(torch.float32)

    def _moved(self, values: Tensor, place: Tensor, mode: str) -> Tensor:
        """(H, W, C) values at places, (H, W, 2) x and y; beyond the border as at the border."""
        last = torch.tensor(place.shape[1::-1], device=self.device) - 1
        at = place / last.clamp(min=1) * 2 - 1
        planes = values.permute(2, 0, 1)[None]
        return grid_sample(planes, at[None], mode=mode, padding_mode="border", align_corners=True)[0].permute(1, 2, 0)
