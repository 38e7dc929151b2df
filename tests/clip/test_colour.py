"""Colours: flat patches against their closed form, turns, combs, tone mapping."""

from __future__ import annotations

import av
import numpy as np
import pytest

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.colour import deinterlaced, turned
from lib_vidstyl.clip.tone import hlg_to_scene, nits_to_pq, pq_to_nits, to_standard_range
from tests.drawn import texture

WEIGHTS = {"bt601": (0.299, 0.114), "bt709": (0.2126, 0.0722), "bt2020": (0.2627, 0.0593)}
TAGS = {"bt601": 6, "bt709": 1, "bt2020": 9}
COLOURS = [(0, 0, 0), (255, 255, 255), (128, 128, 128), (220, 30, 30), (30, 200, 40), (40, 60, 210), (200, 30, 90),
           (17, 180, 240), (250, 200, 20)]


def samples(colour, matrix: str, full: bool, bits: int = 8) -> list[int]:
    """ITU-R BT.601/709/2020: an RGB colour as Y, Cb, Cr code values."""
    red, blue = WEIGHTS[matrix]
    r, g, b = (value / 255 for value in colour)
    luma = red * r + (1 - red - blue) * g + blue * b
    chroma = [(b - luma) / (2 * (1 - blue)), (r - luma) / (2 * (1 - red))]
    unit, top = 1 << (bits - 8), (1 << bits) - 1
    if full:
        return [round(luma * top), *(min(top, round(value * top + 128 * unit)) for value in chroma)]
    return [round((16 + 219 * luma) * unit), *(round((128 + 224 * value) * unit) for value in chroma)]


def bits_of(pix_fmt: str) -> int:
    return 10 if "10" in pix_fmt else 8


def patches(path, matrix: str, full: bool, *, pix_fmt: str = "yuv420p", tagged: bool = True, size=(48, 32)):
    """A lossless film with one frame of raw samples for each colour."""
    bits = bits_of(pix_fmt)
    with av.open(str(path), "w") as film:
        stream = film.add_stream("ffv1", rate=25)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        if tagged:
            stream.codec_context.colorspace = TAGS[matrix]
        stream.codec_context.color_range = 2 if full else 1
        for place, colour in enumerate(COLOURS):
            frame = av.VideoFrame(*size, pix_fmt)
            for plane, value in zip(frame.planes, samples(colour, matrix, full, bits), strict=True):
                data = np.full(plane.buffer_size // (2 if bits > 8 else 1), value, np.uint16 if bits > 8 else np.uint8)
                plane.update(data.tobytes())
            frame.pts = place
            frame.colorspace, frame.color_range = TAGS[matrix] if tagged else 2, 2 if full else 1
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("pix_fmt", ["yuv420p", "yuv422p", "yuv444p", "yuv420p10le"])
@pytest.mark.parametrize("full", [False, True])
@pytest.mark.parametrize("matrix", WEIGHTS)
def test_flat_patches_are_their_colour(matrix, full, pix_fmt, tmp_path):
    with open_clip(patches(tmp_path / "p.mkv", matrix, full, pix_fmt=pix_fmt)) as clip:
        assert (clip.info.matrix, clip.info.full_range) == (matrix, full)
        for colour, picture in zip(COLOURS, clip.pictures(), strict=True):
            assert np.abs(picture.image.astype(int) - colour).max() <= (1 if bits_of(pix_fmt) > 8 else 2)


@pytest.mark.parametrize(("size", "matrix"), [((64, 48), "bt601"), ((720, 576), "bt601"), ((1280, 720), "bt709"),
                                              ((720, 1280), "bt709")])
def test_untagged_clips_are_read_as_players_do(size, matrix, tmp_path):
    with open_clip(patches(tmp_path / "p.mkv", matrix, False, tagged=False, size=size)) as clip:
        assert clip.info.matrix == matrix
        assert np.abs(clip.picture(3).image.astype(int) - COLOURS[3]).max() <= 2


def test_turns_compose_as_matrices_do():
    image = texture(6, 9)
    assert np.array_equal(turned(image, (True, True, False)), np.rot90(image, -1))
    assert np.array_equal(turned(image, (True, False, True)), np.rot90(image, 1))
    assert np.array_equal(turned(image, (False, True, True)), image[::-1, ::-1])
    assert turned(image, (True, True, True)).flags.c_contiguous


def test_combs_go_and_still_parts_stay():
    still, later = texture(64, 64, grain=6), np.roll(texture(64, 64, grain=6), 9, axis=1)
    assert np.array_equal(deinterlaced(still), still)
    woven = still.copy()
    woven[1::2] = later[1::2]
    mended = deinterlaced(woven)
    assert np.array_equal(mended[::2], still[::2])
    error, before = (np.abs(picture.astype(int) - still).mean() for picture in (mended, woven))
    assert error < 0.25 * before


@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 4, 3), (5, 7, 4), (4, 1, 3)])
def test_small_pictures_can_be_deinterlaced(shape):
    assert deinterlaced(np.zeros(shape, np.uint8)).shape == shape


def test_pq_and_hlg_are_the_standards_curves():
    assert np.allclose(nits_to_pq(np.array([0.0, 100.0, 203.0, 1000.0, 10000.0])), [0, 0.5081, 0.5807, 0.7518, 1], atol=1e-4)
    assert np.allclose(pq_to_nits(nits_to_pq(np.array([0.1, 5, 400.0]))), [0.1, 5, 400])
    assert np.allclose(hlg_to_scene(np.array([0, 0.5, 1.0])), [0, 1 / 12, 1], atol=1e-4)


@pytest.mark.parametrize("transfer", ["pq", "hlg"])
@pytest.mark.parametrize("wide", [False, True])
def test_tone_mapping_keeps_order_grey_and_white(transfer, wide):
    top = nits_to_pq(np.array(1000.0)) if transfer == "pq" else 1.0
    ramp = np.linspace(0, top * 65535, 256).astype(np.uint16)
    grey = to_standard_range(np.repeat(ramp[None, :, None], 3, axis=2), transfer=transfer, wide=wide)
    assert np.abs(np.ptp(grey.astype(int), axis=2)).max() <= 1
    assert (np.diff(grey[0, :, 0].astype(int)) >= -1).all()
    assert grey[0, 0].max() == 0
    assert grey[0, -1].min() >= 253
    over = to_standard_range(np.full((1, 1, 3), 65535, np.uint16), transfer=transfer, wide=wide)
    assert over.min() >= 253


def test_tone_mapping_leaves_dark_and_middle_tones_alone():
    nits = np.array([1.0, 5, 20, 60])
    codes = (nits_to_pq(nits) * 65535).astype(np.uint16)
    mapped = to_standard_range(np.repeat(codes[None, :, None], 3, axis=2), transfer="pq", wide=False)[0, :, 0]
    assert np.abs(mapped - 255 * (nits / 203) ** (1 / 2.4)).max() <= 1.5

