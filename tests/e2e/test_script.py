"""The script "Video Stylize" in a real webui, over its API."""

import json

import numpy as np
import pytest
from PIL import Image

from tests.e2e.webui import Refused, encoded, frames_in, wait_for, written

SLOW = {"steps": 20}


def difference(a, b):
    return float(np.abs(a.astype(float) - b.astype(float)).mean())


def test_a_film_of_what_img2img_paints(webui, make_clip):
    clip = make_clip(webui)
    answer = webui.film(clip)
    frames = answer.frames()
    assert answer.film.is_file() and answer.film.suffix == ".mp4"
    assert sorted(frames) == list(range(6))
    for i in (0, 5):
        source = np.asarray(Image.open(clip / f"{i:03d}.png"))
        assert difference(frames[i], webui.painted(source)) == 0


def test_the_prompt_tints_and_prompts_of_ranges_tint_their_frames(webui, make_clip):
    clip = make_clip(webui)
    plain = webui.film(clip).frames()
    mixed = webui.film(clip, Prompts_per_range="0-2: red\n3-5: blue").frames()
    gain = {i: (mixed[i].astype(float) - plain[i]).mean((0, 1)) for i in plain}
    assert all(gain[i][0] > gain[i][2] + 5 for i in (0, 1, 2))
    assert all(gain[i][2] > gain[i][0] + 5 for i in (3, 4, 5))


def test_a_drawn_seed_is_the_same_for_all_frames(webui, make_clip):
    clip = make_clip(webui, count=2)
    Image.open(clip / "000.png").save(clip / "001.png")
    answer = webui.film(clip, request={"seed": -1})
    first, second = answer.frames().values()
    assert difference(first, second) == 0
    assert answer.info["seed"] >= 0
    each = webui.film(clip, Seed_rule="each").frames()
    assert difference(each[0], each[1]) > 5


def test_batches_are_equal_to_one_by_one(webui, make_clip):
    clip = make_clip(webui)
    alone, together = webui.film(clip).frames(), webui.film(clip, Frames_per_batch=4, Resume=False).frames()
    assert sorted(alone) == sorted(together)
    assert max(np.abs(alone[i].astype(int) - together[i]).max() for i in alone) <= 2


def test_interrupt_keeps_whole_frames_and_goes_on(webui, make_clip):
    clip = make_clip(webui, count=8)
    whole = webui.film(clip, request=SLOW, Resume=False).frames()
    aside = webui.film_aside(clip, request=SLOW, Resume=False)
    project = wait_for(lambda: _project_with_frames(clip, webui, 2))
    webui.post("/sdapi/v1/interrupt")
    answer = aside.join()
    kept, times = frames_in(project), written(project)
    assert answer.film is None and 2 <= len(kept) < 8
    assert all(difference(kept[i], whole[i]) == 0 for i in kept), "a half-denoised frame was kept"
    finished = webui.film(clip, request=SLOW, Project_folder=str(project))
    assert finished.film.is_file()
    assert {name: written(project)[name] for name in times} == times, "a frame was painted again"
    assert all(difference(frame, whole[i]) == 0 for i, frame in finished.frames().items())


def _project_with_frames(clip, webui, count):
    """The unfinished project with so many frames."""
    for recipe in webui.outputs.rglob(f"{clip.name}-stylized*.vidstyl/recipe.json"):
        project = recipe.parent
        unfinished = not project.with_name(project.name.replace(".vidstyl", ".mp4")).exists()
        if unfinished and len(list((project / "frames").glob("*.png"))) >= count:
            return project
    return None


def test_skip_leaves_one_frame_out(webui, make_clip):
    clip = make_clip(webui, count=8)
    aside = webui.film_aside(clip, request={"steps": 80}, Resume=False)
    wait_for(lambda: _within_a_frame(webui))
    webui.post("/sdapi/v1/skip")
    answer = aside.join()
    assert answer.film.is_file() and "incomplete" in answer.film.name
    assert len(answer.frames()) == 7
    again = webui.film(clip, request={"steps": 80})
    assert again.project == answer.project and len(again.frames()) == 8 and "incomplete" not in again.film.name


def _within_a_frame(webui):
    """Whether the sampler is far from a frame's begin and end; between frames the webui forgets that it was to skip."""
    progress = webui.get("/sdapi/v1/progress?skip_current_image=true")
    return 5 < progress["state"]["sampling_step"] < 25 and progress["progress"] > 0.2


def test_resume_repaints_what_changed_and_nothing_else(webui, make_clip):
    clip = make_clip(webui)
    first = webui.film(clip)
    times = written(first.project)
    again = webui.film(clip, Project_folder=str(first.project))
    assert written(again.project) == times
    red = webui.film(clip, request={"prompt": "red"}, Project_folder=str(first.project))
    assert all(written(red.project)[name] > times[name] for name in times)
    times = written(first.project)
    webui.switch("vidstyl-other")
    other = webui.film(clip, request={"prompt": "red"}, Project_folder=str(first.project))
    assert all(written(other.project)[name] > times[name] for name in times)


def test_nan_never_reaches_the_disk(webui, make_clip):
    clip = make_clip(webui)
    webui.switch("vidstyl-nan")
    before = set(webui.outputs.rglob("*.png"))
    with pytest.raises(Refused) as refusal:
        webui.film(clip)
    said = json.loads(str(refusal.value))
    assert "frame 0" in said["errors"] + said["detail"], said
    assert set(webui.outputs.rglob("*.png")) == before
    webui.switch("vidstyl-tiny")
    assert webui.film(clip).film.is_file()


def test_inpainting_checkpoint_and_a_mask_keep_the_outside(webui, make_clip):
    clip = make_clip(webui)
    webui.switch("vidstyl-inpainting")
    mask = np.zeros((64, 64), np.uint8)
    mask[:, 32:] = 255
    frames = webui.film(clip, request={"mask": encoded(mask), "inpainting_fill": 1, "mask_blur": 0, "init_images": [
        encoded(np.zeros((64, 64, 3), np.uint8))]}).frames()
    for i, frame in frames.items():
        source = np.asarray(Image.open(clip / f"{i:03d}.png"))
        assert difference(frame[:, :30], source[:, :30]) < 1
        assert difference(frame[:, 34:], source[:, 34:]) > 5


def test_one_frame_with_several_seeds(webui, make_clip):
    clip = make_clip(webui)
    answer = webui.film(clip, Make="one frame", Frame_to_try="3", Seeds_to_try=3)
    assert answer.film is None and len(answer.images) == 3
    assert answer.info["all_seeds"][0] == 5 and len(set(answer.info["all_seeds"])) == 3
    source = np.asarray(Image.open(clip / "003.png"))
    for seed, image in zip(answer.info["all_seeds"], answer.images, strict=True):
        assert difference(image, webui.painted(source, seed=seed)) == 0


@pytest.mark.parametrize("changes, words", [({"Clip": ""}, "there is no clip"), ({"Clip": "/etc/passwd"}, "may not be used"),
                                            ({"Clip": "missing.mp4"}, "nothing of this name")])
def test_bad_clips_are_refused_with_a_sentence(webui, changes, words):
    with pytest.raises(Refused, match=words):
        webui.film(changes["Clip"])


def test_script_args_of_the_wrong_length_are_refused(webui, make_clip):
    clip = make_clip(webui)
    with pytest.raises(Refused):
        webui.post("/sdapi/v1/img2img", init_images=[], script_name="video stylize", script_args=[None, "the film", str(clip)])


def test_a_units_own_picture_reaches_every_frame(webui, make_clip):
    names = _control_models(webui)
    clip = make_clip(webui)
    plain = webui.film(clip).frames()
    bright = np.zeros((64, 64, 3), np.uint8)
    bright[:, 32:] = 255
    unit = {"enabled": True, "module": "none", "model": names[0], "image": encoded(bright), "weight": 1}
    request = {"alwayson_scripts": {"controlnet": {"args": [unit]}}}
    controlled = webui.film(clip, request=request, Control_sources="0: own").frames()
    for i in plain:
        gain = controlled[i].astype(float) - plain[i]
        assert gain[:, 40:].mean() > gain[:, :24].mean() + 20


def test_a_unit_without_a_picture_follows_the_frame(webui, make_clip):
    names = _control_models(webui)
    clip = make_clip(webui)
    unit = {"enabled": True, "module": "none", "model": names[0], "weight": 1}
    request = {"alwayson_scripts": {"controlnet": {"args": [unit]}}}
    frames = webui.film(clip, request=request, Frames_per_batch=3).frames()
    for i in (0, 4):
        source = np.asarray(Image.open(clip / f"{i:03d}.png"))
        assert difference(frames[i], webui.painted(source, **request)) < 1


def _control_models(webui):
    try:
        names = [name for name in webui.get("/controlnet/model_list?update=true")["model_list"] if "vidstyl" in name]
    except Refused:
        names = []
    return names or pytest.skip("ControlNet is not installed in this webui")


def test_a_client_that_knows_nothing_of_us_gets_the_films_path(webui, make_clip):
    webuiapi = pytest.importorskip("webuiapi")
    clip = make_clip(webui)
    client = webuiapi.WebUIApi(baseurl=f"{webui.url}/sdapi/v1", sampler="Euler", steps=4)
    answer = client.img2img(images=[Image.new("RGB", (64, 64))], width=64, height=64, denoising_strength=0.5, seed=5,
                            script_name="Video Stylize", script_args=webui.arguments(Clip=str(clip)))
    film = answer.info["extra_generation_params"]["Video Stylize film"]
    assert film.endswith(".mp4") and (webui.outputs / film).is_file()
