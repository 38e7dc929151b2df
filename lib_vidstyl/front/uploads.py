"""Gradio components that believe nothing a browser says about files.

Gradio 3.41 copies any file of the server into its servable folder when a value names it with "is_file", and fetches any
address; 4.40 fetches addresses. Here only files that were really uploaded get in: resolved paths inside the upload folder,
no larger than allowed, with the content of a clip or a picture.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from lib_vidstyl.front.incoming import MOST_BYTES, UploadError, inside, upload_folder, uploaded

__all__ = ["MOST_BYTES", "UploadError", "clip_upload", "guarded", "inside", "upload_folder", "uploaded"]


def guarded(kind: type) -> Callable[..., Any]:
    """Makes Gradio components that never fetch an address or move a file, whatever value they are sent.

    A component's own methods are replaced, not those of a subclass: a webui lets its owner set the defaults of components of
    exactly Gradio's kinds (A1111's modules/ui_loadsave.py:62-83), of those that are not marked as here.
    """
    def make(**about: Any) -> Any:
        made = kind(**about)
        refusal = _NoFiles()
        for name in _MOVERS:
            setattr(made, name, getattr(refusal, name))
        made.do_not_save_to_config = True
        return made

    return make


class _NoFiles:
    """Mixin for components that take no files."""

    def make_temp_copy_if_needed(self, file_path: Any) -> str:
        raise UploadError("no files are taken here")

    def download_temp_copy_if_needed(self, url: Any) -> str:
        raise UploadError("no addresses are fetched here", remedy="Download the clip and give the file.")

    def move_resource_to_block_cache(self, url_or_file_path: Any) -> str:
        raise UploadError("no files are taken here")

    async def async_move_resource_to_block_cache(self, url_or_file_path: Any) -> str:
        raise UploadError("no files are taken here")


_MOVERS = [name for name in vars(_NoFiles) if not name.startswith("__")]


class _ClipFile(_NoFiles):
    """Mixin for the file component: what the browser names is checked before anything touches it."""

    most_bytes = MOST_BYTES

    def preprocess(self, payload: Any) -> str | None:
        """The uploaded file's path, or None."""
        path = uploaded(payload, most=self.most_bytes)
        return str(path) if path else None

    def move_resource_to_block_cache(self, url_or_file_path: Any) -> str:
        return str(inside(url_or_file_path))

    async def async_move_resource_to_block_cache(self, url_or_file_path: Any) -> str:
        return str(inside(url_or_file_path))


def clip_upload(*, most: int = MOST_BYTES, **about: Any) -> Any:
    """A file component for one clip or picture. A handler gets the path of the uploaded file (text) or None.

    about: label, elem_id and the like. What is refused reaches the handler's caller as UploadError or ClipError.
    """
    kind = type("File", (_ClipFile, gr.File), {"__module__": gr.File.__module__, "most_bytes": most})
    return kind(file_count="single", **about)
