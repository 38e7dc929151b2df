"""Facts that PyAV tells differently from version to version."""

import enum
from types import SimpleNamespace

import pytest

from lib_vidstyl.clip import media


class Seventeen(enum.Flag):
    """av.stream.Disposition of PyAV 17: no number."""

    default, attached_pic = 1, 1024


class Eighteen(enum.IntFlag):
    """The same of PyAV 18."""

    default, attached_pic = 1, 1024


@pytest.mark.parametrize("marks", [Seventeen, Eighteen])
def test_an_album_cover_is_told_by_its_mark(marks):
    container = SimpleNamespace(streams=SimpleNamespace(audio=[]))
    for marked, cover in ((marks.attached_pic, True), (marks.default | marks.attached_pic, True), (marks.default, False)):
        assert media._is_cover(SimpleNamespace(disposition=marked), container) is cover
