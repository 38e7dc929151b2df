"""The cache: what comes back, what is dropped, what is never touched, and that it never fails."""

from __future__ import annotations

import os
import pickle
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from lib_vidstyl.cache import MAGIC, Cache


def entries(cache):
    return sorted(cache.folder.glob("??/*.bin"))


def test_what_is_put_comes_back_also_in_a_new_cache(tmp_path):
    Cache(tmp_path).put(["a", 1], b"content")
    assert Cache(tmp_path).get(["a", 1]) == b"content"
    assert Cache(tmp_path).get(["a", 2]) is None


@given(arrays.arrays(st.sampled_from([np.uint8, np.int16, np.float32]), arrays.array_shapes(max_dims=4, max_side=5)))
def test_arrays_keep_shape_type_and_bytes(tmp_path_factory, array):
    cache = Cache(tmp_path_factory.mktemp("cache"))
    cache.put_array("key", array)
    back = cache.array("key")
    assert (back.dtype, back.shape, back.tobytes()) == (array.dtype, array.shape, array.tobytes())


def test_computed_is_computed_once(tmp_path):
    asked = []

    def compute():
        asked.append(1)
        return np.arange(6, dtype=np.int16)

    cache = Cache(tmp_path)
    assert np.array_equal(cache.computed("k", compute), cache.computed("k", compute))
    assert asked == [1]


def test_the_least_recently_used_go_first_and_the_bound_holds(tmp_path):
    cache = Cache(tmp_path, limit=10_000)
    for number in range(9):
        cache.put(number, bytes(1000))
        os.utime(cache._path(number), (number + 1, number + 1))
    assert cache.get(0) is not None
    for number in range(9, 14):
        cache.put(number, bytes(1000))
        assert cache.size() <= 10_000
    assert cache.get(0) is not None, "it was used just now"
    assert cache.get(1) is None
    assert cache.get(13) is not None


def test_an_entry_put_again_counts_once(tmp_path):
    cache = Cache(tmp_path, limit=3000)
    for _ in range(20):
        cache.put("same", bytes(1000))
    cache.put("other", bytes(1000))
    assert cache.get("same") is not None
    assert cache.get("other") is not None


def test_larger_than_the_cache_is_not_kept(tmp_path):
    cache = Cache(tmp_path, limit=100)
    cache.put("large", bytes(1000))
    assert cache.get("large") is None
    assert not entries(cache)


@pytest.mark.parametrize("damage", [b"", b"x", MAGIC, MAGIC + b"\0\0\0\0more", None])
def test_a_damaged_entry_is_absent_and_cleared_away(tmp_path, damage):
    cache = Cache(tmp_path)
    cache.put("key", b"content" * 100)
    path = entries(cache)[0]
    path.write_bytes(path.read_bytes()[:-3] if damage is None else damage)
    assert cache.get("key") is None
    assert not path.exists()


def test_a_pickle_is_not_loaded(tmp_path):
    cache = Cache(tmp_path)
    cache.put("key", pickle.dumps(np.arange(3)))
    assert cache.array("key") is None
    cache.put("key", b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")
    assert cache.array("key") is None


def test_foreign_files_are_left_alone(tmp_path):
    mine = tmp_path / "00" / "holiday.bin"
    mine.parent.mkdir()
    mine.write_bytes(bytes(5000))
    cache = Cache(tmp_path, limit=2000)
    for number in range(10):
        cache.put(number, bytes(900))
    assert mine.stat().st_size == 5000


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    cache = Cache(blocked / "cache")
    cache.put("key", b"content")
    assert cache.get("key") is None
    assert cache.size() == 0


def test_many_threads_put_and_get(tmp_path):
    cache = Cache(tmp_path, limit=60_000)

    def work(number):
        cache.put(number % 20, bytes([number % 20]) * 2000)
        found = cache.get(number % 20)
        return found is None or found == bytes([number % 20]) * 2000

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(400)))
    assert cache.size() <= 60_000


def test_arrays_are_read_without_pythons_own_parser(tmp_path, monkeypatch):
    """Before Python 3.12 threads disturb each other in it: now and then a run ended with "recursion depth mismatch"."""
    cache = Cache(tmp_path)
    cache.put_array("k", np.arange(6, dtype=np.int16).reshape(2, 3))
    monkeypatch.setattr("ast.parse", lambda *_, **__: pytest.fail("parsed as Python"))
    assert cache.array("k").tolist() == [[0, 1, 2], [3, 4, 5]]
