"""Tiny checkpoints with weights set by hand, so that a test can say which pixels must come out of a real webui.

The VAE is exact: encoding takes the mean of each 8x8 block, decoding paints the block in one colour. The UNet's noise estimate is
the high-pass of what it is given, so a picture comes back smooth; words in the prompt tint it. A signal s passes a group
normalisation unharmed as (C + s, C - s, -2C) in the channels of one group: their mean is nought and, for C far above s, their
spread is constant.
"""

import json
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from tests.e2e.weights import Network, TextShape, UNetShape, clip_text, save, unet, vae, vae_params

CONSTANT = 16.0
LATENT = 20.0
GROUPS = 32
WORDS = {"red": (3, 0, 0), "green": (0, 3, 0), "blue": (0, 0, 3), "bright": (3, 3, 3), "dark": (-3, -3, -3)}
OVERFLOW = 1e5
FAULTS = ("", "nan", "half-vae", "half-unet", "half-attention")


@dataclass(frozen=True)
class Recipe:
    """One checkpoint: its UNet, and which fault it has.

    `nan`: the noise estimate is never a number. `half-...`: an intermediate value is beyond half precision, and harmless in single.
    """

    unet: UNetShape = field(default_factory=UNetShape)
    fault: str = ""
    tint: float = 3.0


def install(folder: Path, name: str = "vidstyl-tiny", recipe: Recipe = Recipe()) -> Path:
    """Write checkpoint, yaml and tokenizer below `folder` (the webui's models/Stable-diffusion); returns the checkpoint's path."""
    folder.mkdir(parents=True, exist_ok=True)
    words = _tokenizer(folder / "vidstyl-clip")
    net = unet(recipe.unet) | vae(96) | clip_text(len(words), TextShape())
    net = Network(net)
    _set_unet(net, recipe)
    _set_vae(net, recipe.fault)
    _set_words(net, words)
    config = _config(recipe, (folder / "vidstyl-clip").resolve())
    (folder / f"{name}.yaml").write_text(json.dumps(config, indent=1), encoding="utf-8")
    save(net, folder / f"{name}.safetensors")
    return folder / f"{name}.safetensors"


def inpainting(recipe: Recipe = Recipe()) -> Recipe:
    """`recipe` with the nine input channels of an inpainting checkpoint."""
    return replace(recipe, unet=replace(recipe.unet, inputs=9))


def adapter(path: Path, *, width: int = 96, gain: float = 1.0) -> Path:
    """Write a T2I-Adapter: the control picture's block means are taken off the noise estimate, so a bright control brightens."""
    net = Network()
    net.layer("conv_in", width, 192, 3, 3)
    sizes = [width * m for m in (1, 2, 4, 4)]
    for i, size in enumerate(sizes):
        for j in (0, 1):
            block = f"body.{2 * i + j}"
            if i and not j and sizes[i - 1] != size:
                net.layer(f"{block}.in_conv", size, sizes[i - 1], 1, 1)
            net.layer(f"{block}.block1", size, size, 3, 3)
            net.layer(f"{block}.block2", size, size, 1, 1)
    mix = net.open("conv_in.weight")
    for channel in range(3):
        for sign, row in zip((-1, 1), _rows(width, channel), strict=False):
            mix[row, channel * 64 : channel * 64 + 64, 1, 1] = sign * gain / 64
    path.parent.mkdir(parents=True, exist_ok=True)
    save(net, path)
    return path


def _rows(width: int, signal: int) -> tuple[int, int, int]:
    first = signal * width // GROUPS
    return first, first + 1, first + 2


def _insert(net: Network, layer: str, signal: int, kernel: np.ndarray) -> None:
    """Let `layer` put a signal of its inputs, seen through `kernel` (inputs, 3, 3), into the signal's group."""
    weight, bias = net.open(f"{layer}.weight"), net.open(f"{layer}.bias")
    plus, minus, rest = _rows(len(bias), signal)
    weight[plus], weight[minus] = kernel, -kernel
    bias[plus], bias[minus], bias[rest] = CONSTANT, CONSTANT, -2 * CONSTANT


def _take(net: Network, norm: str, layer: str, gains: list[tuple[int, int, float]]) -> None:
    """Let `layer` read signals after the normalisation `norm`; `gains` are (output, signal, gain)."""
    width = len(net[f"{norm}.weight"])
    net.open(f"{norm}.weight")[:] = CONSTANT * np.sqrt(6 * GROUPS / width)
    weight = net.open(f"{layer}.weight")
    for output, signal, gain in gains:
        plus, minus, _ = _rows(width, signal)
        weight[output, plus, 1, 1], weight[output, minus, 1, 1] = gain / 2, -gain / 2


def _pass(net: Network, layer: str, kernel: np.ndarray, offset: int = 0) -> None:
    """Let a convolution hand on its inputs from `offset`, each through the same `kernel`."""
    weight = net.open(f"{layer}.weight")
    for i in range(len(weight)):
        weight[i, i + offset] = kernel


def _set_vae(net: Network, fault: str) -> None:
    name = "first_stage_model."
    _pass(net, f"{name}quant_conv", np.ones((1, 1), np.float32))
    _pass(net, f"{name}post_quant_conv", np.ones((1, 1), np.float32))
    for signal in range(3):
        for half, count, gain in (("encoder", 3, 1.0), ("decoder", 4, 1 / LATENT)):
            kernel = np.zeros((count, 3, 3), np.float32)
            kernel[signal, 1, 1] = gain
            _insert(net, f"{name}{half}.conv_in", signal, kernel)
    _take(net, f"{name}encoder.norm_out", f"{name}encoder.conv_out", [(i, i, LATENT) for i in range(3)])
    _take(net, f"{name}decoder.norm_out", f"{name}decoder.conv_out", [(i, i, 1.0) for i in range(3)])
    net.open(f"{name}encoder.conv_out.bias")[4:] = -30
    if fault == "half-vae":
        net.open(f"{name}decoder.conv_in.bias")[-1] = OVERFLOW


def _set_unet(net: Network, recipe: Recipe) -> None:
    name, shape = "model.diffusion_model.", recipe.unet
    highpass = np.full((3, 3), -1 / 9, np.float32)
    highpass[1, 1] += 1
    for signal in range(4):
        kernel = np.zeros((shape.inputs, 3, 3), np.float32)
        kernel[signal] = highpass
        if shape.inputs == 9 and signal == 0:
            kernel[4, 1, 1] = -0.2
        _insert(net, f"{name}input_blocks.0.0", signal, kernel)
    _pass_through(net, shape)
    _take(net, f"{name}out.0", f"{name}out.2", [(i, i, 1.0) for i in range(4)])
    _set_tint(net, f"{name}middle_block.1", recipe)
    if recipe.fault == "nan":
        net.open(f"{name}out.2.bias")[:] = np.nan
    if recipe.fault == "half-unet":
        net.open(f"{name}input_blocks.0.0.bias")[-1] = OVERFLOW
    if recipe.fault == "half-attention":
        inner = f"{name}middle_block.1.transformer_blocks.0"
        net.open(f"{inner}.norm1.bias")[:] = 1
        for letter in "qk":
            net.open(f"{inner}.attn1.to_{letter}.weight")[:] = 300 / (shape.width * shape.mult[-1])


def _pass_through(net: Network, shape: UNetShape) -> None:
    """Let the way up hand on what the middle says, and add the first scale's signals (with a control's addition) to it."""
    name = "model.diffusion_model."
    per_scale = shape.blocks + 1
    for block in range(len(shape.mult) * per_scale):
        skip = net.open(f"{name}output_blocks.{block}.0.skip_connection.weight")
        for i in range(3 * shape.width // GROUPS):
            skip[i, i] = 1
            if block == (len(shape.mult) - 1) * per_scale:
                skip[i, skip.shape[1] - shape.width + i] = 1
    for scale in range(1, len(shape.mult)):
        block = per_scale * (len(shape.mult) - scale) - 1
        conv = next(key for key in net if key.startswith(f"{name}output_blocks.{block}.") and key.endswith(".conv.weight"))
        weight = net.open(conv)
        for i in range(3 * shape.width // GROUPS):
            weight[i, i, 1, 1] = 1


def _set_tint(net: Network, name: str, recipe: Recipe) -> None:
    """Take the mean of the prompt's first three dimensions off the noise estimate: the picture gets that colour."""
    inner = f"{name}.transformer_blocks.0.attn2"
    value, out = net.open(f"{inner}.to_v.weight"), net.open(f"{inner}.to_out.0.weight")
    project = net.open(f"{name}.proj_out.weight")
    for colour in range(3):
        value[colour, colour] = out[colour, colour] = 1
        plus, minus, _ = _rows(recipe.unet.width, colour)
        project[plus, colour], project[minus, colour] = -recipe.tint, recipe.tint


def _set_words(net: Network, words: list[str]) -> None:
    name = "cond_stage_model.transformer.text_model."
    table = net.open(f"{name}embeddings.token_embedding.weight")
    table[:, 0::2], table[:, 1::2] = 1, -1
    table[:, :3] = np.random.default_rng(7).normal(0, 0.3, (len(words), 3))
    table[-2:, :3] = 0
    for word, colour in WORDS.items():
        table[words.index(f"{word}</w>"), :3] = colour
    net.open(f"{name}final_layer_norm.weight")[:] = 1
    net.open(f"{name}final_layer_norm.bias")[3:] = 0.5
    for key in [key for key in net if ".layer_norm" in key and key.endswith("weight")]:
        net.open(key)[:] = 1


def _tokenizer(folder: Path) -> list[str]:
    """Write a CLIP tokenizer that knows single bytes and the colour words; returns its tokens in order."""
    folder.mkdir(exist_ok=True)
    shown = [*range(33, 127), *range(161, 173), *range(174, 256)]
    hidden = [b for b in range(256) if b not in shown]
    letters = [chr(b) for b in shown] + [chr(256 + i) for i in range(len(hidden))]
    merges, tokens = [], letters + [f"{letter}</w>" for letter in letters]
    for word in WORDS:
        for i in range(1, len(word)):
            pair = (word[:i], word[i] + ("</w>" if i == len(word) - 1 else ""))
            if pair not in merges:
                merges.append(pair)
                tokens.append("".join(pair))
    tokens += ["<|startoftext|>", "<|endoftext|>"]
    files = {
        "vocab.json": json.dumps({token: i for i, token in enumerate(tokens)}, ensure_ascii=False),
        "merges.txt": "#version: 0.2\n" + "".join(f"{a} {b}\n" for a, b in merges),
        "tokenizer_config.json": json.dumps({"tokenizer_class": "CLIPTokenizer", "model_max_length": 77,
                                             "do_lower_case": True, "bos_token": tokens[-2], "eos_token": tokens[-1],
                                             "unk_token": tokens[-1], "pad_token": tokens[-1]}),
        "config.json": json.dumps({"architectures": ["CLIPTextModel"], "model_type": "clip_text_model",
                                   "hidden_size": TextShape.width, "intermediate_size": TextShape.inner,
                                   "num_hidden_layers": TextShape.layers, "num_attention_heads": 12,
                                   "hidden_act": "quick_gelu", "vocab_size": len(tokens),
                                   "max_position_embeddings": 77, "bos_token_id": len(tokens) - 2, "eos_token_id": len(tokens) - 1,
                                   "pad_token_id": len(tokens) - 1}),
    }
    for file, text in files.items():
        (folder / file).write_text(text, encoding="utf-8", newline="\n")
    return tokens


def _config(recipe: Recipe, clip: Path) -> dict:
    painter = "LatentInpaintDiffusion" if recipe.unet.inputs == 9 else "LatentDiffusion"
    params = {
        "linear_start": 0.00085, "linear_end": 0.0120, "num_timesteps_cond": 1, "log_every_t": 200, "timesteps": 1000,
        "first_stage_key": "jpg", "cond_stage_key": "txt", "image_size": 64, "channels": 4, "cond_stage_trainable": False,
        "conditioning_key": "hybrid" if recipe.unet.inputs == 9 else "crossattn", "monitor": "val/loss_simple_ema",
        "scale_factor": 0.18215, "use_ema": False,
        "unet_config": {"target": "ldm.modules.diffusionmodules.openaimodel.UNetModel", "params": recipe.unet.params()},
        "first_stage_config": {"target": "ldm.models.autoencoder.AutoencoderKL",
                               "params": {"embed_dim": 4, "monitor": "val/rec_loss", "ddconfig": vae_params(96),
                                          "lossconfig": {"target": "torch.nn.Identity"}}},
        "cond_stage_config": {"target": "ldm.modules.encoders.modules.FrozenCLIPEmbedder",
                              "params": {"version": str(clip), "device": "cpu"}},
    }
    if recipe.unet.inputs == 9:
        params["finetune_keys"] = None
    return {"model": {"base_learning_rate": 1e-4, "target": f"ldm.models.diffusion.ddpm.{painter}", "params": params}}
