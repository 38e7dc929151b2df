"""What a user can say about control units: where each takes its picture from, frame by frame."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lib_vidstyl.controls import Feed, read_feeds, with_paths
from lib_vidstyl.settings import Settings, setting


@dataclass(frozen=True)
class ControlSettings(Settings):
    """Sources of the units that are set up in the webui's ControlNet; module, model, weight and the rest stay there."""

    sources: str = setting("", "Control sources", "One line per ControlNet unit, counted from 0, as in '1: warped'. Sources: frame "
                           "(the frame itself, the default), maps (ready-made ones), previous (the picture painted before), warped "
                           "(that, moved along with the film), first (the first picture of the shot), keyframe (the nearest), "
                           "picture (your own), own (the one in the unit).", lines=True, flag="control-sources")
    files: str = setting("", "Control files", "For the sources maps, keyframe and picture: one line per unit, as in "
                         "'2: maps/depth'; pictures may have a range of frames, as in '1 0-89: ada.png'. Several "
                         "pictures for one frame: several lines.", lines=True, path=True, flag="control-files")
    keep_maps: bool = setting(True, "Keep control maps", "Preprocess each source frame once and keep its map as a picture in the "
                              "project, for the next run and for other programs.", flag="keep-maps")

    def _placed(self, name: str, value: str, change: Callable[[str], str]) -> str:
        return with_paths(value, change)

    def feeds(self) -> tuple[Feed, ...]:
        """The sources, read. Raises SettingsError naming the line that makes no sense."""
        return read_feeds(self.sources, self.files)
