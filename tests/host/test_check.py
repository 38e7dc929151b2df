"""What a user sees of an inversion check."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from lib_vidstyl.host import check as checks
from lib_vidstyl.host.check import Check, check, mean_error, psnr
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.inversion import InversionSettings
from tests.drawn import flat, texture


def test_figures_of_known_pictures():
    assert psnr(flat((10, 10, 10)), flat((10, 10, 10))) == float("inf")
    assert psnr(flat((0, 0, 0)), flat((255, 255, 255))) == pytest.approx(0)
    assert psnr(flat((10, 10, 10)), flat((15, 15, 15))) == pytest.approx(20 * np.log10(255 / 5))
    assert mean_error(flat((10, 10, 10)), flat((7, 13, 10))) == pytest.approx(2)


@pytest.mark.parametrize(("off", "comes_back"), [(10, True), (11, True), (13, False)])
def test_the_vae_is_the_measure(off, comes_back):
    source = flat((100, 100, 100))
    found = Check(source, source + np.uint8(off), source - np.uint8(10))
    assert ("comes back" in found.sentences()[-1]) == comes_back
    assert (found.difference == 4 * off).all() and len(found.pictures) == 3
    assert any("PSNR" in sentence for sentence in found.sentences())


def test_the_frame_is_painted_by_the_original_prompt_and_decode_cfg(monkeypatch):
    painted = []

    def paint(p, task, hook):
        painted.append((p, hook))
        return task.image

    monkeypatch.setattr(checks, "_painted", paint)
    p = SimpleNamespace(cfg_scale=9.0, denoising_strength=0.6, steps=30)
    task = Task(3, texture(16, 16), 1, "a statue")
    check(p, task, InversionSettings(original_prompt="a man", decode_cfg=1.5, randomness=0.5, preset="guide"))
    (back, hook), (plain, unsampled) = painted
    assert (back.cfg_scale, back.denoising_strength) == (1.0, 0.6)
    assert hook.settings.override_prompt and hook.settings.randomness == 0 and hook.settings.method == "script"
    assert plain.denoising_strength == 0 and (p.cfg_scale, p.denoising_strength, p.steps) == (9.0, 0.6, 30)
    pc = SimpleNamespace(init_latent="latent")
    unsampled.before(pc, [task])
    assert pc.sample(conditioning=None) == "latent"
