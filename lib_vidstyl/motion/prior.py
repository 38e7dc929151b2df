"""Where a flow cannot be known, the camera's motion is the best guess: bare walls and green screens stay put, or pan along.

Dense flow wanders in flat areas, for any vector explains them. They are given the motion of the camera instead, but only
where that explains the pictures as well as the flow does, and only in regions that reach the picture's border or hold
texture which confirms it: a flat cheek in a moving face keeps the flow of the face.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow, grid, scaled, warp

Image = NDArray[np.uint8]
Map = NDArray[Any]
RING = 0.2
"""Share of the picture's width and height on either side in which the camera's motion is looked for."""
TEXTURE = 4.0
"""Smaller eigenvalue of the structure tensor, squared levels per pixel, from which on a place is well known."""
RADIUS = 5
"""Half the side of the window in which the two are compared, in pixels of half size."""
EXCESS, AGAINST = 1.0, 0.1
"""Levels by which the camera's motion explains a place clearly worse, and the share of a side that makes it doubtful."""
TOLERANCE = 0.2
NOISE = 0.1
"""Levels, and share of the usual misfit, by which the camera's motion may explain a place less well: what noise makes of
it. Measured on scenes of known flow and on talking heads; more lets slow motion stick, less lets walls swim."""


def settled(a: Image, b: Image, flow: Flow, seen: NDArray[np.bool_]) -> Flow:
    """The flow a -> b with the camera's motion wherever that explains the pictures as well.

    a, b: (H, W, 3) uint8. flow: (H, W, 2). seen: bool of any size, pixels of a whose flow is confirmed by the way back. The
    work is done at half size; the change from one to the other is soft. Where the textured parts of the border contradict
    the camera's motion that was found, its motion is not known, and the flow stays as it is.
    """
    size = (max(1, a.shape[1] // 2), max(1, a.shape[0] // 2))
    small_a, small_b = (cv2.resize(image, size, interpolation=cv2.INTER_AREA) for image in (a, b))
    small_flow = scaled(flow, size)
    small_seen = cv2.resize(seen.astype(np.uint8), size, interpolation=cv2.INTER_NEAREST) > 0
    texture = texturedness(small_a)
    weight = np.clip(texture / TEXTURE, 0, 1) * small_seen
    model = camera(small_a, small_b, small_flow, weight)
    with_flow = misfit(small_a, small_b, small_flow, radius=RADIUS)
    with_camera = misfit(small_a, small_b, field(model, *size), radius=RADIUS)
    if _contradicted(with_camera - with_flow, weight):
        return flow
    share = _explained(with_flow, with_camera, texture)
    full = (a.shape[1], a.shape[0])
    share = cv2.resize(cv2.GaussianBlur(share, (0, 0), 1.5), full, interpolation=cv2.INTER_LINEAR)[..., None]
    return flow + (field(model, *full) - flow) * share


def camera(a: Image, b: Image, flow: Flow, weight: Map) -> Map:
    """The camera's motion a -> b as an shift, turn and zoom: a model for `field`, (3, 2) float64, zeros where it stands still.

    weight: (H, W), how well each place is known. It is fitted to the ring along the picture's border, robustly
    (iteratively reweighted least squares, Holland and Welsch 1977), and counts only if it explains the textured parts
    of the ring better than no motion at all does, on several sides.
    """
    ring = _ring(*weight.shape)
    model = _fitted(flow, weight * ring)
    if not model.any():
        return model
    size = (a.shape[1], a.shape[0])
    gain = misfit(a, b, np.zeros_like(flow)) - misfit(a, b, field(model, *size))
    known = (weight > 0.5) & ring
    won, lost = (_sides(known & which) for which in (gain > 0.5, gain < -0.5))
    textured = _sides(known)
    moves = (won > 0.25 * textured) & (won > 2 * lost) & (textured > 0)
    still = (textured > 0) & ~moves
    return model if moves.sum() > max(1, still.sum()) else np.zeros((3, 2))


def field(model: Map, width: int, height: int) -> Flow:
    """The (H, W, 2) flow of an affine model; it is the same model at every size of the picture."""
    if not model.any():
        return np.zeros((height, width, 2), np.float32)
    x = np.arange(width, dtype=np.float32) / np.float32(width) - np.float32(0.5)
    y = (np.arange(height, dtype=np.float32) / np.float32(height) - np.float32(0.5))[:, None]
    by_x, by_y, shift = model.astype(np.float32)
    return np.dstack([(by_x[0] * x + by_y[0] * y + shift[0]) * np.float32(width),
                      (by_x[1] * x + by_y[1] * y + shift[1]) * np.float32(height)])


def misfit(a: Image, b: Image, flow: Flow, *, radius: int = 3) -> Map:
    """(H, W) float32: mean colour difference, in levels, of a and of b moved back, around each pixel; large ones are cut."""
    difference = cv2.absdiff(a, warp(b, flow))
    mean = cv2.transform(difference, np.full((1, 3), 1 / 3, np.float32)) if a.ndim == 3 else difference
    return cv2.blur(np.minimum(mean, 40).astype(np.float32), (2 * radius + 1, 2 * radius + 1))


def texturedness(image: Image) -> Map:
    """(H, W) float32: smaller eigenvalue of the structure tensor in 9x9 pixels (Shi and Tomasi 1994)."""
    value = cv2.GaussianBlur(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32), (0, 0), 1)
    across, down = (cv2.Sobel(value, cv2.CV_32F, *order) / 8 for order in ((1, 0), (0, 1)))
    xx, yy, xy = (cv2.blur(product, (9, 9)) for product in (across * across, down * down, across * down))
    return (xx + yy) * np.float32(0.5) - cv2.sqrt(np.square((xx - yy) * np.float32(0.5)) + xy * xy)


def _contradicted(excess: Map, weight: Map) -> bool:
    """Whether two sides of the ring or more hold much texture that the camera's motion explains worse than the flow does.

    excess: (H, W) levels, misfit by the camera's motion less that by the flow.
    """
    height, width = weight.shape
    against = (weight > 0.5) & (excess >= EXCESS)
    down, across = max(1, int(RING * height)), max(1, int(RING * width))
    sides = (against[:down], against[-down:], against[:, :across], against[:, -across:])
    return sum(side.mean() >= AGAINST for side in sides) >= 2


def _explained(with_flow: Map, with_camera: Map, texture: Map) -> Map:
    """(H, W) float32, 0 or 1: regions that the camera explains as well as the flow, joined to border or texture."""
    alike = with_camera <= with_flow + TOLERANCE + NOISE * float(np.median(with_flow))
    count, labels, facts, _ = cv2.connectedComponentsWithStats(alike.astype(np.uint8), connectivity=4)
    rim = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
    at_border = np.bincount(rim, minlength=count) > 0.02 * len(rim)
    confirmed = np.bincount(labels[texture > TEXTURE], minlength=count) > 0.2 * facts[:, cv2.CC_STAT_AREA]
    keep = at_border | confirmed
    keep[0] = False
    return keep[labels].astype(np.float32)


def _fitted(flow: Flow, weight: Map) -> Map:
    """(3, 2): shift, turn and zoom that fit the flow best, in shares of the picture's size."""
    height, width = weight.shape
    rows, columns = slice(3, None, 6), slice(3, None, 6)
    known = weight[rows, columns].ravel().astype(np.float64)
    if np.count_nonzero(known > 0.1) < 12:
        return np.zeros((3, 2))
    x, y = (grid(height, width)[rows, columns].reshape(-1, 2).astype(np.float64) - (width / 2, height / 2)).T
    one, none = np.ones_like(x), np.zeros_like(x)
    points = np.concatenate([np.stack([x, -y, one, none], 1), np.stack([y, x, none, one], 1)])
    values = flow[rows, columns].reshape(-1, 2).T.ravel().astype(np.float64)
    model, trust = np.zeros(4), np.tile(known, 2)
    for step in range(10):
        weighted = points * trust[:, None]
        model = np.linalg.solve(weighted.T @ points + 1e-9 * np.eye(4), weighted.T @ values)
        away = np.linalg.norm((points @ model - values).reshape(2, -1), axis=0)
        trust = np.tile(known / np.square(1 + np.square(away / max(0.3, 4 * 0.5**step))), 2)
    zoom, turn, right, down = model
    scale = height / width
    return np.array([[zoom, turn / scale], [-turn * scale, zoom], [right / width, down / height]])


def _ring(height: int, width: int) -> NDArray[np.bool_]:
    ring = np.ones((height, width), bool)
    down, across = int(RING * height), int(RING * width)
    ring[down:height - down, across:width - across] = False
    return ring


def _sides(mask: NDArray[np.bool_]) -> Map:
    """(4,) how many pixels of a mask lie in the ring's top, bottom, left and right; fewer than 1 % of a side is none."""
    height, width = mask.shape
    down, across = max(1, int(RING * height)), max(1, int(RING * width))
    parts = (mask[:down], mask[-down:], mask[:, :across], mask[:, -across:])
    return np.array([part.sum() if part.mean() > 0.01 else 0 for part in parts], np.float64)
