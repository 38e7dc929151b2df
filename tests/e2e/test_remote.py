"""Films by real webuis over their API: one, two that share the frames, two of which one dies; units that one does not have."""

import pytest

import lib_vidstyl
from lib_vidstyl.errors import SettingsError
from tests.e2e.conftest import PRECISE, pictures
from tests.e2e.webui import frames_in

FRAMES = 12
UNIT = '[{{"module": "canny", "model": "{model}", "processor_res": 64, "threshold_a": 100, "threshold_b": 200}}]'


@pytest.fixture
def two(webui, launcher, own_folder):
    """The webui that runs already and another one, with the same checkpoint."""
    other = launcher.start(own_folder, *PRECISE)
    other.switch("vidstyl-tiny")
    return webui, other


@pytest.fixture
def clip(tmp_path):
    return pictures(tmp_path / "clip", FRAMES)


def film(clip, name, *webuis, show=lambda progress: None, **settings):
    """The film's bytes and its painted frames."""
    path = clip.parent / f"{name}.mp4"
    addresses = " ".join(each.url for each in webuis)
    made = lib_vidstyl.stylize(clip, path, webui=addresses, prompt="red", steps=10, show=show, **settings)
    assert made.complete and made.frames == FRAMES
    return path.read_bytes(), frames_in(path.with_suffix(".vidstyl"))


def same(one, other):
    return one[0] == other[0] and all((one[1][index] == other[1][index]).all() for index in range(FRAMES))


def test_two_webuis_make_the_film_of_one_and_so_does_the_one_that_is_left(two, launcher, clip):
    alone = film(clip, "alone", two[0])
    assert same(film(clip, "both", *two), alone)
    notices = []

    def show(progress):
        if progress.stage == "paint" and progress.done >= 4 and launcher.process.poll() is None:
            launcher.kill()
        notices.extend(filter(None, [progress.notice]))

    assert same(film(clip, "left", *two, show=show), alone)
    assert any("does not answer" in notice for notice in notices)


def test_units_reach_both_and_one_that_is_missing_is_refused(two, clip):
    plain = film(clip, "plain", two[0])
    units = UNIT.format(model="vidstyl-t2iadapter")
    alone = film(clip, "alone", two[0], webui_units=units)
    assert same(film(clip, "both", *two, webui_units=units), alone)
    assert (alone[1][0] != plain[1][0]).any()
    with pytest.raises(SettingsError, match="no model 'absent'"):
        film(clip, "refused", *two, webui_units=UNIT.format(model="absent"))
