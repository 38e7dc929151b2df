"""Films whose motion and flicker are known."""

from __future__ import annotations

import cv2
import numpy as np

from tests.drawn import texture


def panning(count: int, height: int = 96, width: int = 128, *, step: tuple[int, int] = (2, 1), seed: int = 0) -> list[np.ndarray]:
    """A view that slides over a texture by whole pixels: exact motion, no wrapped edges."""
    across, down = width + abs(step[0]) * count, height + abs(step[1]) * count
    picture = texture(down, across, seed=seed)
    return [np.ascontiguousarray(picture[step[1] * i:step[1] * i + height, step[0] * i:step[0] * i + width]) for i in range(count)]


def toned(frame: np.ndarray) -> np.ndarray:
    """A look that does not flicker."""
    return np.clip(0.7 * frame[..., ::-1] + 30, 0, 255).astype(np.uint8)


def flickering(frames: list[np.ndarray], *, gain: float = 0.08, grain: float = 8.0, seed: int = 0) -> list[np.ndarray]:
    """Frames with a gain per frame, colour clouds and grain."""
    made = []
    for index, frame in enumerate(frames):
        rng = np.random.default_rng((seed, index))
        height, width = frame.shape[:2]
        clouds = cv2.resize(rng.standard_normal((3, 4, 3)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC)
        noise = rng.standard_normal(frame.shape).astype(np.float32)
        changed = frame * (1 + gain * rng.standard_normal()) + 5 * clouds + grain * noise
        made.append(np.clip(np.rint(changed), 0, 255).astype(np.uint8))
    return made
