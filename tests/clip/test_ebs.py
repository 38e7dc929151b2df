"""EbSynth's project files: what is written is read back, and nothing else is believed."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lib_vidstyl.clip.ebs import EbsProject, Synth, Weights, from_bytes, named, planned, split, to_bytes
from lib_vidstyl.errors import ClipError

FOLDERS = st.sampled_from(["out", "out-00012", "video_frame", "ключ", "夢 名"])
PATTERNS = st.builds(lambda folder, digits: f"{folder}/[{'#' * digits}].png", FOLDERS, st.integers(1, 7))
NUMBERS = st.integers(0, 2**31 - 1)
SLIDERS = st.floats(0, 1e4, width=32)
PROJECTS = st.builds(
    EbsProject, PATTERNS, st.just("") | PATTERNS, PATTERNS,
    st.lists(st.builds(Synth, NUMBERS, st.none() | NUMBERS, st.none() | NUMBERS, PATTERNS), max_size=25).map(tuple),
    st.builds(Weights, SLIDERS, SLIDERS, SLIDERS, SLIDERS, SLIDERS, SLIDERS), st.booleans(), st.booleans())


@given(PROJECTS)
def test_what_is_written_is_read_back(project):
    assert from_bytes(to_bytes(project)) == project


def test_the_layout_is_that_of_files_in_the_field():
    """Byte for byte, written out by hand from the known layout."""
    project = EbsProject(synths=(Synth(12, None, 40, "out-00012/[#####].png"),))
    frames, keys, out = b"video_frame/[#####].png", b"video_key/[#####].png", b"out-00012/[#####].png"
    expected = (b"EBS05\0" + struct.pack("<i", len(frames)) + frames + struct.pack("<i", 0) + struct.pack("<i", len(keys)) + keys
                + b"\0" + struct.pack("<6f", 1, 4, 1, 10, 1, 3500) + struct.pack("<i", 1)
                + struct.pack("<i", 12) + b"\0\1" + struct.pack("<ii", 0, 40) + struct.pack("<i", len(out)) + out
                + b"V02\0" + b"\1\0\0\0" + b"\1" + b"\0\0\xf0\x41\xc0\x02\0\0")
    assert to_bytes(project) == expected


@settings(max_examples=300)
@given(PROJECTS, st.data())
def test_damage_is_an_error_or_another_project_never_a_crash(project, data):
    raw = bytearray(to_bytes(project))
    for _ in range(data.draw(st.integers(1, 4))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(raw)))
    try:
        from_bytes(bytes(raw[:cut]))
    except ClipError as error:
        assert "again" in str(error)


@pytest.mark.parametrize("pattern", ["../[#####].png", "a/../../[##].png", "/etc/[###].png", "C:\\x\\[###].png", "C:[##].png",
                                     "\\\\server\\x\\[##].png", "..\\[##].png", "frame.png", "[].png", "[##]/[##].png", "[#x].png"])
def test_names_that_lead_elsewhere_are_refused(pattern):
    with pytest.raises(ClipError, match="outside"):
        from_bytes(to_bytes(EbsProject(frames=pattern)))


def test_spans_reach_from_key_to_key():
    synths = planned([10, 30, 50], 0, 60)
    assert [(synth.key, synth.first, synth.last) for synth in synths] == [(10, 0, 30), (30, 10, 50), (50, 30, 60)]
    assert named(synths[0].output, 7) == "out-00010/00007.png"


def test_a_project_is_split_below_the_limit():
    project = EbsProject(synths=planned(list(range(0, 470, 10)), 0, 470))
    parts = split(project)
    assert [len(part.synths) for part in parts] == [20, 20, 7]
    assert sum((part.synths for part in parts), ()) == project.synths
