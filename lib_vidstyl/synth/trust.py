"""Where the flow alone explains a frame, and where patches must be searched."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from lib_vidstyl.synth.guides import Image

Map = NDArray[np.float32]
NOISE = 8.0
"""Levels by which a frame and the key moved along may differ anywhere: noise, grain, coding."""
CONTRAST = 0.4
"""Share of the local contrast by which they may differ as well: what half a pixel amounts to."""
CONFIRMED = 0.5
"""Confidence of the flow from which on it is believed."""


def misfit(target: Image, moved: Image) -> Map:
    """(H, W) float32 levels: root mean square difference of two pictures in 5x5 pixels and all channels."""
    difference = cv2.absdiff(target, moved)
    square = cv2.multiply(difference, difference, dtype=cv2.CV_32F)
    return cv2.sqrt(cv2.blur(cv2.transform(square, np.full((1, 3), 1 / 3, np.float32)), (5, 5)))


def trusted(target: Image, wrong: Map, confidence: Map) -> Map:
    """(H, W) float32, 0 or 1: where the flow is confirmed and explains the target. wrong: see `misfit`."""
    allowed = NOISE + CONTRAST * contrast(target)
    explained = ((wrong < allowed) & (confidence > CONFIRMED)).astype(np.float32)
    return (cv2.blur(explained, (5, 5)) > 0.6).astype(np.float32)


def contrast(image: Image) -> Map:
    """(H, W) float32 levels: standard deviation of the brightness in 5x5 pixels."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.float32)
    mean = cv2.blur(grey, (5, 5))
    return np.sqrt(np.maximum(cv2.blur(grey * grey, (5, 5)) - mean * mean, 0))
