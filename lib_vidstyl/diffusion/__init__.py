"""Noise inversion and noise fields, given `denoise(x, sigma)`. Knows no model class; numpy and torch alike."""

from lib_vidstyl.diffusion.compatible import script_noise
from lib_vidstyl.diffusion.noise import frame_noise, mixed, scaled_like
from lib_vidstyl.diffusion.ode import Denoise, Inverted, invert, sample
from lib_vidstyl.diffusion.prediction import denoiser
from lib_vidstyl.diffusion.samplers import Match, match_sampler
from lib_vidstyl.diffusion.schedule import upward

__all__ = ["Denoise", "Inverted", "Match", "denoiser", "frame_noise", "invert", "match_sampler", "mixed", "sample",
           "scaled_like", "script_noise", "upward"]
