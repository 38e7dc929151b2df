"""What the preset of the inversion stands for."""

from __future__ import annotations

from lib_vidstyl.stylizers.inversion import InversionSettings


def test_the_guides_preset_is_sigma_adjustment_alone():
    asked = InversionSettings(invert=True, preset="guide", original_prompt="a man", method="heun", randomness=0.5,
                              override_steps=True)
    meant = asked.resolved()
    assert meant == InversionSettings(invert=True, original_prompt="a man", method="script", sigma_adjustment=True, decode_steps=50)
    assert meant.resolved() is meant
    assert not any((meant.override_sampler, meant.override_prompt, meant.override_steps, meant.override_strength))


def test_without_preset_all_is_as_asked():
    asked = InversionSettings(method="heun", randomness=0.5)
    assert asked.resolved() is asked
