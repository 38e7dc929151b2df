"""What must hold whatever happens: random stops and skips, failures at every call, two runs at once, NaN on no disk."""

from __future__ import annotations

import random
import threading

import numpy as np
import pytest

from lib_vidstyl.clip.picture import decode_picture, encode_png
from lib_vidstyl.errors import Cancelled, ProjectError
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.host.request import recipe_of, request_of
from lib_vidstyl.host.stylizer import WebuiStylizer
from lib_vidstyl.pipeline import finish
from tests.drawn import moving
from tests.films import pictures
from tests.host.webui import request

FRAMES, STEPS = 5, 4


@pytest.fixture
def source(webui, tmp_path):
    folder = tmp_path / "source"
    folder.mkdir()
    for index, frame in enumerate(moving(FRAMES, 40, 48)):
        (folder / f"{index:04d}.png").write_bytes(encode_png(frame))
    return folder


def run(webui, source, name="film", *, batch=1, stylizer=None):
    """One run as the script makes it."""
    p = request(steps=STEPS)
    recipe = recipe_of(p, new_recipe()).replaced("paint", batch=batch).replaced("encode", format="ffv1")
    state = webui.shared.state
    steps = order(source, source.parent / f"{name}.mkv", recipe=recipe).start(
        stylizer or WebuiStylizer(p), stop=lambda: state.interrupted or state.stopping_generation)
    return finish(steps)


def kept(source, name="film"):
    folder = source.parent / f"{name}.vidstyl" / "frames"
    return {int(path.stem): decode_picture(path.read_bytes())[0] for path in folder.glob("*.png")}


@pytest.mark.parametrize("seed", range(100))
def test_whatever_is_pressed_whenever_every_kept_frame_is_whole(webui, source, seed):
    """Trust 9: no half-denoised frame is kept, the run stops within one step, and goes on to the film of an unbroken run."""
    whole = run(webui, source, "whole")
    expected = kept(source, "whole")
    rng = random.Random(seed)
    batch = rng.choice((1, 1, 2, 3))
    button = rng.choice(("interrupted", "skipped", "stopping_generation"))
    moment = rng.randrange(FRAMES * STEPS // batch + 2)
    state, taken = webui.shared.state, []

    def step(now: int) -> None:
        taken.append(now)
        if len(taken) == moment:
            setattr(state, button, True)

    webui.on_step = step
    webui.calls.clear()
    try:
        run(webui, source, batch=batch)
    except Cancelled:
        assert button != "skipped"
        if button == "interrupted":
            assert len(taken) == moment, "not a step more"
        else:
            assert len(taken) <= moment + STEPS
    for index, image in kept(source).items():
        np.testing.assert_array_equal(image, expected[index])
    webui.on_step = lambda now: None
    state.begin()
    again = run(webui, source, batch=batch)
    assert again.complete
    for made, image in zip(pictures(again.film), pictures(whole.film), strict=True):
        np.testing.assert_array_equal(made, image)


@pytest.mark.parametrize("error", ["memory", "nan", "exception"])
@pytest.mark.parametrize("call", range(1, FRAMES + 1))
def test_the_nth_call_fails_once_and_the_film_is_whole(webui, source, error, call):
    """Trust 3: the retry ladder."""
    if error == "nan":
        pytest.importorskip("torch", reason="dtypes are torch's")
    expected = pictures(run(webui, source, "whole").film)
    webui.calls.clear()
    webui.fault_at = lambda number: number == call
    failed = []

    def step(now: int) -> None:
        if len(webui.calls) == call and not failed:
            failed.append(now)
            if error != "nan":
                raise RuntimeError("CUDA out of memory" if error == "memory" else "boom")

    webui.on_step = step
    webui.faults = {"half"} if error == "nan" else set()
    result = run(webui, source)
    assert result.complete
    for made, image in zip(pictures(result.film), expected, strict=True):
        np.testing.assert_array_equal(made, image)


def test_a_frame_that_always_fails_is_listed_and_the_run_goes_on(webui, source):
    asked = []

    def step(now: int) -> None:
        if np.array_equal(webui.calls[-1].init_images[0], list(moving(FRAMES, 40, 48))[2]):
            asked.append(now)
            raise RuntimeError("boom")

    webui.on_step = step
    result = run(webui, source)
    assert result.failed == {2: "boom"} and len(asked) == 3


def test_a_second_run_in_the_same_project_is_refused_and_the_first_unharmed(webui, source):
    """Trust 10: the webui's queue keeps its own runs apart; a second webui on the same folder is told."""
    seen = []

    def step(now: int) -> None:
        if len(webui.calls) == 2 and not seen:
            webui_call = webui.calls[-1]
            with pytest.raises(ProjectError, match="another run"):
                run(webui, source)
            seen.append(webui_call)

    webui.on_step = step
    assert run(webui, source).complete and seen


def test_the_request_made_from_a_recipe_paints_the_same(webui, source):
    recipe = recipe_of(request(steps=STEPS), new_recipe())
    p = request_of(recipe)
    result = run(webui, source, "own", stylizer=WebuiStylizer(p))
    for made, image in zip(pictures(result.film), pictures(run(webui, source, "script").film), strict=True):
        np.testing.assert_array_equal(made, image)


def test_a_stylizer_is_used_in_the_thread_that_runs_it(webui, source):
    results = []
    worker = threading.Thread(target=lambda: results.append(run(webui, source)))
    worker.start()
    worker.join(30)
    assert results and results[0].complete
