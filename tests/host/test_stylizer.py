from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.errors import Cancelled, PaintError, Skipped
from lib_vidstyl.host.hooks import Hook
from lib_vidstyl.host.stylizer import WebuiStylizer
from lib_vidstyl.stylizers.base import Task
from tests.drawn import texture
from tests.host.webui import fields_of, request


def task(index: int = 0, *, size=(48, 64), seed: int = 5, prompt: str = "a painting", mask=None, image=None) -> Task:
    image = texture(*size, seed=index) if image is None else image
    return Task(index, image, seed, prompt, "", mask)


def paint(stylizer: WebuiStylizer, *tasks: Task) -> list[np.ndarray]:
    with stylizer:
        return stylizer.paint(tasks)


def test_paints_each_frame_by_its_own_prompt_and_seed(webui):
    images = paint(WebuiStylizer(request()), task(0), task(1, seed=6), task(2, prompt="rain"))
    alone = [paint(WebuiStylizer(request()), each)[0] for each in (task(0), task(1, seed=6), task(2, prompt="rain"))]
    assert [image.shape for image in images] == [(48, 64, 3)] * 3
    for batched, single in zip(images, alone, strict=True):
        np.testing.assert_array_equal(batched, single)
    assert len(webui.calls) == 4 and webui.calls[0].batch_size == 3


def test_same_seed_same_picture_and_nothing_saved_by_the_host(webui):
    p = request(seed=-1, subseed=-1)
    first, second = (paint(WebuiStylizer(p), task(0))[0] for _ in range(2))
    np.testing.assert_array_equal(first, second)
    assert webui.saved == []
    assert webui.calls[0].subseed == webui.calls[1].subseed != [-1]


def test_the_users_request_stays_as_it_is(webui):
    p = request(extra_generation_params={"Mine": 1}, override_settings={"CLIP_stop_at_last_layers": 2}, styles=["wet"])
    before = fields_of(p)
    paint(WebuiStylizer(p), task(0), task(1))
    assert fields_of(p) == before


@pytest.mark.parametrize("size", [(45, 61), (8, 9), (64, 64), (1, 1)])
def test_odd_sizes_are_padded_and_cut_off_again(webui, size):
    frame = task(0, image=np.full((*size, 3), 90, np.uint8))
    image = paint(WebuiStylizer(request(denoising_strength=0.0)), frame)[0]
    np.testing.assert_array_equal(image, frame.image)
    assert webui.calls[0].width % 8 == 0


def test_free_size_is_the_hosts_own_resizing(webui):
    image = paint(WebuiStylizer(request(width=32, height=96), free_size=True), task(0))[0]
    assert image.shape == (96, 32, 3)
    assert (webui.calls[0].width, webui.calls[0].height) == (32, 96)


def test_masks_paint_inside_only_and_split_batches(webui):
    mask = np.zeros((48, 64), np.uint8)
    mask[:, :32] = 255
    frames = task(0, mask=mask), task(1, mask=mask), task(2)
    images = paint(WebuiStylizer(request()), *frames)
    np.testing.assert_array_equal(images[0][:, 33:], frames[0].image[:, 33:])
    assert (images[1][:, :31] != frames[1].image[:, :31]).any()
    assert [call.batch_size for call in webui.calls] == [2, 1]


def test_pictures_that_are_no_frames_are_left_out(webui):
    from PIL import Image

    webui.shared.opts.return_mask = True
    webui.extra_pictures = [Image.new("RGB", (64, 48), "red")]
    mask = np.full((48, 64), 255, np.uint8)
    images = paint(WebuiStylizer(request()), task(0, mask=mask), task(1, mask=mask))
    for image, index in zip(images, (0, 1), strict=True):
        np.testing.assert_array_equal(image, paint(WebuiStylizer(request()), task(index, mask=mask))[0])
    assert webui.shared.opts.return_mask is True


def test_overrides_are_set_once_for_the_job_and_put_back(webui):
    p = request(override_settings={"sd_vae": "fine.pt", "sd_model_checkpoint": "other.safetensors"})
    stylizer = WebuiStylizer(p)
    with stylizer:
        for index in range(5):
            stylizer.paint([task(index)])
        assert stylizer.who()["checkpoint"][0] == "other.safetensors"
        assert stylizer.who()["vae"] == ["fine.pt", "vaehash"]
    assert webui.loads == ["other.safetensors", "fine.pt", "Automatic"]
    assert webui.shared.opts.data["sd_model_checkpoint"] == "toy.safetensors"


def test_a_checkpoint_chosen_during_the_run_waits_until_it_is_over(webui):
    stylizer = WebuiStylizer(request())
    with stylizer:
        stylizer.paint([task(0)])
        webui.shared.opts.sd_model_checkpoint = "other.safetensors"
        webui.shared.opts.CLIP_stop_at_last_layers = 2
        stylizer.paint([task(1)])
        assert webui.shared.sd_model.sd_checkpoint_info.name == "toy.safetensors"
    assert webui.loads == []
    assert webui.shared.opts.data["sd_model_checkpoint"] == "other.safetensors"
    assert webui.shared.opts.data["CLIP_stop_at_last_layers"] == 2


def test_a_failing_set_up_puts_everything_back(webui):
    class Refusing(Hook):
        def enter(self, p):
            raise PaintError("no such unit")

    with pytest.raises(PaintError, match="no such unit"):
        paint(WebuiStylizer(request(override_settings={"sd_vae": "fine.pt"}), hooks=[Refusing()]), task(0))
    assert webui.shared.opts.sd_vae == "Automatic" and webui.loads == ["fine.pt", "Automatic"]
    assert webui.processing.decode_latent_batch.__name__ == "decode_latent_batch"


@pytest.mark.parametrize("step", [0, 1, 3])
def test_an_interrupted_frame_is_dropped(webui, step):
    webui.on_step = lambda now: setattr(webui.shared.state, "interrupted", now == step or webui.shared.state.interrupted)
    with pytest.raises(Cancelled):
        paint(WebuiStylizer(request()), task(0))


def test_a_skipped_frame_is_left_out_and_the_next_one_is_painted(webui):
    stylizer = WebuiStylizer(request())
    with stylizer:
        webui.on_step = lambda step: setattr(webui.shared.state, "skipped", True)
        with pytest.raises(Skipped) as skipped:
            stylizer.paint([task(7)])
        webui.on_step = lambda step: None
        assert stylizer.paint([task(8)])[0].shape == (48, 64, 3)
    assert skipped.value.frames == {7}


def test_stop_keeps_the_frame_in_work_and_starts_no_other(webui):
    stylizer = WebuiStylizer(request())
    with stylizer:
        webui.on_step = lambda step: setattr(webui.shared.state, "stopping_generation", True)
        np.testing.assert_array_equal(stylizer.paint([task(0)])[0], paint_undisturbed(webui, task(0)))
        with pytest.raises(Cancelled):
            stylizer.paint([task(1)])


def paint_undisturbed(webui, frame: Task) -> np.ndarray:
    state, step = webui.shared.state.stopping_generation, webui.on_step
    webui.shared.state.stopping_generation, webui.on_step = False, lambda now: None
    image = paint(WebuiStylizer(request()), frame)[0]
    webui.shared.state.stopping_generation, webui.on_step = state, step
    return image


def test_out_of_memory_halves_the_batch_for_good_and_says_so(webui):
    webui.memory = 2
    stylizer = WebuiStylizer(request())
    with stylizer:
        images = stylizer.paint([task(index) for index in range(7)])
        stylizer.paint([task(index) for index in range(7, 11)])
    assert [len(call.init_images) for call in webui.calls] == [7, 4, 2, 2, 2, 1, 2, 2]
    assert len(images) == 7 and len(stylizer.notices) == 2
    webui.memory = 0
    with pytest.raises(PaintError, match=r"frame 3.*memory.*--medvram"):
        paint(WebuiStylizer(request()), task(3))


def test_hooks_take_part_in_every_frame(webui):
    class Noted(Hook):
        def __init__(self):
            self.said = []

        def alone(self):
            return "a unit follows the frame"

        def who(self):
            return {"units": 2}

        def fingerprint(self, frame):
            return f"map {frame.index}"

        def enter(self, p):
            self.said.append("enter")

        def before(self, pc, tasks):
            self.said.append([frame.index for frame in tasks])
            pc.sample, sample = lambda **named: -sample(**named), pc.sample

        def after(self, pc, tasks, images):
            self.said.append(images[0].shape)

        def leave(self):
            self.said.append("leave")

    hook = Noted()
    stylizer = WebuiStylizer(request(), hooks=[hook])
    with stylizer:
        assert stylizer.abilities.batch == 1
        assert stylizer.who()["hooks"] == {"Noted": {"units": 2}}
        assert stylizer.fingerprint(task(1)) != stylizer.fingerprint(task(2))
        images = stylizer.paint([task(0), task(1)])
    assert hook.said == ["enter", [0], (48, 64, 3), [1], (48, 64, 3), "leave"]
    assert "one by one: a unit follows the frame" in stylizer.notices[0]
    assert (images[0] != paint(WebuiStylizer(request()), task(0))[0]).any()


class Always:
    """Another extension's script that always runs."""

    args_from, args_to = 1, 3

    def title(self):
        return "Their script"

    def process(self, p, *args):
        p.extra_generation_params["Theirs"] = args[0]


def who(p, **changes):
    for name, value in changes.items():
        setattr(p, name, value)
    with WebuiStylizer(p) as stylizer:
        return stylizer.who(), stylizer.fingerprint(task())


def test_who_changes_with_all_that_decides_pixels_and_with_nothing_else(webui):
    webui.scripts.scripts_img2img.alwayson_scripts.append(Always())

    def fresh(**changes):
        p = request()
        p.script_args = [0, "a", np.zeros((2, 2))]
        return who(p, **changes)

    base = fresh()
    assert fresh() == base
    for change in ({"steps": 9}, {"sampler_name": "DPM++ 2M"}, {"cfg_scale": 3.0}, {"denoising_strength": 0.4}, {"tiling": True},
                   {"script_args": [0, "b", np.zeros((2, 2))]}, {"script_args": [0, "a", np.ones((2, 2))]}, {"styles": ["wet"]},
                   {"override_settings": {"CLIP_stop_at_last_layers": 2}}, {"override_settings": {"sd_vae": "x.pt"}},
                   {"override_settings": {"sd_model_checkpoint": "other.safetensors"}}):
        assert fresh(**change) != base, change
    for change in ({"batch_size": 4}, {"n_iter": 3}, {"outpath_samples": "elsewhere"}, {"seed": 9}, {"subseed": 3}, {"user": "x"}):
        assert fresh(**change) == base, change


def test_fingerprint_follows_networks_and_embeddings(webui, monkeypatch, tmp_path):
    import sys
    from types import SimpleNamespace

    lora = SimpleNamespace(hash="abc", filename="x")
    monkeypatch.setitem(sys.modules, "networks", SimpleNamespace(available_network_aliases={"ink": lora}, available_networks={}))
    known = {"Blurry": SimpleNamespace(shorthash="e1")}
    webui.sd_hijack.model_hijack = SimpleNamespace(embedding_db=SimpleNamespace(word_embeddings=known))
    stylizer = WebuiStylizer(request())
    plain, with_lora = task(prompt="a cat"), task(prompt="a cat <lora:ink:0.8>")
    prints = [stylizer.fingerprint(plain), stylizer.fingerprint(with_lora), stylizer.fingerprint(task(prompt="blurry cat"))]
    assert prints[0] == "" and len(set(prints)) == 3
    lora.hash = "def"
    assert stylizer.fingerprint(with_lora) != prints[1]


def test_the_hosts_upscalers_are_named_and_fit_exactly(webui):
    from types import SimpleNamespace

    from lib_vidstyl.host.upscalers import host_upscalers

    class Scaler:
        """upscaler.py:58-83: sizes are cut to multiples of 8."""

        def upscale(self, picture, scale, selected_model=None):
            return picture.resize((int(picture.width * scale) // 8 * 8, int(picture.height * scale) // 8 * 8))

    names = ("None", "Lanczos", "ESRGAN")
    webui.shared.sd_upscalers = [SimpleNamespace(name=name, data_path=None, scaler=Scaler()) for name in names]
    found = host_upscalers()
    assert list(found) == ["ESRGAN"]
    image = found["ESRGAN"].enlarged(texture(45, 61), (122, 90))
    assert image.shape[0] >= 90 and image.shape[1] >= 122
    webui.shared.state.interrupted = True
    with pytest.raises(Cancelled):
        found["ESRGAN"].enlarged(texture(45, 61), (122, 90))
