"""Which picture each control unit gets for each frame. Knows no ControlNet extension, opens no file."""

from lib_vidstyl.controls.feeds import SOURCES, Feed, File, completed, read_feeds, with_paths
from lib_vidstyl.controls.memory import Memory, filled, nearest, remembered
from lib_vidstyl.controls.names import Module, model_named, module_of, spelled, translated
from lib_vidstyl.controls.plan import Plan, plan

__all__ = ["SOURCES", "Feed", "File", "Memory", "Module", "Plan", "completed", "filled", "model_named", "module_of", "nearest",
           "plan", "read_feeds", "remembered", "spelled", "translated", "with_paths"]
