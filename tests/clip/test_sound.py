"""Sound stays in step: a click and a flash that happen together in the clip happen together in the film."""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import pytest

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.front.session import new_recipe, order
from lib_vidstyl.pipeline import finish
from tests.fakes import Fake, identity

SOUNDS = [("mp4", "aac"), ("mp4", "libmp3lame"), ("mkv", "libopus"), ("mkv", "flac"), ("mov", "pcm_s16le"), ("mkv", "ac3")]


def flashing(path, codec, *, fps=Fraction(25), frames=60, flash=30, late=0.0, seconds=None, rate=48000, more=""):
    """A dark clip whose frame `flash` is white, with a click at the same moment; the sound may start late.

    more: the codec of a second track with the same sound.
    """
    with av.open(str(path), "w") as film:
        video = film.add_stream("libx264", rate=fps, options={"g": "12"})
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        tracks = [film.add_stream(each, rate=rate) for each in (codec, more) if each]
        for audio in tracks:
            audio.codec_context.layout = "stereo"
        for index in range(frames):
            picture = np.full((48, 64, 3), 255 if index == flash else 16, np.uint8)
            film.mux(video.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        film.mux(video.encode(None))
        for audio in tracks:
            for packet in _click(audio, flash / fps, late, seconds or frames / fps, rate):
                film.mux(packet)
    return path


def _click(audio, at, late, seconds, rate):
    samples = np.zeros((2, int((float(seconds) - late) * rate)), np.float32)
    begin = int((float(at) - late) * rate)
    samples[:, begin:begin + 480] = 0.9 * np.sin(np.arange(480) * 0.4)
    for start in range(0, samples.shape[1], 960):
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples[:, start:start + 960]), format="fltp", layout="stereo")
        frame.sample_rate, frame.pts, frame.time_base = rate, start + int(late * rate), Fraction(1, rate)
        yield from audio.encode(frame)
    yield from audio.encode(None)


def moments(path):
    """(time of the flash, time of the click, end of the sound), seconds after the first picture."""
    with open_clip(path) as clip:
        lit = [picture for picture in clip.pictures() if picture.image.mean() > 128]
    with av.open(str(path)) as film:
        origin = min(float(packet.pts * packet.time_base) for packet in film.demux(video=0) if packet.pts is not None)
    with av.open(str(path)) as film:
        pieces = [(float(frame.pts * frame.time_base), frame) for frame in film.decode(audio=0)]
    resampler = av.AudioResampler(format="fltp", layout="mono")
    loud, end = [], 0.0
    for time, frame in pieces:
        wave = np.abs(resampler.resample(frame)[0].to_ndarray()[0])
        end = time - origin + len(wave) / frame.sample_rate
        loud += [time - origin + place / frame.sample_rate for place in np.flatnonzero(wave > 0.4)]
    return float(lit[0].time), loud[0], end


def film_of(clip, name, **decode):
    recipe = new_recipe().replaced("encode", format=name).replaced("decode", **decode)
    return finish(order(clip, clip.with_name(f"film{FORMATS[name].suffix}"), recipe=recipe).start(Fake(identity))).film


@pytest.mark.parametrize("name", [name for name, kind in FORMATS.items() if kind.sound])
@pytest.mark.parametrize(("suffix", "codec"), SOUNDS)
def test_every_sound_in_every_film_is_in_step(tmp_path, name, suffix, codec):
    flash, click, end = moments(film_of(flashing(tmp_path / f"clip.{suffix}", codec), name))
    assert flash == pytest.approx(30 / 25, abs=0.001)
    assert click == pytest.approx(flash, abs=0.04)
    assert end == pytest.approx(60 / 25, abs=0.07)


@pytest.mark.parametrize("name", ["mp4", "webm"])
@pytest.mark.parametrize("choice", [{"start": "12"}, {"start": "0.9s", "end": "2s"}, {"every": 2}, {"start": "10", "every": 5},
                                    {"every": 3}])
def test_in_step_whatever_is_selected(tmp_path, name, choice):
    clip = flashing(tmp_path / "clip.mp4", "aac")
    film = film_of(clip, name, **choice)
    flash, click, _ = moments(film)
    assert click == pytest.approx(flash, abs=0.04)
    with open_clip(film) as made:
        first = int(choice.get("start", "0")) if choice.get("start", "0").isdigit() else 23
        last = 50 if "end" in choice else 60
        assert float(made.info.duration) == pytest.approx((last - first) / 25, abs=0.003)


@pytest.mark.parametrize("late", [0.2, 0.9])
def test_sound_that_starts_late_stays_late(tmp_path, late):
    flash, click, _ = moments(film_of(flashing(tmp_path / "clip.mkv", "flac", late=late), "mp4"))
    assert click == pytest.approx(flash, abs=0.04)


def test_a_copied_sound_is_the_same_packets(tmp_path):
    clip = flashing(tmp_path / "clip.mp4", "aac")
    film = film_of(clip, "mp4")
    with av.open(str(clip)) as before, av.open(str(film)) as after:
        packets = [bytes(packet) for packet in before.demux(audio=0) if packet.size]
        copied = [bytes(packet) for packet in after.demux(audio=0) if packet.size]
    assert len(copied) >= len(packets) - 3
    assert set(copied) <= set(packets)


def test_longer_sound_ends_with_the_film_and_shorter_is_kept(tmp_path):
    _, _, end = moments(film_of(flashing(tmp_path / "clip.mp4", "aac", seconds=4), "mp4"))
    assert end == pytest.approx(2.4, abs=0.07)
    (tmp_path / "b").mkdir()
    _, _, end = moments(film_of(flashing(tmp_path / "b" / "clip.mp4", "aac", seconds=1.5), "mp4"))
    assert end == pytest.approx(1.5, abs=0.07)


def test_a_sound_that_is_longer_than_the_picture_makes_no_clip_cut_short(tmp_path):
    with open_clip(flashing(tmp_path / "clip.mkv", "flac", seconds=4)) as clip:
        assert clip.info.notices == ()


@pytest.mark.parametrize("rate", [192000, 22255, 4000])
def test_rates_that_aac_does_not_know(tmp_path, rate):
    clip = flashing(tmp_path / "clip.mov", "pcm_s16le", rate=rate)
    flash, click, _ = moments(film_of(clip, "mp4"))
    assert click == pytest.approx(flash, abs=0.04)


def test_a_first_track_that_nobody_can_read_is_passed_over(tmp_path):
    clip = flashing(tmp_path / "clip.mkv", "libopus", more="flac")
    clip.write_bytes(clip.read_bytes().replace(b"A_OPUS", b"A_NONE"))
    with open_clip(clip) as opened:
        assert [sound.codec for sound in opened.info.sounds] == ["flac"]
        assert any("sound" in notice for notice in opened.info.notices)
    flash, click, _ = moments(film_of(clip, "mp4"))
    assert click == pytest.approx(flash, abs=0.04)


def test_formats_without_sound_say_so(tmp_path):
    recipe = new_recipe().replaced("encode", format="gif")
    clip = flashing(tmp_path / "clip.mp4", "aac")
    result = finish(order(clip, tmp_path / "film.gif", recipe=recipe).start(Fake(identity)))
    assert any("no sound" in notice for notice in result.notices)
