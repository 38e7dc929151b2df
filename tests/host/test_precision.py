"""Black frames: the precision is raised as far as needed, remembered with the film, and put back."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.errors import PaintingHopeless
from lib_vidstyl.host.stylizer import WebuiStylizer
from tests.drawn import texture
from tests.host.pressing import make, project_of
from tests.host.test_stylizer import paint, task
from tests.host.webui import HALF, request, torch

needs_torch = pytest.mark.skipif(torch is None, reason="dtypes are torch's")


def dtypes(webui) -> list:
    model, devices = webui.shared.sd_model, webui.devices
    return [*(weight.dtype for weight in (*model.parameters(), *model.buffers())), model.model.diffusion_model.dtype,
            devices.dtype, devices.dtype_vae, devices.dtype_unet, devices.dtype_inference, dict(webui.shared.opts.data),
            vars(webui.shared.cmd_opts).copy(),
            "encode_first_stage" in vars(model), webui.processing.decode_latent_batch.__name__]


LADDER = [("vae", "the VAE"), ("attention", "attention"), ("half", "everything")]


@needs_torch
@pytest.mark.parametrize(("fault", "said"), LADDER)
@pytest.mark.parametrize("corner", [False, True])
@pytest.mark.parametrize("flags", [{}, {"disable_nan_check": True}, {"medvram": True}])
def test_black_frames_raise_the_precision_once_and_the_host_is_restored(webui, fault, said, corner, flags):
    vars(webui.shared.cmd_opts).update(flags)
    before = dtypes(webui)
    weights = [weight.clone() for weight in webui.shared.sd_model.parameters()]
    clean = paint(WebuiStylizer(request()), task(0), task(1))
    webui.faults, webui.corner = {fault}, corner
    webui.calls.clear()
    stylizer = WebuiStylizer(request())
    with stylizer:
        images = stylizer.paint([task(0), task(1)])
        tries = len(webui.calls)
        stylizer.paint([task(2)])
        assert len(webui.calls) == tries + 1, "the precision is raised once, not for every frame"
    for image, expected in zip(images, clean, strict=True):
        np.testing.assert_array_equal(image, expected)
    assert said in stylizer.notices[-1] and "frames 0-1" in stylizer.notices[0]
    assert dtypes(webui) == before
    assert all(torch.equal(a, b) for a, b in zip(weights, webui.shared.sd_model.parameters(), strict=True))
    assert webui.devices.dtype_vae == HALF


@needs_torch
@pytest.mark.parametrize("fault", ["always", "black"])
def test_where_no_precision_helps_the_run_stops_and_names_frame_and_flags(webui, fault):
    before = dtypes(webui)
    webui.faults = {fault}
    with pytest.raises(PaintingHopeless, match=r"frame 4.*--no-half --precision full"):
        paint(WebuiStylizer(request()), task(4))
    assert dtypes(webui) == before
    assert len(webui.calls) == 4


@needs_torch
def test_a_weight_that_half_precision_lost_is_loaded_again(webui):
    webui.large_weight = 1e6
    webui.shared.sd_model = webui._loaded("toy.safetensors")
    assert not webui.shared.sd_model.first_stage_model.bias.isfinite().all()
    webui.faults = {"lost"}
    before = dtypes(webui)
    stylizer = WebuiStylizer(request())
    paint(stylizer, task(0))
    assert webui.loads == ["forced"] and len(stylizer.notices) == 1
    assert dtypes(webui) == before


@needs_torch
def test_with_full_precision_already_there_is_nothing_to_raise(webui):
    vars(webui.shared.cmd_opts).update(no_half=True, precision="full")
    webui.shared.sd_model.float()
    devices = webui.devices
    devices.dtype = devices.dtype_vae = devices.dtype_unet = devices.dtype_inference = torch.float32
    webui.faults = {"always"}
    with pytest.raises(PaintingHopeless) as hopeless:
        paint(WebuiStylizer(request()), task(4))
    assert "--no-half" not in str(hopeless.value) and "damaged" in str(hopeless.value)
    assert len(webui.calls) == 1


def test_a_fade_to_black_passes(webui):
    frames = [task(index, image=(texture(48, 64) * share).astype(np.uint8)) for index, share in enumerate((1, 0.3, 0.05, 0.01, 0))]
    images = paint(WebuiStylizer(request(denoising_strength=0.0)), *frames)
    for frame, image in zip(frames, images, strict=True):
        np.testing.assert_array_equal(image, frame.image)


def test_the_model_may_paint_a_nearly_black_frame_black(webui):
    webui.faults = {"black"}
    image = paint(WebuiStylizer(request()), task(0, image=np.full((48, 64, 3), 10, np.uint8)))[0]
    assert not image.any()


@needs_torch
def test_a_resumed_run_goes_on_in_the_precision_that_its_film_needed(webui, clip):
    seen: list = []
    webui.on_step = lambda step: seen.append(webui.devices.dtype_vae)
    webui.faults, webui.fault_at = {"vae"}, lambda call: call == 3
    project = project_of(make(clip))
    webui.fault_at = lambda call: False
    (project / "frames" / "000003.png").unlink()
    seen.clear()
    assert "came out black before" in make(clip, script__project=str(project)).comments
    assert set(seen) == {torch.float32} and webui.devices.dtype_vae == HALF
    (project / "frames" / "000001.png").unlink()
    seen.clear()
    make(clip, script__project=str(project))
    assert set(seen) == {HALF}, "frame 1 was painted before the precision was raised"
