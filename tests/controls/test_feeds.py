"""Lines that users write about control units, right and wrong, and what they ask of the painting."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib_vidstyl.controls import SOURCES, Feed, File, completed, plan, read_feeds
from lib_vidstyl.errors import SettingsError


def test_a_chain_of_units_is_read():
    feeds = read_feeds("0: frame\n\n 2 : Warped \n1:maps\n5: picture\n",
                       "1: C:\\clips\\maps depth: 2\n5 0-89: ada.png\n5 90-: bob.png\n5 12: extra.png\n5 -3: early.png")
    assert feeds == (
        Feed(0, "frame"), Feed(1, "maps", (File("C:\\clips\\maps depth: 2"),)), Feed(2, "warped"),
        Feed(5, "picture", (File("ada.png", 0, 89), File("bob.png", 90), File("extra.png", 12, 12), File("early.png", 0, 3))))
    assert feeds[3].paths(12) == ("ada.png", "extra.png")
    assert feeds[3].paths(90) == ("bob.png",)


def test_a_range_without_a_picture_is_named():
    feed = read_feeds("1: picture", "1 10-20: a.png")[0]
    with pytest.raises(SettingsError, match="frame 21"):
        feed.paths(21)


@pytest.mark.parametrize(("sources", "files", "said"), [
    ("frame", "", "not understood"), ("0 frame", "", "not understood"), ("-1: frame", "", "not understood"),
    ("0: nonsense", "", "no source 'nonsense'"), ("0: frame\n0: maps", "", "already"),
    ("0: maps", "", "lacks a folder or video"), ("0: picture", "", "lacks a picture"), ("0: keyframe", "", "lacks a folder"),
    ("0: frame", "0: a.png", "needs no file"), ("0: frame", "1: a.png", "unit 1 has no source"),
    ("0: maps", "0: a\n0: b", "one place"), ("0: maps", "0 0-9: a", "one place"),
    ("0: picture", "0 9-3: a.png", "ends before"), ("0: picture", "0: ", "not understood"),
    ("0: picture", "a.png", "not understood"),
])
def test_lines_that_make_no_sense_are_named(sources, files, said):
    with pytest.raises(SettingsError, match=said):
        read_feeds(sources, files)


@given(st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_read_or_refused_in_words(sources, files):
    try:
        feeds = read_feeds(sources, files)
    except SettingsError as error:
        assert str(error)
    else:
        assert all(feed.source in SOURCES for feed in feeds)


def test_units_of_which_nothing_is_said_take_the_frame():
    assert completed(read_feeds("1: previous"), [2, 0, 1]) == (Feed(0), Feed(1, "previous"), Feed(2))


def test_a_source_for_a_unit_that_is_not_enabled_is_named():
    with pytest.raises(SettingsError, match=r"unit 3 .* not enabled"):
        completed(read_feeds("3: frame"), [0, 1])


@pytest.mark.parametrize("source", [name for name, source in SOURCES.items() if source.looks_back])
def test_looking_back_forces_the_films_order_and_says_why(source):
    made = plan([Feed(0, "own"), Feed(1, source)])
    assert made.in_order and "unit 1" in made.alone and SOURCES[source].says in made.alone
    assert made.flow == (source == "warped")


@pytest.mark.parametrize(("feeds", "batches"), [
    ([], True), ([Feed(0, "own")], True), ([Feed(0, "picture", (File("a.png"),))], True),
    ([Feed(0, "picture", (File("a.png", 0, 9), File("b.png", 10)))], False), ([Feed(0)], False),
    ([Feed(0, "picture", (File("a.png"),)), Feed(1, "maps", (File("m"),))], False), ([Feed(0, "keyframe", (File("k"),))], False),
])
def test_batches_only_where_every_unit_allows_them(feeds, batches):
    made = plan(feeds)
    assert (made.alone == "") == batches
    assert not made.in_order
