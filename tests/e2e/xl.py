"""The tiny checkpoint once more, in SDXL's structure: another model class, conditionings that are dictionaries, sizes among them.

Same pixels as `checkpoints.install` makes; only the way through the webui differs.
"""

import json
from dataclasses import replace
from pathlib import Path

from tests.e2e import checkpoints
from tests.e2e.weights import Network, TextShape, UNetShape, clip_text, save, unet, vae, vae_params

SIZES = ("original_size_as_tuple", "crop_coords_top_left", "target_size_as_tuple")
SIZE_WIDTH = 16
TEXT = "conditioner.embedders.0."


def install(folder: Path, name: str = "vidstyl-xl") -> Path:
    """Write checkpoint, yaml and tokenizer below `folder` (the webui's models/Stable-diffusion); returns the checkpoint's path."""
    folder.mkdir(parents=True, exist_ok=True)
    words = checkpoints._tokenizer(folder / "vidstyl-clip")
    recipe = checkpoints.Recipe(replace(UNetShape(), adm=2 * SIZE_WIDTH * len(SIZES)))
    net = Network(unet(recipe.unet) | vae(96) | clip_text(len(words), TextShape()))
    checkpoints._set_unet(net, recipe)
    checkpoints._set_vae(net, "")
    checkpoints._set_words(net, words)
    renamed = Network({key.replace("cond_stage_model.", TEXT): array for key, array in net.items()})
    config = _config(recipe, (folder / "vidstyl-clip").resolve())
    (folder / f"{name}.yaml").write_text(json.dumps(config, indent=1), encoding="utf-8")
    save(renamed, folder / f"{name}.safetensors")
    return folder / f"{name}.safetensors"


def _config(recipe: checkpoints.Recipe, clip: Path) -> dict:
    part = "sgm.modules.diffusionmodules."
    text = {"is_trainable": False, "input_key": "txt", "target": "sgm.modules.encoders.modules.FrozenCLIPEmbedder",
            "params": {"version": str(clip), "device": "cpu", "layer": "last"}}
    sizes = [{"is_trainable": False, "input_key": key, "target": "sgm.modules.encoders.modules.ConcatTimestepEmbedderND",
              "params": {"outdim": SIZE_WIDTH}} for key in SIZES]
    network = {**recipe.unet.params(), "spatial_transformer_attn_type": "softmax"}
    network.pop("image_size")
    network.pop("legacy")
    denoiser = {"num_idx": 1000, "weighting_config": {"target": f"{part}denoiser_weighting.EpsWeighting"},
                "scaling_config": {"target": f"{part}denoiser_scaling.EpsScaling"},
                "discretization_config": {"target": f"{part}discretizer.LegacyDDPMDiscretization"}}
    return {"model": {"target": "sgm.models.diffusion.DiffusionEngine", "params": {
        "scale_factor": 0.18215, "disable_first_stage_autocast": True,
        "denoiser_config": {"target": f"{part}denoiser.DiscreteDenoiser", "params": denoiser},
        "network_config": {"target": f"{part}openaimodel.UNetModel", "params": network},
        "conditioner_config": {"target": "sgm.modules.GeneralConditioner", "params": {"emb_models": [text, *sizes]}},
        "first_stage_config": {"target": "sgm.models.autoencoder.AutoencoderKLInferenceWrapper", "params": {
            "embed_dim": 4, "monitor": "val/rec_loss", "ddconfig": {"attn_type": "vanilla", **vae_params(96)},
            "lossconfig": {"target": "torch.nn.Identity"}}}}}}
