"""The page's languages: a file per language in localizations/, from our English words to its own.

The webui merges these files into its own translations. To add a language, copy de.json and translate its values; what a file
does not say stays English.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "localizations"


def word_files() -> list[Path]:
    """The files of all languages."""
    return sorted(FOLDER.glob("*.json"))


def languages() -> list[str]:
    """Codes of the languages beside English, as in de."""
    return [path.stem for path in word_files()]
