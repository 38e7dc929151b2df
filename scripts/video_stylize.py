"""The webui's way in: registers the script, the tab, the settings page and the API. All else is in lib_vidstyl."""

from lib_vidstyl.host.entry import register

VideoStylizeScript = register()
