"""What holds for all tests."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("vidstyl", deadline=None)  # tests do not time
settings.load_profile("vidstyl")
