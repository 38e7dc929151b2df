"""Inversion in a real webui, beside the webui's own "img2img alternative test"."""

import numpy as np
import pytest
from PIL import Image

from tests.drawn import texture
from tests.e2e import xl
from tests.e2e.test_controlnet import unit
from tests.e2e.webui import Refused, decoded, encoded

HOST_SCRIPT = "img2img alternative test"
REQUEST = {"steps": 10, "cfg_scale": 1.0, "denoising_strength": 0.5, "seed": 3, "width": 64, "height": 64, "sampler_name": "Euler"}
BACK = {"Invert_frames": True, "Sample_with_the_original_prompts": True}


@pytest.fixture
def frame(webui, tmp_path):
    """A folder of one frame, and the frame."""
    import shutil
    import uuid

    folder = webui.outputs / f"e2e-{uuid.uuid4().hex[:8]}"
    folder.mkdir(parents=True)
    picture = texture(64, 64, grain=6)
    Image.fromarray(picture).save(folder / "000.png")
    yield folder, picture
    shutil.rmtree(folder)


def ours(webui, folder, request=None, **settings):
    made = webui.film(folder, request={**REQUEST, **(request or {})}, Make="one frame", Seeds_to_try=1, Size="the working size",
                      **settings)
    return made.images[0]


def theirs(webui, picture, *, steps, adjusted, overridden, randomness, prompt="red"):
    arguments = ["", True, overridden, prompt, "", overridden, steps, overridden, 1.0, randomness, adjusted]
    answer = webui.post("/sdapi/v1/img2img", **REQUEST, init_images=[encoded(picture)], script_name=HOST_SCRIPT,
                        script_args=arguments)
    return decoded(answer["images"][0])


def mean_error(made, wanted):
    return float(np.abs(made.astype(int) - wanted).mean())


def by_vae(picture):
    """What the tiny checkpoint's VAE makes of a picture: means of 8x8 blocks."""
    height, width = picture.shape[:2]
    return picture.reshape(height // 8, 8, width // 8, 8, 3).mean((1, 3)).repeat(8, 0).repeat(8, 1)


@pytest.mark.parametrize("adjusted", [True, False])
@pytest.mark.parametrize(("overridden", "randomness"), [(True, 0.0), (False, 0.0), (False, 0.3)])
def test_the_compatible_modes_are_the_host_scripts(webui, frame, adjusted, overridden, randomness):
    folder, picture = frame
    steps = 10 if overridden else 14
    made = ours(webui, folder, Invert_frames=True, Inversion_method="script", Sigma_adjustment=adjusted, Decode_steps=steps,
                Original_prompt="red", Sample_with_the_original_prompts=overridden, Sample_with_the_decode_steps=overridden,
                Sample_at_denoising_strength_1=overridden, Randomness=randomness)
    wanted = theirs(webui, picture, steps=steps, adjusted=adjusted, overridden=overridden, randomness=randomness)
    assert np.abs(made.astype(int) - wanted).max() <= 1


@pytest.mark.parametrize("strength", [0.5, 1.0])
def test_a_frame_comes_back_and_the_host_scripts_does_not(webui, frame, strength):
    folder, picture = frame
    least = mean_error(by_vae(picture), picture)
    made = ours(webui, folder, {"denoising_strength": strength}, **BACK)
    assert mean_error(made, picture) <= 1.2 * least
    plain = ours(webui, folder, {"denoising_strength": strength})
    assert mean_error(plain, picture) > 2 * least
    script = ours(webui, folder, {"denoising_strength": strength}, **BACK, Inversion_method="script", Original_prompt="")
    assert mean_error(made, picture) < mean_error(script, picture)


def test_a_frame_comes_back_through_the_control_that_its_noise_was_found_with(webui, frame):
    folder, picture = frame
    controlled = {"alwayson_scripts": {"ControlNet": {"args": [unit(weight=0.5)]}}}
    least = mean_error(by_vae(picture), picture)
    made = ours(webui, folder, controlled, **BACK)
    assert mean_error(made, picture) <= 1.2 * least
    drawn = ours(webui, folder, controlled)
    assert mean_error(drawn, picture) > 2 * least
    without = ours(webui, folder, **BACK)
    assert mean_error(without, picture) <= 1.2 * least


@pytest.mark.parametrize("sampler", ["Heun", "DPM2", "DDIM"])
def test_one_step_samplers_bring_it_back(webui, frame, sampler):
    folder, picture = frame
    made = ours(webui, folder, {"sampler_name": sampler}, **BACK)
    assert mean_error(made, picture) <= 1.2 * mean_error(by_vae(picture), picture)


def test_an_inpainting_checkpoint_brings_it_back(webui, frame):
    folder, picture = frame
    webui.switch("vidstyl-inpainting")
    made = ours(webui, folder, **BACK)
    assert mean_error(made, picture) <= 1.2 * mean_error(by_vae(picture), picture)


def test_another_prompt_tints_the_frame_and_keeps_its_structure(webui, frame):
    folder, picture = frame
    made = ours(webui, folder, {"prompt": "red", "denoising_strength": 0.75}, Invert_frames=True)
    moved = made.astype(int) - by_vae(picture)
    assert moved[..., 0].mean() > moved[..., 1].mean() + 3
    assert np.corrcoef(made[..., 1].ravel(), by_vae(picture)[..., 1].ravel())[0, 1] > 0.95


def test_the_check_shows_source_reconstruction_and_difference(webui, frame):
    folder, picture = frame
    answer = webui.film(folder, request=REQUEST, Make="an inversion check", Size="the working size")
    source, back, apart = answer.images[:3]
    np.testing.assert_array_equal(source, picture)
    assert mean_error(back, picture) <= 1.2 * mean_error(by_vae(picture), picture)
    np.testing.assert_array_equal(apart, np.minimum(4 * np.abs(back.astype(int) - source), 255))


def test_the_seed_does_not_drift_and_noise_is_kept(webui, frame):
    folder, _ = frame
    made = [webui.film(folder, request={**REQUEST, "seed": 3}, Make="one frame", Seeds_to_try=1, Size="the working size",
                       Invert_frames=True) for _ in range(2)]
    np.testing.assert_array_equal(made[0].images[0], made[1].images[0])
    assert [answer.info["seed"] for answer in made] == [3, 3]
    assert list((webui.folder / "cache" / "video-stylize").rglob("*.bin"))


def test_an_sdxl_checkpoint_brings_it_back(webui, frame):
    folder, picture = frame
    xl.install(webui.folder / "models" / "Stable-diffusion")
    webui.post("/sdapi/v1/options", show_progress_type="Approx cheap")  # the default would download a decoder for this structure
    webui.switch("vidstyl-xl")
    made = ours(webui, folder, **BACK)
    assert mean_error(made, picture) <= 1.2 * mean_error(by_vae(picture), picture)
    with pytest.raises(Refused):
        theirs(webui, picture, steps=4, adjusted=True, overridden=False, randomness=0.0)
