"""What a user can say about noise inversion: frames painted from the noise that their own picture leads to."""

from __future__ import annotations

from dataclasses import dataclass

from lib_vidstyl.settings import Settings, setting

MATCHED, SCRIPT = "matched", "script"


@dataclass(frozen=True)
class InversionSettings(Settings):
    """Noise taken from the frame itself; its fields are those of the webui's "img2img alternative test", and some more."""

    invert: bool = setting(False, "Invert frames", "Paint each frame from the noise that its own picture leads to, not from drawn "
                           "noise: what the prompt does not change stays where it is.", flag="invert", basic=True)
    preset: str = setting("none", "Inversion preset", "'guide': as guides to the 'img2img alternative test' have it, with only "
                          "'sigma adjustment' ticked; decides every setting below but the original prompts.",
                          choices=("none", "guide"), flag="inversion-preset")
    original_prompt: str = setting("", "Original prompt", "What the source frames show, in plain words; the better it fits, the "
                                   "better they are kept.", lines=True, flag="original-prompt", basic=True)
    original_negative_prompt: str = setting("", "Original negative prompt", "What the source frames do not show; counts only where "
                                            "the decode CFG scale is not 1.", lines=True, flag="original-negative-prompt")
    method: str = setting(MATCHED, "Inversion method", "'matched': each step undoes one of the sampler's; 'heun', 'euler': plain "
                          "integration; 'script': the very noise of the webui's 'img2img alternative test'.",
                          choices=(MATCHED, "heun", "euler", SCRIPT), flag="inversion-method")
    iterations: int = setting(3, "Corrections per step", "How often, at most, the method 'matched' corrects each step; each costs "
                              "as much as a sampling step.", minimum=1, maximum=50, step=1, flag="inversion-iterations")
    decode_cfg: float = setting(1.0, "Decode CFG scale", "CFG scale of the inversion; above 2 frames seldom come back.",
                                minimum=0.0, maximum=15.0, step=0.1, flag="decode-cfg")
    decode_steps: int = setting(0, "Decode steps", "Steps of the inversion; 0: those of sampling, which alone can be undone "
                                "exactly.", minimum=0, maximum=1000, step=1, flag="decode-steps")
    randomness: float = setting(0.0, "Randomness", "Share of drawn noise, by the frame's seed, mixed into the frame's own.",
                                minimum=0.0, maximum=1.0, step=0.01, flag="randomness")
    sigma_adjustment: bool = setting(False, "Sigma adjustment", "The better of the two ways that the method 'script' has.",
                                     flag="sigma-adjustment")
    override_sampler: bool = setting(False, "Sample with Euler", "Whatever the sampler; others may only be undone in part.",
                                     flag="override-sampler")
    override_prompt: bool = setting(False, "Sample with the original prompts", "Shows how well frames come back.",
                                    flag="override-prompt")
    override_steps: bool = setting(False, "Sample with the decode steps", "Whatever the steps, unless the decode steps are 0.",
                                   flag="override-steps")
    override_strength: bool = setting(False, "Sample at denoising strength 1", "Whatever the denoising strength; the method "
                                      "'script' was made for it.", flag="override-strength")

    def resolved(self) -> InversionSettings:
        """These settings with the preset carried out; they then have none."""
        if self.preset == "none":
            return self
        kept = {name: getattr(self, name) for name in ("invert", "original_prompt", "original_negative_prompt")}
        return InversionSettings(**kept, method=SCRIPT, decode_steps=50, sigma_adjustment=True)
