"""Scripts as the webui runs them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.host.webui.now import webui

if TYPE_CHECKING:
    from tests.host.webui.processing import Img2Img


class ScriptRunner:
    """scripts.py:515-560, 830-960: errors of scripts are printed and swallowed."""

    def __init__(self) -> None:
        self.alwayson_scripts: list[Any] = []
        self.selectable_scripts: list[Any] = []
        self.inputs: list[Any] = [None]

    @property
    def scripts(self) -> list[Any]:
        return self.alwayson_scripts + self.selectable_scripts

    def call(self, name: str, p: Img2Img, *more: Any) -> None:
        for script in self.alwayson_scripts:
            try:
                getattr(script, name, lambda *_: None)(p, *more, *p.script_args[script.args_from:script.args_to])
            except Exception as error:  # noqa: BLE001 - as in scripts.py:833
                webui().printed.append(str(error))
                webui().errors.report(f"Error running {name}: {getattr(script, 'filename', '')}", exc_info=True)


class Script:
    """scripts.py:50-120."""

    alwayson = False
    is_img2img = True
    args_from = args_to = None
    infotext_fields = paste_field_names = None

    def elem_id(self, item_id: str) -> str:
        return f"script_{self.title().lower().replace(' ', '_')}_{item_id}"  # scripts.py:334-342


class PasteField(tuple):
    """infotext_utils.py:34."""

    def __new__(cls, component: Any, target: Any, *, api: str | None = None) -> PasteField:
        return super().__new__(cls, (component, target))

    def __init__(self, component: Any, target: Any, *, api: str | None = None) -> None:
        self.component, self.api = component, api
