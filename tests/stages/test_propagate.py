"""Keyframes are painted, the rest follows: which frames, from which keys, made anew when, never across a cut."""

from __future__ import annotations

import json
import weakref
from fractions import Fraction

import cv2
import numpy as np
import pytest

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.alpha import split
from lib_vidstyl.clip.model import Picture
from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.errors import Cancelled, SettingsError
from lib_vidstyl.front.keys import keys_of, with_keys
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from lib_vidstyl.stages import propagate
from lib_vidstyl.stages.base import Frame, Job
from lib_vidstyl.stages.propagate import PropagateSettings
from lib_vidstyl.stages.tween import Tweener
from tests.drawn import texture
from tests.fakes import Failing, Fake
from tests.films import changed, pictures, psnr, written

COUNT = 13
SIZE = 64, 96
STEP = 2
"""Pixels to the right that the drawn clip moves each frame."""


def drifting(index, *, seed=0):
    """A texture wider than the frame, seen through a window that moves."""
    wide = texture(SIZE[0], SIZE[1] + STEP * COUNT, seed=seed)
    left = STEP * (COUNT - 1 - index)
    return np.ascontiguousarray(wide[:, left:left + SIZE[1]])


@pytest.fixture
def source(tmp_path):
    return written(tmp_path / "source", [drifting(index) for index in range(COUNT)])


def recipe(keys="0, 6, 12", **changes):
    return changed(with_keys(new_recipe().replaced("encode", format="ffv1"), keys), **changes)


def make(source, stylizer, *, stop=lambda: False, film="film.mkv", **options):
    return finish(order(source, source.parent / film, recipe=recipe(**options)).start(stylizer, stop=stop))


def records(source, folder="propagated", film="film"):
    lines = (source.parent / f"{film}.vidstyl" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [record for record in map(json.loads, lines) if record["file"].startswith(f"{folder}/")]


def test_only_keys_are_painted_and_the_film_is_whole(source):
    fake = Fake()
    result = make(source, fake)
    assert fake.asked == [0, 6, 12]
    assert (result.frames, result.complete) == (COUNT, True)
    made = pictures(result.film)
    assert [psnr(made[key], 255 - drifting(key)) for key in (0, 6, 12)] == [99.0] * 3
    assert min(psnr(image[:, 8:-8], (255 - drifting(index))[:, 8:-8]) for index, image in enumerate(made)) > 26


def test_the_look_moves_with_the_picture(source):
    """A look that no single frame tells: noise laid on the key must be found again where the picture has gone."""
    grain = np.random.default_rng(3).integers(-40, 40, (*SIZE, 1))
    made = pictures(make(source, Fake(lambda task: np.clip(task.image.astype(int) + grain, 0, 255).astype(np.uint8)),
                         keys="0").film)
    moved = np.roll(grain, STEP, 1)[8:-8, 16:-8]
    laid = made[1].astype(int)[8:-8, 16:-8].mean(-1) - drifting(1).astype(int)[8:-8, 16:-8].mean(-1)
    assert np.corrcoef(laid.ravel(), moved[..., 0].ravel())[0, 1] > 0.8


def test_nothing_changed_makes_nothing_again(source, monkeypatch):
    film = make(source, Fake()).film.read_bytes()
    monkeypatch.setattr(Tweener, "_frame", lambda *_: pytest.fail("a frame was made again"))
    again = Fake()
    assert make(source, again).film.read_bytes() == film
    assert again.asked == []


@pytest.mark.parametrize("after", [0, 3, 7, 11])
def test_a_stopped_run_goes_on_to_the_same_bytes(source, after):
    whole = make(source, Fake(), film="whole.mkv").film.read_bytes()
    seen = 0

    def stop():
        nonlocal seen
        seen += 1
        return seen > 4 * after + COUNT

    with pytest.raises(Cancelled):
        make(source, Fake(), stop=stop)
    assert make(source, Fake()).film.read_bytes() == whole


def test_one_more_key_redoes_the_spans_that_it_touches(source):
    make(source, Fake())
    before = len(records(source))
    again = Fake()
    make(source, again, keys="0, 6, 9, 12")
    assert again.asked == [9]
    assert {record["frame"] for record in records(source)[before:]} == {7, 8, 10, 11}


def test_a_key_painted_over_by_hand_redoes_its_spans(source):
    make(source, Fake())
    before = len(records(source))
    (source.parent / "film.vidstyl" / "frames" / "000012.png").write_bytes(encode_png(drifting(12)))
    again = Fake()
    made = pictures(make(source, again).film)
    assert again.asked == []
    assert {record["frame"] for record in records(source)[before:]} == {7, 8, 9, 10, 11}
    assert np.array_equal(made[12], drifting(12))


def test_a_picture_put_among_the_painted_frames_is_a_key(source):
    make(source, Fake())
    (source.parent / "film.vidstyl" / "frames" / "000003.png").write_bytes(encode_png(drifting(3)))
    again = Fake()
    made = pictures(make(source, again).film)
    assert again.asked == []
    assert np.array_equal(made[3], drifting(3))
    assert json.loads((source.parent / "film.vidstyl" / "keys.json").read_text())["keys"] == [0, 3, 6, 12]


def test_a_key_that_cannot_be_painted_is_made_from_its_neighbours(source):
    result = make(source, Failing([6]))
    assert result.complete
    assert any("Key 6" in notice for notice in result.notices)
    assert psnr(pictures(result.film)[6][:, 16:-16], (255 - drifting(6))[:, 16:-16]) > 24


def test_nothing_is_carried_across_a_cut(tmp_path):
    first = [drifting(index) for index in range(6)]
    second = [255 - cv2.flip(drifting(index, seed=9), 0) // 3 for index in range(6, 12)]
    folder = written(tmp_path / "two", first + second)
    joined = pictures(make(folder, Fake(), keys="0, 11").film)
    alone = pictures(make(written(tmp_path / "one", first), Fake(), keys="0", film="alone.mkv").film)
    assert json.loads((tmp_path / "film.vidstyl" / "keys.json").read_text())["cuts"] == [6]
    for made, expected in zip(joined, alone, strict=False):
        assert np.array_equal(made, expected)


def test_keys_painted_elsewhere_come_back_at_their_own_size(source, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    for index in (0, 12):
        big = cv2.resize(255 - drifting(index), None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        (folder / f"key_{index:05d}.png").write_bytes(encode_png(big))
    result = finish(order(source, tmp_path / "film.mkv", recipe=recipe(str(folder))).start())
    made = pictures(result.film)
    assert made[5].shape == (2 * SIZE[0], 2 * SIZE[1], 3)
    small = cv2.resize(made[5], SIZE[::-1], interpolation=cv2.INTER_AREA)
    assert psnr(small[:, 16:-16], (255 - drifting(5))[:, 16:-16]) > 22


def cut_out(index):
    """A styled picture that is transparent but for a window that moves with the drawn clip."""
    alpha = np.zeros(SIZE, np.uint8)
    alpha[16:48, 24 + STEP * index:56 + STEP * index] = 255
    return np.dstack([255 - drifting(index), alpha])


def with_cut_out_keys(source, folder, numbers, film, **options):
    folder.mkdir()
    for index in numbers:
        (folder / f"{index:05d}.png").write_bytes(encode_png(*split(cut_out(index))))
    asked = changed(with_keys(new_recipe(), str(folder)), **options)
    return finish(order(source, film, recipe=asked).start())


@pytest.mark.parametrize(("format_", "name"), [("png", "film"), ("prores", "film.mov"), ("webm", "film.webm"),
                                               ("ffv1", "film.mkv")])
def test_keys_with_alpha_make_a_film_with_alpha(source, tmp_path, format_, name):
    result = with_cut_out_keys(source, tmp_path / "keys", (0, 12), tmp_path / name, encode__format=format_)
    with open_clip(result.film) as film:
        assert film.info.alpha
        for picture in (film.picture(index) for index in (0, 5, 12)):
            truth = cut_out(picture.index)
            wrong = np.abs(picture.alpha.astype(int) - truth[..., 3])
            assert wrong.mean() < 8 and np.median(wrong) <= 3
            inside = cv2.erode(truth[..., 3], np.ones((7, 7))) == 255
            assert np.abs(picture.image[inside].astype(int) - truth[inside][:, :3]).mean() < 14


def test_alpha_of_one_key_alone_and_a_film_without_transparency(source, tmp_path):
    folder = tmp_path / "keys"
    folder.mkdir()
    (folder / "0.png").write_bytes(encode_png(*split(cut_out(0))))
    (folder / "12.png").write_bytes(encode_png(255 - drifting(12)))
    result = finish(order(source, tmp_path / "film.mp4", recipe=with_keys(new_recipe(), str(folder))).start())
    assert any("before black" in notice for notice in result.notices)
    first, last = pictures(result.film)[0], pictures(result.film)[12]
    assert first[:8].mean() < 6 and psnr(last, 255 - drifting(12)) > 24
    kept = tmp_path / "film.vidstyl" / "propagated" / "000005.png"
    assert decode_picture(kept.read_bytes())[1] is not None


def test_cut_out_keys_run_again_from_what_is_kept(source, tmp_path):
    film = tmp_path / "film.mkv"
    with_cut_out_keys(source, tmp_path / "keys", (0, 12), film, encode__format="ffv1")
    before = film.read_bytes()
    again = finish(order(source, film, recipe=changed(with_keys(new_recipe(), str(tmp_path / "keys")),
                                                       encode__format="ffv1")).start())
    assert again.film.read_bytes() == before


def test_outside_of_the_mask_the_source_stays(source):
    mask = np.zeros((*SIZE, 3), np.uint8)
    mask[:, :48] = 255
    path = source.parent / "mask.png"
    path.write_bytes(encode_png(mask))
    made = pictures(make(source, Fake(), paint__mask=str(path)).film)
    assert all(np.array_equal(image[:, 48:], drifting(index)[:, 48:]) for index, image in enumerate(made))
    assert psnr(made[3][:, 16:40], (255 - drifting(3))[:, 16:40]) > 24


def test_each_keys_own_frames_are_kept_on_request(source):
    make(source, Fake(), propagate__per_key=True)
    project = source.parent / "film.vidstyl"
    assert sorted(path.name for path in (project / "key-000006").glob("*.png")) == [
        f"{index:06d}.png" for index in (1, 2, 3, 4, 5, 7, 8, 9, 10, 11)]
    assert decode_picture((project / "key-000000" / "000003.png").read_bytes())[0].shape == (*SIZE, 3)


def test_confidence_is_kept_and_falls_where_the_key_explains_less(source):
    make(source, Fake())
    found = keys_of(source.parent / "film.vidstyl")
    assert set(found.confidence) == set(range(COUNT)) - {0, 6, 12}
    assert all(0 <= value <= 1 for value in found.confidence.values())
    far = written(source.parent / "far", [drifting(0), *[drifting(index, seed=9) for index in range(1, COUNT)]])
    make(far, Fake(), keys="0", film="far.mkv", keyframes__cuts=False)
    assert max(keys_of(source.parent / "far.vidstyl").confidence.values()) < min(found.confidence.values())


@pytest.mark.parametrize(("keys", "expected"), [("every:5", [0, 5, 10]), ("3", [3]), ("0,12,400", [0, 12])])
def test_which_frames_are_keys(source, keys, expected):
    fake = Fake()
    make(source, fake, keys=keys)
    assert fake.asked == expected


@pytest.mark.parametrize("keys", ["", "often", "every:x", "1-3", "no such folder"])
def test_what_says_no_keys_is_answered(keys):
    with pytest.raises(SettingsError, match="auto"):
        with_keys(new_recipe(), keys)


def test_keys_outside_of_the_range_are_said(source):
    with pytest.raises(SettingsError, match="0 to 12"):
        make(source, Fake(), keys="99")


def test_a_span_is_let_go_before_the_next_one_comes_in():
    sources, held = [], []

    def stream():
        for index in range(9):
            held.append(sum(source() is not None for source in sources))
            image = drifting(index)
            sources.append(weakref.ref(image))
            picture = Picture(index, Fraction(index), Fraction(1), image)
            del image
            yield Frame(picture, 255 - picture.image if index % 4 == 0 else None, "", index % 4 == 0)

    job = Job(new_recipe(), None, None)
    assert [made.index for made in propagate.run(stream(), PropagateSettings(method="warp", threads=1), job)] == list(range(9))
    assert held[:5] == [0, 1, 2, 3, 4]
    assert held[5] <= 2, "the first span's frames are held while the second is read"
    assert max(held) <= 5
