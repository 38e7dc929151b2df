"""All that knows the webui (`modules.*`): script, in-process stylizer, settings page. Imported by nothing but scripts/.

`modules.*` is imported inside functions only, so that importing this package costs nothing and works without a webui.
What a host lacks is found out by looking for it, never by its version.
"""

TITLE = "Video Stylize"
"""The name in the webui's page."""

SOURCE = "webui"
"""The name under which our own package knows the webui."""
