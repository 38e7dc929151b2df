"""One frame made from one styled key, led by the flow to it: patch synthesis from coarse to fine."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.motion.warp import Flow, scaled, warp
from lib_vidstyl.synth.detail import restored, solid
from lib_vidstyl.synth.engine import Engine, Outcome, Work
from lib_vidstyl.synth.field import Field, grown, places, rounded
from lib_vidstyl.synth.guides import UNIT, Image, pack, shrunk
from lib_vidstyl.synth.key import Key, fitted
from lib_vidstyl.synth.schedule import Level
from lib_vidstyl.synth.trust import misfit, trusted

Map = NDArray[np.float32]
VOTED = 0.4
"""How far voted parts are sharpened, where the parts moved by flow are fully: votes that disagree are soft for a reason."""
FREE = 0.1
"""How much of its pull a flow keeps that nothing confirms."""


@dataclass(frozen=True)
class Synthesis:
    """A frame made from one key, at the key's size.

    image: (H, W, 3) RGB, or (H, W, 4) RGBA where the key has alpha, uint8. error: (H, W) float32 levels, how badly the
    guides fit there. field: places in the key at every `stride`-th pixel, None where flow alone was used.
    """

    image: Image
    error: Map
    field: Field | None = None


@dataclass(frozen=True)
class _Frame:
    """A frame to be made, everything at the key's size. styled: the key moved by the flow, what one starts from."""

    target: Image
    to_key: Flow
    confidence: Map
    trust: Map
    error: Map
    styled: Image
    mask: Image | None
    previous: Image | None = None
    previous_share: float = 0.0


def synthesise(key: Key, target: Image, *, to_key: Flow, confidence: Map, mask: Image | None = None,
               previous: Image | None = None, previous_share: float = 0.5, seed: int = 0,
               engine: Engine | None = None) -> Synthesis:
    """Make a frame in the look of a key.

    target: (h, w, 3) uint8, the frame's source. to_key: (h, w, 2) float32, where its pixels are in the key's source.
    confidence: (h, w) float32, 0..1, how far to_key is to be believed; both of any size. mask: (h, w) uint8, goes with
    the key's. previous: (H, W, 3 or 4) uint8, the frame made before, moved to this one; `previous_share` of what a patch's
    look is compared with. engine: see `choice.usual`; None makes the frame by flow alone. The same arguments give the same bytes.
    """
    frame = _frame(key, target, to_key, confidence, mask)
    if previous is not None:
        before = fitted(previous, frame.styled.shape[1::-1])[..., :3]
        frame = replace(frame, previous=before, previous_share=previous_share)
    if engine is None:
        return _by_flow(key, frame)
    outcome = _searched(key, frame, engine, seed)
    return Synthesis(_finished(key, frame, outcome), _error(key, frame, outcome), outcome.field)


def _frame(key: Key, target: Image, to_key: Flow, confidence: Map, mask: Image | None) -> _Frame:
    size = (key.styled.shape[1], key.styled.shape[0])
    target, to_key = fitted(target, size), scaled(to_key, size)
    if confidence.shape != target.shape[:2]:
        confidence = cv2.resize(confidence, size, interpolation=cv2.INTER_LINEAR)
    wrong = misfit(target, warp(key.source, to_key))
    trust = trusted(target, wrong, confidence)
    styled = warp(key.styled, to_key, method="cubic")
    return _Frame(target, to_key, confidence, trust, wrong, styled, None if mask is None else fitted(mask, size))


def _by_flow(key: Key, frame: _Frame) -> Synthesis:
    """The key moved by the flow; where nothing confirms the flow, the key unmoved shows through if it fits better."""
    unmoved = misfit(frame.target, key.source)
    stays = ((frame.trust == 0) & (unmoved < frame.error)).astype(np.float32)
    share = cv2.GaussianBlur(stays, (0, 0), 2)
    mixed = frame.styled + share[..., None] * (key.styled.astype(np.float32) - frame.styled)
    return Synthesis(_plain(np.rint(mixed).astype(np.uint8)), frame.error + share * (unmoved - frame.error))


def _searched(key: Key, frame: _Frame, engine: Engine, seed: int) -> Outcome:
    """All levels, smallest first; levels on which the flow explains everything are passed over."""
    field: Field | None = None
    before: Level | None = None
    for number, at in enumerate(key.levels):
        work = _work(key, number, frame, field, before)
        last = number == len(key.levels) - 1
        if work.active.any() or last:
            session = engine.begin(work)
            for round_ in range(at.level.votes):
                session.vote()
                session.search(at.level.passes, (seed * 64 + number) * 16 + round_)
            if last:
                return session.outcome()
        field, before = work.field, at.level
    raise AssertionError("a pyramid has a last level")


def _work(key: Key, number: int, frame: _Frame, field: Field | None, before: Level | None) -> Work:
    at = key.levels[number]
    factor, stride, size = at.level.factor, at.level.stride, at.size
    want = places(frame.to_key, size, stride)
    active = (shrunk(frame.trust, factor)[::stride, ::stride] < 0.5).astype(np.uint8)
    start = rounded(want)
    if field is not None and before is not None:
        start = np.where(active[..., None] > 0, grown(field, before, at.level, size), start)
    sure = shrunk(frame.confidence, factor)[::stride, ::stride]
    pull = (UNIT * UNIT * key.weights.position * (FREE + sure)).astype(np.float32)
    target = pack(shrunk(frame.styled, factor), shrunk(frame.target, factor), shrunk(frame.mask, factor), key.scale)
    return Work(at, target, np.ascontiguousarray(start), np.ascontiguousarray(want), np.ascontiguousarray(pull),
                np.ascontiguousarray(active), key.weights, float(key.scale[0]), shrunk(frame.previous, factor),
                frame.previous_share)


def _finished(key: Key, frame: _Frame, outcome: Outcome) -> Image:
    """The key moved to fractions of a pixel where the flow is trusted, the voted picture elsewhere, a soft change between."""
    inner = cv2.erode(frame.trust, np.ones((5, 5), np.uint8))
    share = cv2.GaussianBlur(inner, (0, 0), 2)
    voted = outcome.picture if outcome.cover is None else np.dstack([outcome.picture, outcome.cover])
    mixed = voted + share[..., None] * (frame.styled.astype(np.float32) - voted)
    where = (VOTED + (1 - VOTED) * share) * solid(mixed)
    return _plain(restored(np.rint(mixed).astype(np.uint8), warp(key.detail, frame.to_key), where))


def _error(key: Key, frame: _Frame, outcome: Outcome) -> Map:
    """Levels by which the source at the places that were taken differs from the frame's: little where flow is trusted."""
    height, width = frame.error.shape
    level = key.levels[-1].level
    searched = np.sqrt(outcome.cost / (25 * UNIT * UNIT * (key.weights.image + key.weights.style + key.weights.edges)))
    full = cv2.resize(searched, (outcome.cost.shape[1] * level.stride, outcome.cost.shape[0] * level.stride))[:height, :width]
    return np.where(frame.trust > 0, frame.error, full).astype(np.float32)


def _plain(image: Image) -> Image:
    """Colours as they are, of a picture whose colours are multiplied by its alpha; a picture without alpha stays."""
    if image.shape[2] == 3:
        return image
    alpha = np.maximum(image[..., 3:].astype(np.float32), 1)
    colours = np.clip(np.rint(image[..., :3] * (255 / alpha)), 0, 255)
    return np.dstack([colours.astype(np.uint8), image[..., 3]])
