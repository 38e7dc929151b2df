"""The manifest forgets nothing that was written, and knows every line that was damaged."""

from __future__ import annotations

import errno
import os

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_vidstyl.manifest import Manifest


def filled(path, count=20):
    manifest = Manifest(path)
    for index in range(count):
        manifest.append({"file": f"frames/{index:06d}.png", "sha": f"{index:032x}", "frame": index, "input": "ä\n"})
    return manifest


def test_records_come_back(tmp_path):
    filled(tmp_path / "m.jsonl")
    again = Manifest(tmp_path / "m.jsonl")
    assert again.damaged == []
    assert again.latest("frames/000007.png") == {"file": "frames/000007.png", "sha": f"{7:032x}", "frame": 7, "input": "ä\n"}
    assert again.wrote("frames/000007.png", f"{7:032x}")
    assert not again.wrote("frames/000007.png", f"{8:032x}")


def test_the_newest_record_counts_and_older_bytes_stay_ours(tmp_path):
    manifest = filled(tmp_path / "m.jsonl", 1)
    manifest.append({"file": "frames/000000.png", "sha": "new"})
    again = Manifest(tmp_path / "m.jsonl")
    assert again.latest("frames/000000.png")["sha"] == "new"
    assert again.wrote("frames/000000.png", f"{0:032x}")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_torn_end_costs_one_record_and_appending_goes_on(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("m") / "m.jsonl"
    filled(path)
    whole = path.read_bytes()
    cut = data.draw(st.integers(0, len(whole)))
    path.write_bytes(whole[:cut])
    manifest = Manifest(path)
    lines = whole[:cut].count(b"\n")
    assert lines <= len(manifest.files()) <= lines + 1
    assert len(manifest.damaged) <= 1
    manifest.append({"file": "after", "sha": "s"})
    again = Manifest(path)
    assert again.latest("after") == {"file": "after", "sha": "s"}
    assert again.files() == sorted([*manifest.files()])


def test_a_line_that_a_full_disk_has_cut_costs_no_other(tmp_path, monkeypatch):
    path = tmp_path / "m.jsonl"
    manifest = filled(path, 1)

    def full(handle):
        os.truncate(handle, path.stat().st_size - 20)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("lib_vidstyl.manifest.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        manifest.append({"file": "torn", "sha": "s"})
    monkeypatch.undo()
    manifest.append({"file": "after", "sha": "s"})
    assert Manifest(path).files() == ["after", "frames/000000.png"]


@pytest.mark.parametrize("offset", range(0, 2400, 48))
def test_a_flipped_bit_is_noticed(tmp_path, offset):
    path = tmp_path / "m.jsonl"
    filled(path)
    data = bytearray(path.read_bytes())
    data[offset] ^= 0x10
    path.write_bytes(bytes(data))
    manifest = Manifest(path)
    assert manifest.damaged
    assert len(manifest.files()) >= 18
