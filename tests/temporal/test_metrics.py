"""The measures against closed forms, and against the evaluation kit where it is there."""

from __future__ import annotations

import importlib.util
import sys

import numpy as np
import pytest
from skimage.metrics import structural_similarity

from lib_vidstyl.temporal import metrics
from tests.drawn import CLIPS
from tests.temporal.films import panning


def test_a_gain_has_the_error_of_its_square():
    frame = np.full((64, 64, 3), 100, np.uint8)
    step = metrics.Step(np.zeros((64, 64, 2), np.float32), np.ones((64, 64), bool))
    assert step.error(frame, frame + 51) == pytest.approx(0.2**2)


def test_a_film_that_moves_with_its_source_has_no_error():
    a, b = panning(2, step=(3, 2))
    step = metrics.Step.of(a, b)
    assert step.error(255 - a, 255 - b) < 1e-3
    assert step.error(255 - a, 255 - a) > 5 * step.error(255 - a, 255 - b)


def test_the_unseen_flow_finds_the_motion():
    a, b = panning(2, step=(2, 1))
    flow = np.median(metrics.unseen_flow(a, b)[20:-20, 20:-20], axis=(0, 1))
    assert np.allclose(flow, [-2, -1], atol=0.3)


def test_dt():
    assert metrics.dt(0.2, 1.0) == pytest.approx(0.8)


def test_flicker_counts_where_the_source_is_static():
    source = panning(1)[0]
    still = metrics.static(source, source)
    assert metrics.flicker(source, source // 2 + 0, still) > 10
    assert metrics.flicker(source, source, still) == 0
    assert np.isnan(metrics.flicker(source, source, np.zeros(still.shape, bool)))


def test_ssim_is_that_of_scikit_image():
    a, b = panning(2, step=(1, 0))
    grey = [metrics.grey(x) for x in (a, b)]
    wanted = structural_similarity(*grey, data_range=255, gaussian_weights=True, sigma=1.5, use_sample_covariance=False)
    assert metrics.ssim(a, b) == pytest.approx(wanted, abs=1e-3)


def test_sharpness_and_psnr():
    a = panning(1)[0]
    assert metrics.sharpness(a, a) == 1
    assert metrics.sharpness(a // 2, a) == pytest.approx(0.25, abs=0.04)
    assert metrics.psnr(a, a) > 100


def test_they_agree_with_the_kit():
    kit = CLIPS.parent / "eval" / "metrics.py"
    if not kit.is_file():
        pytest.skip("the evaluation kit is not here")
    sys.path.insert(0, str(kit.parent))
    try:
        spec = importlib.util.spec_from_file_location("kit_metrics", kit)
        theirs = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(theirs)
    finally:
        sys.path.remove(str(kit.parent))
    frames = panning(3)
    styled = [255 - frame // 2 - 9 * number for number, frame in enumerate(frames)]  # errors well above rounding
    for mine, other in ((theirs.dis_flow, theirs.dis_flow), (metrics.unseen_flow, theirs.farneback_flow)):
        errors = [metrics.Step.of(*frames[i:i + 2], mine).error(*styled[i:i + 2]) for i in range(2)]
        kit_flow = theirs.SourceFlow(frames, other)
        assert errors == pytest.approx(kit_flow.step_errors(styled), rel=1e-3)
    assert metrics.ssim(styled[0], styled[1]) == pytest.approx(theirs.ssim(styled[0], styled[1]), abs=1e-3)
    assert metrics.sharpness(styled[0], styled[1]) == pytest.approx(theirs.sharpness(styled[0], styled[1]), rel=1e-5)
