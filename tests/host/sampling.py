"""A webui whose model knows Gaussian data in closed form: samplers, prompts and networks as far as an inversion meets them."""

from __future__ import annotations

from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np

from lib_vidstyl.diffusion import sample
from tests.diffusion.known import from_strength, model_sigmas

SD = 0.6


class InterruptedException(BaseException):
    """sd_samplers_common.py: raised out of the denoiser."""


def mean(prompt: str) -> float:
    """What a prompt shows: pictures around this value."""
    return sum(prompt.encode()) % 7 / 10


class Guided:
    """CFGDenoiser, sd_samplers_cfg_denoiser.py:150: both predictions, weighed; counts how often it was asked for frames."""

    def __init__(self, host: SamplingHost) -> None:
        self.host, self.step, self.p = host, 0, None

    def __call__(self, x, sigma, *, uncond, cond, cond_scale, s_min_uncond, image_cond):
        state = self.host.webui.shared.state
        if state.interrupted or state.skipped:
            raise InterruptedException
        assert len(x) == len(sigma) == len(cond) == len(uncond) == len(image_cond)
        assert s_min_uncond == 0 and self.p.refiner_checkpoint_info is None
        self.host.asked.append((len(x), float(sigma[0]), self.step))
        column = sigma.reshape(-1, 1, 1, 1)
        share = SD ** 2 / (SD ** 2 + column ** 2)

        def expected(prompts):
            middle = x.new_tensor([mean(prompt) + self.host.lora for prompt in prompts]).reshape(-1, 1, 1, 1)
            return middle + (x - middle) * share

        return expected(uncond) + (expected(cond) - expected(uncond)) * cond_scale


class Sampler:
    """sd_samplers_kdiffusion.py:76."""

    def __init__(self, host: SamplingHost, name: str) -> None:
        self.name, self.host = name, host
        self.model_wrap_cfg = Guided(host)
        self.model_wrap = SimpleNamespace(get_sigmas=model_sigmas)
        self.sampler_extra_args: dict[str, Any] = {}

    def get_sigmas(self, p, steps):
        return model_sigmas(steps)


class Timed(Sampler):
    """sd_samplers_timesteps.py:64: goes by times, and knows no sigmas."""

    get_sigmas = None

    def __getattribute__(self, name):
        if name == "get_sigmas":
            raise AttributeError(name)
        return super().__getattribute__(name)

    def get_timesteps(self, p, steps):
        return np.clip(np.arange(0, 1000, 1000 // steps) + 1, 0, 999)


class SamplingHost:
    """Adds samplers, prompts and networks to the stand-in `webui`. lora: what the networks at work add to every picture."""

    def __init__(self, webui, monkeypatch) -> None:
        import sys

        self.webui, self.asked, self.activated, self.lora = webui, [], [], 0.0
        names = ("sd_samplers", "sd_samplers_common", "prompt_parser", "extra_networks")
        made = {name: ModuleType(f"modules.{name}") for name in names}
        made["sd_samplers"].create_sampler = lambda name, model: self.sampler(name)
        made["sd_samplers_common"].InterruptedException = InterruptedException
        made["sd_samplers_common"].setup_img2img_steps = lambda p: (p.steps, int(min(p.denoising_strength, 0.999) * p.steps))
        made["prompt_parser"].SdConditioning = lambda texts, **named: list(texts)
        made["prompt_parser"].get_multicond_learned_conditioning = made["prompt_parser"].get_learned_conditioning = None
        made["extra_networks"].parse_prompts = self.parse_prompts
        made["extra_networks"].activate = self.activate
        for name, module in made.items():
            monkeypatch.setitem(sys.modules, f"modules.{name}", module)
            monkeypatch.setattr(webui.modules["modules"], name, module, raising=False)
        webui.shared.sd_model.alphas_cumprod = 1 / (1 + np.array(model_sigmas(1000)[-2::-1]) ** 2)
        webui.shared.sd_model.dtype = "float32"

    def sampler(self, name):
        return (Timed if name in ("DDIM", "UniPC") else Sampler)(self, name)

    def parse_prompts(self, texts):
        stripped = [text.split("<lora:")[0] for text in texts]
        items = texts[0].split("<lora:")[1:]
        return stripped, {"lora": [SimpleNamespace(items=[item]) for item in items]} if items else {}

    def activate(self, p, networks):
        self.activated.append(networks)
        self.lora = 0.2 * len(networks.get("lora", ()))

    def request(self, latent, **changes):
        """A request in the moment at which the webui calls `pc.sample`."""
        pc = SimpleNamespace(
            sd_model=self.webui.shared.sd_model, sampler_name="Euler", steps=20, denoising_strength=0.5, cfg_scale=1.0, prompt="",
            negative_prompt="", width=64, height=64, init_latent=latent, seed=[7] * len(latent),
            image_conditioning=latent[:, :1, :1, :1] * 0,
            refiner_checkpoint_info="a refiner", extra_network_data={}, disable_extra_networks=False, extra_generation_params={},
            scripts=object(), initial_noise_multiplier=0.9, eta=None, styles=[],
            get_conds_with_caching=lambda function, texts, steps, caches, networks: texts)
        vars(pc).update(changes)
        drawn = latent.new_tensor(np.random.default_rng(pc.seed[0]).standard_normal(latent.shape))
        pc.rng = SimpleNamespace(next=lambda: drawn + 0)
        pc.sample = lambda **named: self.sampled(pc)
        return pc

    def sampled(self, pc):
        """processing.py:1762 and sample_img2img, for one-step samplers; by the request's own prompt."""
        latent, noise = pc.init_latent, pc.rng.next() * pc.initial_noise_multiplier
        down = from_strength(model_sigmas(pc.steps), pc.denoising_strength)
        share = lambda sigma: SD ** 2 / (SD ** 2 + sigma ** 2)  # noqa: E731
        middle = mean(pc.prompt) + self.lora

        def denoise(x, sigma):
            return middle + (x - middle) * share(sigma)

        return sample(denoise, latent + noise * down[0], down, method="euler")
