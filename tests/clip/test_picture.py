"""Single pictures: every kind in, PNG out."""

from __future__ import annotations

import io
import zlib

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from lib_vidstyl.clip.picture import MAX_PIXELS, decode_picture, encode_png, png_is_whole, read_picture
from lib_vidstyl.errors import ClipError
from tests.drawn import texture


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


@given(st.integers(1, 40), st.integers(1, 40), st.integers(0, 9), st.booleans(), st.integers(0, 2**31))
def test_png_gives_back_what_it_got(height, width, level, with_alpha, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 3), np.uint8)
    alpha = rng.integers(0, 256, (height, width), np.uint8) if with_alpha else None
    data = encode_png(image, alpha, level=level)
    assert png_is_whole(data)
    back, back_alpha = decode_picture(data)
    assert np.array_equal(back, image)
    assert back_alpha is None if alpha is None else np.array_equal(back_alpha, alpha)
    assert back.flags.c_contiguous
    assert back.flags.writeable


def test_a_plane_becomes_a_grey_png():
    plane = texture(20, 30)[..., 0]
    back, _ = decode_picture(encode_png(plane))
    assert np.array_equal(back[..., 1], plane)


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "BMP", "WEBP", "JPEG"])
def test_kinds(kind, tmp_path):
    image = texture(40, 56)
    path = tmp_path / "Фильм 日本 'x'.bin"
    path.write_bytes(saved(Image.fromarray(image), kind, **({"quality": 95} if kind == "JPEG" else {"lossless": True})))
    back, alpha = read_picture(path)
    assert alpha is None
    assert np.abs(back.astype(int) - image).mean() < (4 if kind == "JPEG" else 0.01)


def test_palettes_grey_and_alpha():
    image = Image.fromarray(texture(24, 24))
    palette = image.quantize(16)
    assert np.array_equal(decode_picture(saved(palette, "PNG"))[0], np.asarray(palette.convert("RGB")))
    clear = decode_picture(saved(palette, "PNG", transparency=3))[1]
    assert np.array_equal(clear == 0, np.asarray(palette) == 3)
    grey, alpha = decode_picture(saved(image.convert("LA"), "PNG"))
    assert np.array_equal(grey[..., 0], np.asarray(image.convert("L")))
    assert (alpha == 255).all()
    assert decode_picture(saved(image.convert("1"), "PNG"))[0].max() == 255
    assert decode_picture(saved(image.convert("CMYK"), "JPEG"))[0].shape == (24, 24, 3)


def test_sixteen_bits_become_eight():
    ramp = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    for kind in ("PNG", "TIFF"):
        back, _ = decode_picture(saved(Image.fromarray(ramp), kind))
        assert np.abs(back[..., 0] - ramp / 257).max() <= 0.51
    colour = np.repeat(ramp[..., None], 3, axis=2)
    back, _ = decode_picture(cv2.imencode(".png", colour)[1].tobytes())
    assert np.abs(back[..., 0] - ramp / 257).max() <= 1


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    upright = texture(20, 30)
    inverse = {1: upright, 2: upright[:, ::-1], 3: upright[::-1, ::-1], 4: upright[::-1],
               5: upright.transpose(1, 0, 2), 6: np.rot90(upright, 1), 7: upright[::-1, ::-1].transpose(1, 0, 2),
               8: np.rot90(upright, -1)}[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    data = saved(Image.fromarray(np.ascontiguousarray(inverse)), "PNG", exif=exif.tobytes())
    assert np.array_equal(decode_picture(data)[0], upright)


def test_any_cut_and_any_flip_is_noticed():
    data = encode_png(texture(16, 16))
    rng = np.random.default_rng(1)
    assert not any(png_is_whole(data[:cut]) for cut in rng.integers(0, len(data), 200))
    for at in range(0, len(data), 3):
        assert not png_is_whole(data[:at] + bytes([data[at] ^ 0x10]) + data[at + 1:])
    assert not png_is_whole(data + b"x")
    assert not png_is_whole(saved(Image.fromarray(texture(16, 16)), "BMP"))


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_too_large_is_refused_by_its_header():
    data = bytearray(encode_png(texture(16, 16)))
    side = int(MAX_PIXELS**0.5) + 9
    for width, height in ((side, side), (100_000, 2), (2**31 - 1, 2**31 - 1), (0, 5)):
        data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
        data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
        with pytest.raises(ClipError) as caught:
            decode_picture(bytes(data), where="x.png")
        assert str(caught.value).startswith("x.png: ")


@pytest.mark.parametrize("data", [b"", b"no picture", b"\x89PNG\r\n\x1a\n", encode_png(texture(16, 16))[:200]])
def test_what_is_no_picture_is_an_error_of_ours(data):
    with pytest.raises(ClipError, match="Export"):
        decode_picture(data, where="y.png")
