"""The script "Video Stylize" in img2img: its controls, and what they call."""

from __future__ import annotations

import traceback
from typing import Any

from lib_vidstyl.host import TITLE

PREFIX = "script_vidstyl"
BROKEN = ("Video Stylize cannot work in this webui: {error}. The console says more. Remedy: update both; packages that are "
          "missing are added when the webui starts.")


class VideoStylize:
    """Mixed into the webui's own `Script` by `script_class`; the webui calls `ui` three times and reads the values of its
    components for the API, so that nothing here has an effect.
    """

    infotext_fields: Any = None
    paste_field_names: Any = None
    filename: str = ""

    def title(self) -> str:
        """The name in the page's list of scripts."""
        return TITLE

    def show(self, is_img2img: bool) -> bool:
        """Only img2img has it."""
        return is_img2img

    def ui(self, is_img2img: bool) -> list[Any]:
        """The controls; where something is broken, a sentence that says so instead of nothing at all."""
        try:
            return self._controls()
        except Exception as error:  # noqa: BLE001 - whatever a changed webui does to us must be said in the page
            traceback.print_exc()
            return apology(error)

    def run(self, p: Any, *values: Any) -> Any:
        """Carry out what the controls and img2img say."""
        from lib_vidstyl.host.swallowed import unheard

        try:
            from lib_vidstyl.host.jobs import generate

            return generate(p, values[0] if values else None, values[1:])
        except Exception as error:
            if not unheard():
                raise
            from lib_vidstyl.host.results import refused

            traceback.print_exc()
            return refused(p, error)

    def _controls(self) -> list[Any]:
        from lib_vidstyl.front import infotext, widgets
        from lib_vidstyl.front.uploads import clip_upload
        from lib_vidstyl.host import controls

        panel, recipe = controls.panel(), controls.defaults()
        upload = clip_upload(label="Upload a clip", elem_id=f"{PREFIX}_upload")
        made = widgets.build(panel, recipe, prefix=PREFIX)
        for widget in made:
            widget.do_not_save_to_config = False  # "Settings > Defaults" and ui-config.json hold the owner's own defaults
        self.infotext_fields = widgets.infotext_fields(panel, made, infotext.readers(panel, recipe))
        self.paste_field_names = ["Script", *(infotext.name(control) for control in panel)]
        return [upload, *made]


def script_class(base: type) -> type:
    """The class that the webui registers. base: `modules.scripts.Script`."""
    return type("VideoStylizeScript", (VideoStylize, base), {"__module__": base.__module__})


def apology(error: BaseException) -> list[Any]:
    """Say in the page that is being built what is wrong; no controls."""
    import gradio as gr

    said = BROKEN.format(error=" ".join(f"{type(error).__name__}: {error}".split()))
    gr.Markdown(said, elem_id=f"{PREFIX}_broken")
    return []
