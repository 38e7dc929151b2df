"""The tiny checkpoint at Stable Diffusion 1.5's own widths: Forge and its kin know models by their widths and keep the configs.

The same pixels as `checkpoints.install` makes. Nearly all weights are nought, holes in a file that looks 4 GB large.
"""

import json
from itertools import pairwise
from pathlib import Path

import numpy as np

from tests.e2e import checkpoints
from tests.e2e.weights import Network, TextShape, UNetShape, clip_text, save, unet

SHAPE = UNetShape(width=320, attention=(1, 2, 4))
TEXT = TextShape(inner=3072, layers=12)
WIDTHS = (128, 256, 512, 512)
PREFIX = "first_stage_model."
HINT = (3, 16, 16, 32, 32, 96, 96, 256, 320)
OUTPUTS = (320, 320, 320, 320, 640, 640, 640, 1280, 1280, 1280, 1280, 1280)
STRAIGHT = 30.0


def install(folder: Path, words: list[str], name: str = "vidstyl-wide", fault: str = "") -> Path:
    """Write the checkpoint into `folder`; returns its path. words: the tokens that the host's own tokenizer has, in order."""
    folder.mkdir(parents=True, exist_ok=True)
    recipe = checkpoints.Recipe(SHAPE, fault)
    net = Network(unet(SHAPE) | vae() | clip_text(len(words), TEXT))
    checkpoints._set_unet(net, recipe)
    checkpoints._set_vae(net, "")
    _set_scales(net)
    checkpoints._set_words(net, words)
    save(net, folder / f"{name}.safetensors")
    return folder / f"{name}.safetensors"


def controlnet(path: Path, gain: float = 1.0) -> Path:
    """Write a ControlNet: a bright control picture brightens, by as much as with `checkpoints.adapter`."""
    whole = "control_model."
    net = Network({name: array for name, array in unet(SHAPE, whole).items()
                   if not name.startswith((f"{whole}out.", f"{whole}output_blocks."))})
    for place, (before, after) in enumerate(pairwise(HINT)):
        net.layer(f"{whole}input_hint_block.{2 * place}", after, before, 3, 3)
    for place, width in enumerate(OUTPUTS):
        net.layer(f"{whole}zero_convs.{place}.0", width, width, 1, 1)
    net.layer(f"{whole}middle_block_out.0", OUTPUTS[-1], OUTPUTS[-1], 1, 1)
    _set_hint(net, f"{whole}input_hint_block", gain)
    seen = net.open(f"{whole}zero_convs.2.0.weight")
    for row in _all_rows(SHAPE.width):
        seen[row, row] = 1
    path.parent.mkdir(parents=True, exist_ok=True)
    save(net, path)
    return path


def _set_hint(net: Network, name: str, gain: float) -> None:
    """Hand three colours through eight layers, so far above nought that what bends between them does nothing."""
    layers = len(HINT) - 1
    for place in range(layers - 1):
        weight = net.open(f"{name}.{2 * place}.weight")
        for channel in range(3):
            weight[channel, channel, 1, 1] = 1
    net.open(f"{name}.0.bias")[:3] = STRAIGHT
    weight, bias = net.open(f"{name}.{2 * (layers - 1)}.weight"), net.open(f"{name}.{2 * (layers - 1)}.bias")
    for channel in range(3):
        for sign, row in zip((-1, 1), checkpoints._rows(SHAPE.width, channel), strict=False):
            weight[row, channel, 1, 1], bias[row] = sign * gain, -sign * gain * STRAIGHT


def words_of(vocabulary: Path) -> list[str]:
    """The tokens of a CLIP tokenizer's vocab.json, in order."""
    table = json.loads(vocabulary.read_text(encoding="utf-8"))
    return sorted(table, key=table.__getitem__)


def vae() -> Network:
    """Stable Diffusion's autoencoder in the names of the original code."""
    net = Network()
    last = WIDTHS[-1]
    for half, (first, ends, edge) in {"encoder": (3, (WIDTHS[0], last), 8), "decoder": (4, (last, WIDTHS[0]), 3)}.items():
        net.layer(f"{PREFIX}{half}.conv_in", ends[0], first, 3, 3)
        for i in (1, 2):
            _residual(net, f"{PREFIX}{half}.mid.block_{i}", last, last)
        net.norm(f"{PREFIX}{half}.mid.attn_1.norm", last)
        for part in ("q", "k", "v", "proj_out"):
            net.layer(f"{PREFIX}{half}.mid.attn_1.{part}", last, last, 1, 1)
        net.norm(f"{PREFIX}{half}.norm_out", ends[1])
        net.layer(f"{PREFIX}{half}.conv_out", edge, ends[1], 3, 3)
    for name, before, after, sample in _scales():
        for block in range(2 + ("decoder" in name)):
            _residual(net, f"{name}.block.{block}", before if block == 0 else after, after)
        if sample:
            net.layer(f"{name}.{sample}.conv", after, after, 3, 3)
    net.layer(f"{PREFIX}quant_conv", 8, 8, 1, 1)
    net.layer(f"{PREFIX}post_quant_conv", 4, 4, 1, 1)
    return net


def _scales() -> list[tuple[str, int, int, str]]:
    """(name, channels before, channels after, what changes the size) of every scale of both halves."""
    last = len(WIDTHS) - 1
    down = [(f"{PREFIX}encoder.down.{i}", WIDTHS[max(i - 1, 0)], width, "downsample" if i < last else "")
            for i, width in enumerate(WIDTHS)]
    return down + [(f"{PREFIX}decoder.up.{i}", WIDTHS[min(i + 1, last)], width, "upsample" if i else "")
                   for i, width in enumerate(WIDTHS)]


def _residual(net: Network, name: str, before: int, after: int) -> None:
    for i, width in ((1, before), (2, after)):
        net.norm(f"{name}.norm{i}", width)
        net.layer(f"{name}.conv{i}", after, width, 3, 3)
    if before != after:
        net.layer(f"{name}.nin_shortcut", after, before, 1, 1)


def _set_scales(net: Network) -> None:
    """Hand the signals from scale to scale: halved by the mean of 2x2, doubled by repeating."""
    halved = np.zeros((3, 3), np.float32)
    halved[:2, :2] = 0.25
    same = np.zeros((3, 3), np.float32)
    same[1, 1] = 1
    for name, before, after, sample in _scales():
        if before != after:
            shortcut = net.open(f"{name}.block.0.nin_shortcut.weight")
            for there, here in zip(_all_rows(after), _all_rows(before), strict=True):
                shortcut[there, here] = 1
        if sample:
            weight = net.open(f"{name}.{sample}.conv.weight")
            for row in _all_rows(after):
                weight[row, row] = halved if sample == "downsample" else same


def _all_rows(width: int) -> list[int]:
    return [row for signal in range(4) for row in checkpoints._rows(width, signal)]


