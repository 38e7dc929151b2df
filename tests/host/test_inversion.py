"""The inversion's part in a call of the webui, on a model whose answers are known."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from lib_vidstyl.cache import Cache
from lib_vidstyl.host.guard import NotFinite
from lib_vidstyl.host.inversion import Inversion
from lib_vidstyl.host.levels import passage
from lib_vidstyl.stylizers.base import Task
from lib_vidstyl.stylizers.inversion import InversionSettings
from tests.host.sampling import SamplingHost


@pytest.fixture
def host(webui, monkeypatch):
    return SamplingHost(webui, monkeypatch)


def latents(frames=2, seed=0):
    return torch.from_numpy(np.random.default_rng(seed).standard_normal((frames, 4, 8, 8)).astype(np.float32) * 0.6)


def tasks(count=2, prompt=""):
    return [Task(index, np.zeros((8, 8, 3), np.uint8), 7, prompt) for index in range(count)]


def painted(host, hook, pc):
    hook.enter(pc)
    pc.sampler = host.sampler(pc.sampler_name)
    hook.before(pc, tasks(len(pc.init_latent), pc.prompt))
    return pc.sample(conditioning=None)


def inversion(cache=None, **settings):
    return Inversion(InversionSettings(invert=True, **settings), cache=cache)


@pytest.mark.parametrize("strength", [0.3, 0.5, 0.75, 1.0])
def test_frames_come_back_at_any_strength(host, strength):
    x = latents()
    made = painted(host, inversion(original_prompt="a man", override_prompt=True), host.request(x, denoising_strength=strength))
    assert float((made - x).abs().max()) < 2e-3
    drawn = host.request(x, denoising_strength=strength, prompt="a man").sample()
    assert float((drawn - x).abs().mean()) > 0.05


def test_another_prompt_changes_the_frame_and_keeps_what_it_does_not_speak_of(host):
    x = latents()
    made = painted(host, inversion(original_prompt="a man"), host.request(x, prompt="a statue", denoising_strength=1.0))
    moved = made - x
    assert float(moved.mean().abs()) > 0.05 and float(moved.std()) < 0.1 * float(moved.mean().abs())


def test_the_request_is_as_before(host):
    pc = host.request(latents())
    options = dict(host.webui.shared.opts.data)
    painted(host, inversion(), pc)
    assert pc.seed == [7, 7] and pc.extra_generation_params == {}
    assert host.webui.shared.opts.data == options


def test_a_batch_equals_one_by_one(host):
    x = latents(3)
    together = painted(host, inversion(iterations=6), host.request(x))
    alone = [painted(host, inversion(iterations=6), host.request(x[row:row + 1])) for row in range(3)]
    assert float((together - torch.cat(alone)).abs().max()) < 1e-5


def test_noise_is_kept_and_only_what_decides_it_finds_it_anew(host, tmp_path):
    cache, x = Cache(tmp_path / "cache"), latents()

    def counted(request=None, latent=x, **settings):
        hook = inversion(cache, **settings)
        made = painted(host, hook, host.request(latent, **(request or {})))
        return hook.hits, hook.misses, made

    first = counted()
    assert first[:2] == (0, 2)
    again = counted()
    assert again[:2] == (2, 0) and torch.equal(first[2], again[2])
    for change in ({"prompt": "x"}, {"negative_prompt": "x"}, {"seed": [9, 9]}, {"cfg_scale": 9.0}):
        assert counted(change)[:2] == (2, 0), change
    half = torch.cat([x[:1], x[1:] + 1])
    assert counted(latent=half)[:2] == (1, 1)
    for change in ({"steps": 21}, {"denoising_strength": 0.6}, {"sampler_name": "Heun"}):
        assert counted(change)[:2] == (0, 2), change
    for change in ({"original_prompt": "b"}, {"decode_cfg": 1.5}, {"method": "heun"}, {"iterations": 4}, {"decode_steps": 30}):
        assert counted(**change)[:2] == (0, 2), change


def test_damaged_entries_are_found_anew(host, tmp_path):
    cache, x = Cache(tmp_path / "cache"), latents()
    first = painted(host, inversion(cache), host.request(x))
    for path in (tmp_path / "cache").rglob("*.bin"):
        path.write_bytes(path.read_bytes()[:-3])
    hook = inversion(cache)
    assert torch.equal(painted(host, hook, host.request(x)), first)
    assert hook.misses == 2


@pytest.mark.parametrize("flag", ["interrupted", "skipped"])
def test_an_interrupt_ends_the_search(host, flag, tmp_path):
    cache = Cache(tmp_path / "cache")
    hook = inversion(cache)
    pc = host.request(latents())
    setattr(host.webui.shared.state, flag, True)
    assert torch.equal(painted(host, hook, pc), pc.init_latent)
    assert cache.size() == 0 and host.asked == []


def test_networks_of_the_painting_have_no_part_in_the_noise(host):
    x, style = latents(), {"lora": [SimpleNamespace(items=["ink"])]}
    noises = []
    for own in ({}, style):
        host.activate(None, own)
        pc = host.request(x, extra_network_data=own)
        pc.sample = lambda pc=pc, **named: noises.append(pc.rng.next()) or x
        painted(host, inversion(), pc)
    assert torch.equal(*noises)
    assert host.activated[-1] is style, "the request's own networks are at work again"


def test_networks_of_the_original_prompt_are_at_work(host):
    hook = inversion(original_prompt="a man <lora:him:1>")
    pc = host.request(latents())
    painted(host, hook, pc)
    assert [sorted(networks) for networks in host.activated] == [["lora"], []]
    assert host.lora == 0.0


def test_stochastic_samplers_are_replaced_with_a_notice(host):
    pc = host.request(latents(), sampler_name="Euler a")
    hook = inversion()
    painted(host, hook, pc)
    assert pc.sampler_name == "Euler" and "Euler a" in hook.notices[0]


def test_overrides(host):
    pc = host.request(latents(), sampler_name="Heun")
    painted(host, inversion(override_sampler=True, override_steps=True, decode_steps=11, override_strength=True,
                            override_prompt=True, original_prompt="o", original_negative_prompt="n"), pc)
    assert (pc.sampler_name, pc.steps, pc.denoising_strength, pc.prompt, pc.negative_prompt) == ("Euler", 11, 1.0, "o", "n")


def test_randomness_is_the_seeds_and_keeps_the_strength(host):
    x = latents(1)
    made = [painted(host, inversion(randomness=share), host.request(x, seed=[seed])) for share, seed in
            ((0.5, 7), (0.5, 7), (0.5, 8), (0.0, 8))]
    assert torch.equal(made[0], made[1]) and not torch.equal(made[0], made[2])
    assert float((made[3] - x).abs().max()) < 2e-3 < float((made[0] - x).abs().max())


def test_prompts_that_change_with_the_step_see_samplings_steps(host):
    hook = inversion(method="euler", original_prompt="a")
    pc = host.request(latents(1), denoising_strength=0.5)
    painted(host, hook, pc)
    steps = [step for _, _, step in host.asked]
    assert steps == sorted(steps, reverse=True) and steps[-1] in (0, 1)


@pytest.mark.parametrize("adjusted", [False, True])
def test_the_scripts_noise_is_that_of_the_formula(host, adjusted):
    from tests.diffusion.known import model_sigmas
    from tests.host.sampling import SD

    x = latents(2)
    hook = inversion(method="script", sigma_adjustment=adjusted, decode_steps=15)
    pc = host.request(x, denoising_strength=1.0)
    seen = []
    pc.sample = lambda **named: seen.append(pc.rng.next()) or x
    painted(host, hook, pc)
    for row in range(2):
        y, sigmas = x[row].double().numpy(), model_sigmas(15)[::-1]
        for a, b in pairwise(sigmas):
            level = a if adjusted else b
            if level:
                y = y + (b - a) * (y - y * SD ** 2 / (SD ** 2 + level ** 2)) / level
        y = y / sigmas[-1] if adjusted else y / y.std(ddof=1)
        np.testing.assert_allclose(seen[0][row].numpy(), y - x[row].numpy() / sigmas[-1], rtol=1e-4, atol=1e-5)


def test_the_script_cannot_serve_samplers_without_sigmas(host):
    pc = host.request(latents(), sampler_name="UniPC")
    hook = inversion(method="script")
    painted(host, hook, pc)
    assert pc.sampler_name == "Euler" and "UniPC" in hook.notices[0]


def test_ddim_starts_from_the_state_that_the_inversion_reached(host):
    pc = host.request(latents(1), sampler_name="DDIM")
    pc.sampler = host.sampler("DDIM")
    way, kept = passage(pc), pc.sd_model.alphas_cumprod
    x = pc.init_latent
    state = way.start(x) * 3
    handed = kept[501]
    started = x * handed ** 0.5 + way.noise(state, x) * (1 - handed) ** 0.5
    np.testing.assert_allclose(started.numpy(), (state * kept[451] ** 0.5).numpy(), rtol=1e-4, atol=1e-5)
    assert way.levels[0] == pytest.approx(((1 - kept[0]) / kept[0]) ** 0.5)
    assert way.levels[-1] == pytest.approx(((1 - kept[451]) / kept[451]) ** 0.5)


def test_no_numbers_are_refused_and_not_kept(host, tmp_path):
    cache = Cache(tmp_path / "cache")
    with pytest.raises(NotFinite):
        painted(host, inversion(cache), host.request(latents() * float("nan")))
    assert cache.size() == 0
