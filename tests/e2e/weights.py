"""Layouts of Stable Diffusion networks, all weights nought, and a writer of safetensors files that stores the noughts as holes.

Nothing of torch is needed: a network is a dictionary of numpy arrays, and only what a test sets by hand takes memory.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

Shape = tuple[int, ...]


class Network(dict[str, np.ndarray]):
    """Names and arrays of one checkpoint; arrays that nobody wrote to stay views of a single nought."""

    def add(self, name: str, *shape: int) -> None:
        """A tensor of noughts under `name`."""
        self[name] = np.broadcast_to(np.float32(0), shape)

    def layer(self, name: str, *shape: int) -> None:
        """A layer's weight of `shape`, and its bias."""
        self.add(f"{name}.weight", *shape)
        self.add(f"{name}.bias", shape[0])

    def norm(self, name: str, width: int) -> None:
        """A normalisation of `width` channels."""
        self.layer(name, width)

    def open(self, name: str) -> np.ndarray:
        """The named tensor, ready to be written to."""
        if not self[name].flags.writeable:
            self[name] = np.array(self[name])
        return self[name]


def save(network: Network, path: Path) -> None:
    """Write `network` in float32; tensors of nothing but noughts become holes in the file."""
    header, end = {}, 0
    for name, array in network.items():
        size = 4 * array.size
        header[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [end, end + size]}
        end += size
    head = json.dumps(header).encode()
    head += b" " * (-len(head) % 8)
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for name, array in network.items():
            if array.flags.writeable:
                file.seek(8 + len(head) + header[name]["data_offsets"][0])
                file.write(np.ascontiguousarray(array, "<f4").tobytes())
        file.truncate(8 + len(head) + end)
    partial.replace(path)


@dataclass(frozen=True)
class UNetShape:
    """What a UNet's yaml says of it."""

    inputs: int = 4
    width: int = 96
    mult: tuple[int, ...] = (1, 2, 4, 4)
    attention: tuple[int, ...] = (8,)
    context: int = 768
    linear: bool = False
    adm: int | None = None
    blocks: int = 2

    def params(self) -> dict:
        """The `unet_config.params` of the yaml."""
        extra = {"num_classes": "sequential", "adm_in_channels": self.adm} if self.adm else {}
        return {
            "image_size": 32, "in_channels": self.inputs, "out_channels": 4, "model_channels": self.width, "num_heads": 8,
            "attention_resolutions": list(self.attention), "num_res_blocks": self.blocks, "channel_mult": list(self.mult),
            "use_spatial_transformer": True, "transformer_depth": 1, "context_dim": self.context, "use_checkpoint": False,
            "use_linear_in_transformer": self.linear, "legacy": False, **extra,
        }


def unet(shape: UNetShape, prefix: str = "model.diffusion_model.") -> Network:
    """The UNet's tensors, in the names of the original code."""
    net, width = Network(), shape.width
    time = 4 * width
    for i, size in enumerate((width, time)):
        net.layer(f"{prefix}time_embed.{2 * i}", time, size)
        if shape.adm:
            net.layer(f"{prefix}label_emb.0.{2 * i}", time, (shape.adm, time)[i])
    net.layer(f"{prefix}input_blocks.0.0", width, shape.inputs, 3, 3)
    stack = _way_down(net, prefix, shape)
    now = stack[-1]
    for i in (0, 2):
        _residual(net, f"{prefix}middle_block.{i}", (now, now, time))
    _transformer(net, f"{prefix}middle_block.1", now, shape)
    for block, (scale, mult, last) in enumerate(_rising(shape)):
        name = f"{prefix}output_blocks.{block}"
        _residual(net, f"{name}.0", (now + stack.pop(), mult * width, time))
        now, attends = mult * width, 2**scale in shape.attention
        if attends:
            _transformer(net, f"{name}.1", now, shape)
        if last and scale:
            net.layer(f"{name}.{1 + attends}.conv", now, now, 3, 3)
    net.norm(f"{prefix}out.0", now)
    net.layer(f"{prefix}out.2", 4, now, 3, 3)
    return net


def _way_down(net: Network, prefix: str, shape: UNetShape) -> list[int]:
    width, time = shape.width, 4 * shape.width
    stack, now, block = [width], width, 0
    for scale, mult in enumerate(shape.mult):
        for _ in range(shape.blocks):
            block += 1
            _residual(net, f"{prefix}input_blocks.{block}.0", (now, mult * width, time))
            now = mult * width
            if 2**scale in shape.attention:
                _transformer(net, f"{prefix}input_blocks.{block}.1", now, shape)
            stack.append(now)
        if scale + 1 < len(shape.mult):
            block += 1
            net.layer(f"{prefix}input_blocks.{block}.0.op", now, now, 3, 3)
            stack.append(now)
    return stack


def _rising(shape: UNetShape) -> Iterator[tuple[int, int, bool]]:
    for scale, mult in reversed(list(enumerate(shape.mult))):
        for i in range(shape.blocks + 1):
            yield scale, mult, i == shape.blocks


def _residual(net: Network, name: str, sizes: tuple[int, int, int]) -> None:
    before, after, time = sizes
    net.norm(f"{name}.in_layers.0", before)
    net.layer(f"{name}.in_layers.2", after, before, 3, 3)
    net.layer(f"{name}.emb_layers.1", after, time)
    net.norm(f"{name}.out_layers.0", after)
    net.layer(f"{name}.out_layers.3", after, after, 3, 3)
    if before != after:
        net.layer(f"{name}.skip_connection", after, before, 1, 1)


def _transformer(net: Network, name: str, width: int, shape: UNetShape) -> None:
    tail = () if shape.linear else (1, 1)
    net.norm(f"{name}.norm", width)
    net.layer(f"{name}.proj_in", width, width, *tail)
    for part, context in (("attn1", width), ("attn2", shape.context)):
        inner = f"{name}.transformer_blocks.0.{part}"
        for letter, size in (("q", width), ("k", context), ("v", context)):
            net.add(f"{inner}.to_{letter}.weight", width, size)
        net.layer(f"{inner}.to_out.0", width, width)
    net.layer(f"{name}.transformer_blocks.0.ff.net.0.proj", 8 * width, width)
    net.layer(f"{name}.transformer_blocks.0.ff.net.2", width, 4 * width)
    for i in (1, 2, 3):
        net.norm(f"{name}.transformer_blocks.0.norm{i}", width)
    net.layer(f"{name}.proj_out", width, width, *tail)


def vae(width: int, prefix: str = "first_stage_model.") -> Network:
    """A KL autoencoder whose scales only pool or repeat pixels: no residual blocks, no convolutions between them."""
    net = Network()
    for half, (first, last) in {"encoder": (3, 8), "decoder": (4, 3)}.items():
        net.layer(f"{prefix}{half}.conv_in", width, first, 3, 3)
        for i in (1, 2):
            _plain_residual(net, f"{prefix}{half}.mid.block_{i}", width)
        net.norm(f"{prefix}{half}.mid.attn_1.norm", width)
        for part in ("q", "k", "v", "proj_out"):
            net.layer(f"{prefix}{half}.mid.attn_1.{part}", width, width, 1, 1)
        net.norm(f"{prefix}{half}.norm_out", width)
        net.layer(f"{prefix}{half}.conv_out", last, width, 3, 3)
    net.layer(f"{prefix}quant_conv", 8, 8, 1, 1)
    net.layer(f"{prefix}post_quant_conv", 4, 4, 1, 1)
    return net


def vae_params(width: int) -> dict:
    """The yaml's `ddconfig` for `vae(width)`."""
    return {"double_z": True, "z_channels": 4, "resolution": 256, "in_channels": 3, "out_ch": 3, "ch": width, "ch_mult": [1] * 4,
            "num_res_blocks": -1, "resamp_with_conv": False, "attn_resolutions": [], "dropout": 0.0}


def _plain_residual(net: Network, name: str, width: int) -> None:
    for i in (1, 2):
        net.norm(f"{name}.norm{i}", width)
        net.layer(f"{name}.conv{i}", width, width, 3, 3)


def clip_text(tokens: int, shape: "TextShape", prefix: str = "cond_stage_model.transformer.text_model.") -> Network:
    """CLIP's text model as the transformers package names it."""
    net = Network()
    net.add(f"{prefix}embeddings.token_embedding.weight", tokens, shape.width)
    net.add(f"{prefix}embeddings.position_embedding.weight", 77, shape.width)
    for i in range(shape.layers):
        name = f"{prefix}encoder.layers.{i}"
        for part in ("k_proj", "v_proj", "q_proj", "out_proj"):
            net.layer(f"{name}.self_attn.{part}", shape.width, shape.width)
        for part in ("layer_norm1", "layer_norm2"):
            net.norm(f"{name}.{part}", shape.width)
        net.layer(f"{name}.mlp.fc1", shape.inner, shape.width)
        net.layer(f"{name}.mlp.fc2", shape.width, shape.inner)
    net.norm(f"{prefix}final_layer_norm", shape.width)
    return net


@dataclass(frozen=True)
class TextShape:
    """Size of a CLIP text model; `width` is the UNet's context."""

    width: int = 768
    inner: int = 64
    layers: int = 2
