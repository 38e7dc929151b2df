"""What units that look back are given, and the table of names."""

from __future__ import annotations

import numpy as np
import pytest

from lib_vidstyl.controls import Memory, filled, module_of, nearest, remembered, translated
from lib_vidstyl.controls.names import TABLE, spelled


def plain(value):
    return np.full((4, 6, 3), value, np.uint8)


def moved(frame, before, painting):
    return painting + (frame - before)


@pytest.mark.parametrize("source", ["previous", "warped", "first"])
def test_a_shot_begins_with_the_frame_itself(source):
    assert (remembered(source, plain(9), Memory(), moved) == 9).all()


def test_each_source_gives_its_own():
    memory = Memory().after(plain(10), plain(100)).after(plain(20), plain(200))
    given = {source: int(remembered(source, plain(23), memory, moved)[0, 0, 0]) for source in ("previous", "warped", "first")}
    assert given == {"previous": 200, "warped": 203, "first": 100}
    with pytest.raises(KeyError):
        remembered("frame", plain(23), memory, moved)


def test_what_is_not_seen_comes_from_the_frame():
    seen = np.zeros((4, 6), bool)
    seen[:, :2] = True
    made = filled(plain(1), seen, plain(2))
    assert (made[:, :2] == 1).all() and (made[:, 2:] == 2).all() and made.dtype == np.uint8


@pytest.mark.parametrize(("index", "wanted"), [(0, 10), (10, 10), (14, 10), (15, 10), (16, 20), (99, 20)])
def test_the_nearest_keyframe_is_the_earlier_of_two(index, wanted):
    assert nearest([20, 10], index) == wanted


def test_names_are_found_in_any_case_and_are_unique():
    for dialect in ("extension", "forge"):
        names = [name.lower() for module in TABLE for name in getattr(module, dialect)]
        assert len({*names}) + (names.count("none") - 1) == len(names)
    assert module_of("ip-adapter_clip_sd15") is module_of("CLIP-ViT-H (IPAdapter)") is module_of("clip-vit-h (ipadapter)")


def test_names_are_found_as_a_host_spells_them():
    longer = "invert (from white bg & black line)"
    assert spelled("none", ["None", "canny"]) == "None"
    assert spelled("invert", ["None", longer]) == longer and spelled(longer, ["invert"]) == "invert"
    assert spelled("ip-adapter_clip_sd15", ["CLIP-ViT-H (IPAdapter)"]) == "", "another host's name"


def test_names_are_translated_between_hosts():
    assert translated("ip-adapter_clip_sd15", "forge") == "CLIP-ViT-H (IPAdapter)"
    assert translated("CLIP-ViT-H (IPAdapter)", "extension") == "ip-adapter_clip_h"
    assert translated("ip-adapter_clip_sd15", "extension") == "ip-adapter_clip_sd15"
    assert translated("ip-adapter_pulid", "forge") == ""
    assert translated("none", "forge") in ("None", "none")
    assert translated("depth_of_tomorrow", "forge") == "depth_of_tomorrow"


@pytest.mark.parametrize(("name", "reference", "several", "model", "keeps"), [
    ("canny", False, False, True, True), ("none", False, False, True, False), ("ip-adapter-auto", True, True, True, False),
    ("ip-adapter_pulid", True, True, True, False), ("reference_only", True, False, False, False),
    ("depth_midas", False, False, True, True), ("shuffle", False, False, True, False),
    ("reference_only_variant", True, False, False, False), ("inpaint_noobai", False, False, True, False),
])
def test_what_is_known_of_preprocessors(name, reference, several, model, keeps):
    module = module_of(name)
    assert (module.reference, module.several, module.needs_model, module.keeps) == (reference, several, model, keeps)
