"""Drawn clips: pictures whose content and motion are known, so that every test has its own ground truth."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np

CLIPS = Path(__file__).resolve().parents[2] / "shared" / "clips"
"""Real clips, beside the repository; tests that want them skip where they are absent."""


def texture(height: int, width: int, *, seed: int = 0, grain: float = 2.0) -> np.ndarray:
    """(H, W, 3) uint8 RGB: smooth coloured noise with strong contrast at every scale."""
    rng = np.random.default_rng(seed)
    layers = [rng.standard_normal((height, width, 3)).astype(np.float32) for _ in range(3)]
    total = np.zeros((height, width, 3), np.float32)
    for octave, layer in enumerate(layers):
        smooth = cv2.GaussianBlur(layer, (0, 0), grain * 2**octave)
        total += smooth / max(float(smooth.std()), 1e-6)
    return np.clip(128 + 36 * total, 0, 255).astype(np.uint8)


def moving(count: int, height: int = 96, width: int = 128, *, step: tuple[float, float] = (3, 1)) -> Iterator[np.ndarray]:
    """Frames of a texture that moves by `step` pixels (x, y) a frame, with a bright disc that says which frame it is."""
    picture = texture(height, width)
    for index in range(count):
        shift = np.float32([[1, 0, step[0] * index], [0, 1, step[1] * index]])
        frame = cv2.warpAffine(picture, shift, (width, height), borderMode=cv2.BORDER_WRAP)
        centre = (width * (index % 10 + 1) // 11, height * (index // 10 % 10 + 1) // 11)
        cv2.circle(frame, centre, max(2, height // 12), (250, 240, 60), -1)
        yield frame


def flat(colour: tuple[int, int, int], height: int = 64, width: int = 64) -> np.ndarray:
    """(H, W, 3) uint8 of one colour."""
    return np.full((height, width, 3), colour, np.uint8)
