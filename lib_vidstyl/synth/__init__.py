"""Synthesis of frames from styled keys: patches searched from coarse to fine, led by flow. Arrays in, new arrays out.

    key = prepare(styled, source)
    made = synthesise(key, frame, to_key=flow, confidence=sure, engine=usual())
    picture = join(made, made_from_the_next_key, share=0.3)
"""

from lib_vidstyl.synth.blend import join
from lib_vidstyl.synth.choice import usual, warm_up
from lib_vidstyl.synth.engine import Engine
from lib_vidstyl.synth.key import Key, prepare
from lib_vidstyl.synth.schedule import Weights
from lib_vidstyl.synth.synthesis import Synthesis, synthesise

__all__ = ["Engine", "Key", "Synthesis", "Weights", "join", "prepare", "synthesise", "usual", "warm_up"]
