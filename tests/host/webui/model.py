"""A toy model: weights to look at, pictures that can be foretold, and the webui's own look at NaN."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

from tests.host.webui.now import webui

try:
    import torch
except ImportError:
    torch = None

HALF = torch.float16 if torch else "float16"


class NansException(Exception):
    """devices.py:237."""


class Model(torch.nn.Module if torch else object):
    """As much of a model as has weights and a dtype; `first_stage_model` is the VAE (sd_models.py:465-520)."""

    def __init__(self, info: SimpleNamespace) -> None:
        super().__init__()
        self.sd_checkpoint_info, self.sd_model_hash, self.sd_model_checkpoint = info, info.sha256[:10], info.filename
        self.lowvram = False
        if torch:
            self.first_stage_model = torch.nn.Linear(4, 4)
            self.model = torch.nn.Module()
            self.model.diffusion_model = torch.nn.Sequential(torch.nn.Linear(4, 4), torch.nn.BatchNorm1d(4))
            self.model.diffusion_model.dtype = HALF

    def encode_first_stage(self, x: np.ndarray) -> np.ndarray:
        return x


class Nothing:
    def __init__(self, *arguments: Any) -> None: ...

    def __enter__(self) -> None: ...

    def __exit__(self, *exc: object) -> None: ...


def painted(frame: np.ndarray, prompt: str, seed: int, strength: float) -> np.ndarray:
    """What the toy model makes of a frame, (C, H, W) in -1..1: its negative, a tint by the prompt, grain by the seed."""
    tint = (sum(prompt.encode()) % 17 - 8) / 80
    grain = np.random.default_rng(seed).standard_normal(frame.shape).astype(np.float32) / 50
    return (1 - strength) * frame + strength * (tint + grain - frame)


def test_for_nans(values: np.ndarray) -> None:
    """devices.py:242-247: the first element only, and nothing with --disable-nan-check."""
    if not webui().shared.cmd_opts.disable_nan_check and np.isnan(values[(0,) * values.ndim]):
        raise NansException("A tensor with NaNs was produced.")
