"""The one loop: order, resume, failures, stopping, stages left out."""

from __future__ import annotations

import dataclasses
from fractions import Fraction

import numpy as np
import pytest

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.film import open_film, read_metadata
from lib_vidstyl.clip.picture import encode_png
from lib_vidstyl.errors import Cancelled, OutputError, SettingsError
from lib_vidstyl.front.session import kinds, new_recipe, order, read_recipe
from lib_vidstyl.pipeline import finish, off_by_default, switched
from lib_vidstyl.settings import Recipe, Settings
from lib_vidstyl.stages import STAGES
from lib_vidstyl.stages.base import Frame, Job, Meter, Progress, Stage, nothing
from tests.drawn import flat, moving
from tests.fakes import Fake, identity, seeded
from tests.films import pictures
from tests.runs import COUNT, make, recipe, shots


@pytest.fixture
def source(tmp_path):
    return shots(tmp_path / "source")


def test_every_frame_is_painted_once_and_in_order(source):
    fake = Fake()
    result = make(source, fake)
    assert fake.asked == list(range(COUNT))
    assert (result.frames, result.complete) == (COUNT, True)
    for made, before in zip(pictures(result.film), pictures(source), strict=True):
        assert np.array_equal(made, 255 - before)


def test_nothing_changed_paints_nothing_and_gives_the_same_bytes(source):
    film = make(source, Fake()).film.read_bytes()
    again = Fake()
    assert make(source, again).film.read_bytes() == film
    assert again.asked == []


@pytest.mark.parametrize("change", [{"paint__seed": 8}, {"paint__prompt": "rain"}, {"decode__longest_side": 32}])
def test_changed_settings_paint_again(source, change):
    make(source, Fake(seeded))
    again = Fake(seeded)
    make(source, again, **change)
    assert again.asked == list(range(COUNT))


def test_another_painter_paints_again(source):
    make(source, Fake(name="a"))
    again = Fake(name="b")
    make(source, again)
    assert again.asked == list(range(COUNT))


def test_a_prompt_for_a_range_repaints_that_range_only(source):
    make(source, Fake())
    again = Fake()
    make(source, again, paint__prompts="2-3: rain", paint__prompt="a knight")
    assert again.asked == list(range(COUNT))
    once_more = Fake()
    make(source, once_more, paint__prompts="2-3: thunder", paint__prompt="a knight")
    assert once_more.asked == [2, 3]
    assert once_more.tasks[0].prompt == "a knight, thunder"


@pytest.mark.parametrize("stopped_after", range(COUNT))
@pytest.mark.parametrize("batch", [1, 3])
def test_a_stopped_run_goes_on_to_the_same_bytes(source, stopped_after, batch):
    changes = {"paint__batch": batch}
    whole = make(source, Fake(seeded, batch=4), "whole.mkv", **changes).film.read_bytes()
    first = Fake(seeded, batch=4)
    with pytest.raises(Cancelled, match="go on"):
        make(source, first, stop=lambda: len(first.asked) > stopped_after, **changes)
    assert not (source.parent / "film.mkv").exists()
    second = Fake(seeded, batch=4)
    assert make(source, second, **changes).film.read_bytes() == whole
    assert all(index % batch == 0 for index in (numbers[0] for numbers in second.batches))
    kept = {int(path.stem) for path in (source.parent / "whole.vidstyl" / "frames").glob("*.png")}
    assert kept == set(range(COUNT))


def test_closing_a_run_leaves_no_half_film(source):
    steps = order(source, source.parent / "film.mkv", recipe=recipe()).start(Fake())
    for _ in range(9):
        next(steps)
    steps.close()
    assert [path.name for path in source.parent.iterdir() if "film" in path.name] == ["film.vidstyl"]


def test_a_stage_that_is_off_is_as_if_absent(source):
    off = dataclasses.replace(recipe(), off=recipe().off | {"paint"})
    result = finish(order(source, source.parent / "plain.mkv", recipe=off).start(Fake()))
    for made, before in zip(pictures(result.film), pictures(source), strict=True):
        assert np.array_equal(made, before)
    no_film = dataclasses.replace(recipe(), off=recipe().off | {"encode"})
    assert finish(order(source, source.parent / "none.mkv", recipe=no_film).start(Fake())).frames == COUNT
    assert not (source.parent / "none.mkv").exists()
    with pytest.raises(SettingsError, match="decode"):
        finish(order(source, recipe=dataclasses.replace(recipe(), off=recipe().off | {"decode"})).start(Fake()))


def test_progress_counts_up_and_tells_the_stages(source):
    seen: list[Progress] = []
    make(source, Fake(), show=seen.append)
    assert {progress.stage for progress in seen} >= {"decode", "paint", "encode"}
    painted = [progress for progress in seen if progress.stage == "paint"]
    assert [progress.done for progress in painted] == list(range(1, COUNT + 1))
    assert {progress.of for progress in painted} == {COUNT}
    assert painted[-1].eta == 0


def test_the_first_frame_does_not_slow_the_guess_once_there_is_a_second(monkeypatch):
    clock = iter([0.0, 0.0, 20.0, 21.0, 22.0])  # the job, the meter, then a slow first frame and two quick ones
    monkeypatch.setattr("lib_vidstyl.stages.base.time.monotonic", lambda: next(clock))
    meter = Meter("paint", Job(new_recipe(), None, None, started=next(clock)), of=10)
    assert [meter.advance(frame).eta for frame in range(3)] == [180.0, 8.0, 7.0]


def test_a_film_that_is_not_ours_is_left_alone_before_anything_is_painted(source):
    (source.parent / "film.mkv").write_bytes(b"mine")
    fake = Fake()
    with pytest.raises(OutputError, match="did not write"):
        make(source, fake)
    assert fake.asked == []
    assert (source.parent / "film.mkv").read_bytes() == b"mine"


def test_the_recipe_travels_in_the_film_without_paths(source):
    film = make(source, Fake(), paint__prompt="rêve 夢", paint__mask=str(source)).film
    read = read_recipe(film)
    assert read["paint"].prompt == "rêve 夢"
    assert read["paint"].mask == ""
    assert str(source.parent) not in str(read_metadata(film))
    assert set(read.sections) == set(kinds())


def test_identity_is_exact(source):
    for made, before in zip(pictures(make(source, Fake(identity)).film), pictures(source), strict=True):
        assert np.array_equal(made, before)


def test_a_truncated_clip_gives_what_it_has_and_says_so(tmp_path):
    clip = tmp_path / "clip.mp4"
    with open_film(clip, format="mp4", size=(128, 96), fps=Fraction(25)) as film:
        for index, frame in enumerate(moving(50, 96, 128)):
            film.write(frame, time=Fraction(index, 25), duration=Fraction(1, 25), index=index)
    data = clip.read_bytes()
    clip.write_bytes(data[:len(data) * 6 // 10])
    seen: list[Progress] = []
    result = finish(order(clip, tmp_path / "film.mkv", recipe=recipe()).start(Fake(identity)), seen.append)
    assert 20 <= result.frames <= 50
    assert result.notices
    assert [progress.notice for progress in seen if progress.notice] == list(result.notices)


@pytest.mark.parametrize("size", [(1, 1), (7, 5), (5, 7)])
def test_tiny_clips(tmp_path, size):
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "1.png").write_bytes(encode_png(flat((9, 8, 7), *size)))
    for name in ("film.mp4", "film.mkv"):
        result = finish(order(folder, tmp_path / name, recipe=new_recipe()).start())
        assert (result.frames, result.complete) == (1, True)


def test_a_folder_of_pictures_as_film_can_be_made_again(source):
    for _ in range(2):
        result = finish(order(source, source.parent / "painted", recipe=new_recipe()).start(Fake()))
    assert result.film == source.parent / "painted"
    assert sorted(path.name for path in result.film.glob("*.png")) == [f"{index:06d}.png" for index in range(COUNT)]
    (result.film / "mine.txt").write_text("x", encoding="utf-8")
    with pytest.raises(OutputError, match="did not write"):
        finish(order(source, source.parent / "painted", recipe=new_recipe()).start(Fake()))


def test_a_folder_in_the_films_place_is_noticed_before_painting(source):
    (source.parent / "film.mp4").mkdir()
    fake = Fake()
    with pytest.raises(OutputError):
        finish(order(source, source.parent / "film.mp4").start(fake))
    assert fake.asked == []


@pytest.mark.parametrize(("named", "film", "kind"), [("h265", "a.mp4", "h265"), ("h265", "a.webm", "webm"), ("", "a.mov", "prores"),
                                                     ("av1", "a.webm", "av1"), ("gif", None, "gif"), ("", None, "mp4")])
def test_the_films_name_and_the_recipe_agree_on_the_format(source, tmp_path, monkeypatch, named, film, kind):
    monkeypatch.chdir(tmp_path)
    asked = order(source, film, recipe=new_recipe().replaced("encode", format=named))
    assert asked.recipe["encode"].format == kind


def marked(keys):
    """A stage that leaves only some frames to be painted."""
    @dataclasses.dataclass(frozen=True)
    class Marks(Settings):
        pass

    def run(stream, settings, job):
        for item in stream:
            yield dataclasses.replace(item, to_paint=item.index in keys) if isinstance(item, Frame) else item

    return Stage("marks", Marks, run, on=False)


@pytest.mark.parametrize("batch", [1, 3])
def test_frames_not_to_be_painted_pass_without_a_picture(source, batch):
    stages = [STAGES[0], marked({0, 1, 5}), next(stage for stage in STAGES if stage.name == "paint")]
    sections = {stage.name: stage.settings() for stage in stages}
    plan = Recipe(sections).replaced("paint", batch=batch)
    fake, seen = Fake(batch=batch), []
    with open_clip(source) as clip, fake:
        job = Job(plan, clip, fake)
        stream = nothing()
        for stage in stages:
            stream = stage.run(stream, plan[stage.name], job)
        seen = [(item.index, item.image is not None) for item in stream if isinstance(item, Frame)]
    assert seen == [(index, index in {0, 1, 5}) for index in range(COUNT)]
    assert fake.asked == [0, 1, 5]
    assert fake.batches == ([[0], [1], [5]] if batch == 1 else [[0, 1], [5]])


def test_stages_are_switched_by_name(source):
    stages = [STAGES[0], marked(set())]
    assert off_by_default(stages) == {"marks"}
    plan = Recipe({stage.name: stage.settings() for stage in stages}, off_by_default(stages))
    assert switched(plan, on=["marks"], stages=stages).off == frozenset()
    assert switched(plan, off=["decode"], stages=stages).off == {"marks", "decode"}
    with pytest.raises(SettingsError, match="no stage 'dance'"):
        switched(plan, on=["dance"], stages=stages)
    with pytest.raises(SettingsError, match="both on and off"):
        switched(plan, on=["marks"], off=["marks"], stages=stages)


def test_a_recipe_that_does_not_know_a_stage_leaves_it_off():
    stages = [STAGES[0], marked(set())]
    old = Recipe({"decode": STAGES[0].settings()}).to_json()
    read = Recipe.from_json(old, {stage.name: stage.settings for stage in stages}, off=off_by_default(stages))
    assert read.off == {"marks"}
