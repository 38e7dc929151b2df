"""Painting: what fails and is tried again, seeds, sizes, masks."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from lib_vidstyl.clip.film import open_film
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import PaintError
from lib_vidstyl.front.session import read_recipe
from tests.drawn import flat
from tests.fakes import Failing, Fake
from tests.films import pictures
from tests.runs import COUNT, make, shots


@pytest.fixture
def source(tmp_path):
    return shots(tmp_path / "source")


def test_a_batch_that_fails_is_tried_one_by_one(source):
    fake = Failing([4], times=1, batch=3)
    result = make(source, fake, paint__batch=3)
    assert result.complete
    assert np.array_equal(pictures(result.film)[4], 255 - pictures(source)[4])


@pytest.mark.parametrize("error", [PaintError("no"), RuntimeError("CUDA out of memory"), MemoryError(), ValueError("NaN")])
def test_a_frame_that_fails_is_tried_three_times_then_listed(source, error):
    fake = Failing([2], error=error)
    result = make(source, fake)
    assert fake.asked == [0, 1, 2, 2, 2, 3, 4, 5, 6]
    assert list(result.failed) == [2]
    assert not result.complete
    assert result.film.name == "film-incomplete.mkv"
    made = pictures(result.film)
    assert len(made) == COUNT
    assert np.array_equal(made[2], made[1])
    mended = Fake()
    result = make(source, mended)
    assert (mended.asked, result.complete, result.film.name) == ([2], True, "film.mkv")
    assert not (source.parent / "film-incomplete.mkv").exists()


def test_two_failures_in_a_row_go_on(source):
    assert list(make(source, Failing([0, 1, 3, 4])).failed) == [0, 1, 3, 4]


def test_three_failures_in_a_row_stop(source):
    fake = Failing([3, 4, 5])
    with pytest.raises(PaintError, match="3 frames in a row"):
        make(source, fake)
    assert 6 not in fake.asked
    assert not list(source.parent.glob("film*.mkv"))


@pytest.mark.parametrize(("rule", "seeds", "expected"), [
    ("fixed", "", [7] * 4), ("each", "", [7, 9, 11, 13]), ("list", "5, 6, 8", [5, 8, 6, 5]),
])
def test_seed_rules(source, rule, seeds, expected):
    fake = Fake()
    make(source, fake, paint__seed=7, paint__seed_rule=rule, paint__seeds=seeds, decode__every=2)
    assert [task.seed for task in fake.tasks] == expected


def test_seed_minus_one_is_drawn_once(source):
    first, second = Fake(), Fake()
    make(source, first, paint__seed=-1)
    make(source, second, paint__seed=-1)
    assert len({task.seed for task in first.tasks}) == 1
    assert second.asked == []
    assert read_recipe(source.parent / "film.vidstyl")["paint"].seed == first.tasks[0].seed


def test_a_chosen_seed_is_not_taken_for_a_drawn_one(source):
    fakes = [Fake() for _ in range(2)]
    make(source, fakes[0], paint__seed=7)
    make(source, fakes[1], paint__seed=-1)
    assert {task.seed for task in fakes[1].tasks} != {7} and len(fakes[1].tasks) == len(fakes[0].tasks)


def test_without_kept_frames_nothing_is_stored(source):
    make(source, Fake(), paint__keep_frames=False)
    assert not (source.parent / "film.vidstyl" / "frames").exists()


def test_the_painters_size_wins(source):
    result = make(source, Fake(lambda task: np.repeat(np.repeat(task.image, 2, 0), 2, 1), resizes=True))
    assert pictures(result.film)[0].shape == (96, 128, 3)
    result = make(source, Fake(), "small.mkv", paint__width=32, paint__height=24)
    assert pictures(result.film)[0].shape == (24, 32, 3)


@pytest.mark.parametrize("wrong", [lambda task: task.image[:-1], lambda task: task.image.astype(float), lambda task: None])
def test_a_painter_that_returns_no_picture_is_caught(source, wrong):
    with pytest.raises(PaintError, match="3 frames in a row"):
        make(source, Fake(wrong))


def test_a_mask_keeps_the_rest(source):
    mask = np.zeros((48, 64, 3), np.uint8)
    mask[:, :32] = 255
    path = source.parent / "mask.png"
    path.write_bytes(encode_png(mask))
    result = make(source, Fake(), paint__mask=str(path))
    for made, before in zip(pictures(result.film), pictures(source), strict=True):
        assert np.array_equal(made[:, :32], 255 - before[:, :32])
        assert np.array_equal(made[:, 32:], before[:, 32:])


def test_a_mask_film_follows_the_frames(source):
    film = source.parent / "mask.mkv"
    with open_film(film, format="ffv1", size=(64, 48), fps=Fraction(25), quality=80) as mask:
        for index in range(COUNT):
            value = 255 if index % 2 else 0
            mask.write(flat((value,) * 3, 48, 64), time=Fraction(index, 25), duration=Fraction(1, 25), index=index)
    made = pictures(make(source, Fake(), paint__mask=str(film), decode__start="1", paint__batch=2).film)
    for picture, before, index in zip(made, pictures(source)[1:], range(1, COUNT), strict=True):
        assert np.array_equal(picture, 255 - before if index % 2 else before)
