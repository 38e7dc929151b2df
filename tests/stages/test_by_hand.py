"""Pictures that somebody has put among the painted frames, at whatever size: the film keeps its own."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from lib_vidstyl.clip import open_clip, resized
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.front.keys import with_keys
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from lib_vidstyl.stylizers.base import Abilities
from tests.drawn import moving, texture
from tests.fakes import Fake
from tests.films import changed, pictures, written

COUNT, HEIGHT, WIDTH = 7, 48, 64
SAID = f"brought to {WIDTH}x{HEIGHT} pixels"


@pytest.fixture
def source(tmp_path):
    return written(tmp_path / "source", moving(COUNT, HEIGHT, WIDTH))


def make(source, *, stylizer=None, keys="", **changes):
    recipe = changed(new_recipe().replaced("encode", format="ffv1"), **changes)
    recipe = with_keys(recipe, keys) if keys else recipe
    return finish(order(source, source.parent / "film.mkv", recipe=recipe).start(stylizer or Fake()))


def put(source, index, image, alpha=None):
    folder = source.parent / "film.vidstyl" / "frames"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{index:06d}.png").write_bytes(encode_png(image, alpha))


@pytest.fixture(params=[(2 * HEIGHT, 2 * WIDTH), (HEIGHT // 2, WIDTH // 2), (HEIGHT, WIDTH + 8)])
def mine(request):
    return texture(*request.param, seed=5)


@pytest.mark.parametrize("keys", ["", "0, 3, 6"])
@pytest.mark.parametrize("index", [0, 3])
def test_the_working_size_is_the_films(source, mine, keys, index):
    make(source, keys=keys)
    put(source, index, mine)
    again = Fake()
    result = make(source, keys=keys, stylizer=again)
    made = pictures(result.film)
    assert {picture.shape for picture in made} == {(HEIGHT, WIDTH, 3)} and again.asked == []
    assert np.array_equal(made[index], resized(mine, (WIDTH, HEIGHT)))
    assert sum(SAID in notice for notice in result.notices) == 1


def test_the_size_that_was_chosen_is_the_films(source, mine):
    make(source, decode__longest_side=32)
    put(source, 0, mine)
    assert {picture.shape for picture in pictures(make(source, decode__longest_side=32).film)} == {(24, 32, 3)}
    assert {picture.shape for picture in pictures(make(source, paint__width=80, paint__height=40).film)} == {(40, 80, 3)}


def test_a_picture_of_the_films_size_is_taken_as_it_is(source):
    make(source)
    put(source, 0, texture(HEIGHT, WIDTH, seed=5))
    result = make(source)
    assert np.array_equal(pictures(result.film)[0], texture(HEIGHT, WIDTH, seed=5))
    assert not any("by hand" in notice for notice in result.notices)


def test_transparency_comes_along(source, mine):
    make(source)
    alpha = np.zeros(mine.shape[:2], np.uint8)
    alpha[:, mine.shape[1] // 2:] = 255
    put(source, 0, mine, alpha)
    with open_clip(make(source).film) as film:
        first = film.picture(0)
    assert first.image.shape == (HEIGHT, WIDTH, 3)
    assert first.alpha is not None and first.alpha[:, :8].max() == 0 and first.alpha[:, -8:].min() == 255


def doubled(task):
    return cv2.resize(task.image, None, fx=2, fy=2)


def test_a_painter_of_another_size_keeps_it(source):
    double = texture(2 * HEIGHT, 2 * WIDTH, seed=5)
    make(source, stylizer=Fake(doubled, resizes=True))
    put(source, 0, double)
    made = pictures(make(source, stylizer=Fake(doubled, resizes=True)).film)
    assert np.array_equal(made[0], double) and made[1].shape == double.shape


def test_the_painters_own_size_counts_where_it_is_known(source, mine):
    fake = Fake(doubled)
    fake.abilities = Abilities(resizes=True, size=(2 * WIDTH, 2 * HEIGHT))
    make(source, stylizer=fake)
    put(source, 0, mine)
    assert {picture.shape for picture in pictures(make(source, stylizer=fake).film)} == {(2 * HEIGHT, 2 * WIDTH, 3)}
