"""A stand-in for the ControlNet extension, which is quiet about what goes wrong."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np


class Unit:
    """internal_controlnet/args.py:46."""

    def __init__(self, **values):
        self.enabled, self.module, self.model, self.image, self.mask = True, "canny", "edges [12ab]", None, None
        self.weight, self.pixel_perfect, self.processor_res, self.threshold_a, self.threshold_b = 1.0, False, -1, -1, -1
        self.save_detected_map = True
        vars(self).update(values)


class Preprocessor:
    """scripts/supported_preprocessor.py:60."""

    slider_resolution = SimpleNamespace(minimum=64, maximum=2048, value=512)
    slider_1 = slider_2 = SimpleNamespace(minimum=1, maximum=255, value=100)

    def __init__(self, name):
        self.name, self.calls = name, []

    def __call__(self, image, resolution, slider_1=None, slider_2=None):
        self.calls.append((resolution, slider_1))
        if self.name == "broken":
            raise RuntimeError("weights are missing")
        return 255 - image[..., 0]


class Adapter:
    """scripts/adapter.py:47-70: a T2I-Adapter remembers what it made of the first picture until it is reset."""

    def __init__(self):
        self.control = None

    def reset(self):
        self.control = None

    def __call__(self, picture):
        self.control = picture if self.control is None else self.control
        return self.control


class ControlNet:
    """scripts/controlnet.py: paints each frame as the pictures of its units, weighted; `seen` holds the units of each call."""

    args_from, args_to, filename = 1, 4, "/extensions/sd-webui-controlnet/scripts/controlnet.py"

    def __init__(self):
        self.latest_network, self.seen, self.fail, self.adapters = None, [], False, {}

    def title(self):
        return "ControlNet"

    def process(self, p, *units):
        self.latest_network = None
        if self.fail:
            raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")
        enabled = [unit if isinstance(unit, dict) else vars(unit) for unit in units]
        enabled = [unit for unit in enabled if unit.get("enabled")]
        self.seen.append(enabled)
        params = [SimpleNamespace(unit=unit, control_model=self.adapters.setdefault(unit["model"], Adapter())) for unit in enabled]
        for param in params:
            param.control_model.reset()
        self.latest_network = SimpleNamespace(control_params=params) if enabled else None

        def picture(unit):
            image = unit.get("image")
            if image is None:
                image = np.asarray(p.init_images[0])
            return image if unit["module"] in ("none", "ip-adapter-auto") else 255 - image

        whole = p.sample
        if enabled:
            p.sample = lambda **named: whole(**named) * 0 + sum(
                np.moveaxis(np.asarray(param.control_model(picture(param.unit)), np.float32) / 127.5 - 1, 2, 0) / len(params)
                for param in params if isinstance(param.unit.get("image"), (np.ndarray, type(None))))
