"""Files that want to be run, to be large or to lead elsewhere, and every way in that reads a file. A program: see test_hostile."""

import io
import json
import pickle
import resource
import struct
import sys
import zipfile
import zlib
from pathlib import Path

import numpy as np

from lib_vidstyl.cache import Cache
from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.picture import decode_picture
from lib_vidstyl.errors import VidStylError
from lib_vidstyl.front.session import read_recipe
from lib_vidstyl.project import inspect

RAN = "a-pickle-was-run"


class CacheMiss(VidStylError):
    """What a cache answers to what it does not know."""


class Mine:
    """Unpickled, it leaves a file behind."""

    def __reduce__(self):
        return Path.touch, (Path(RAN),)


def zipped(**entries):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in entries.items():
            made.writestr(name.replace("__", "/"), data)
    return file.getvalue()


def png(width, height, *, data=b"", more=b""):
    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + more + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def noughts(megabytes):
    """So many noughts, compressed without ever being in memory."""
    packer = zlib.compressobj()
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(megabytes)) + packer.flush()


def text_bomb():
    """A comment of 400 MB in a few hundred kilobytes."""
    content = b"parameters\0\0" + noughts(400)
    return struct.pack(">I", len(content)) + b"zTXt" + content + struct.pack(">I", zlib.crc32(b"zTXt" + content))


def objects():
    file = io.BytesIO()
    np.savez(file, a=np.array([Mine()], dtype=object))
    return file.getvalue()


def files():
    """Name -> bytes."""
    slip = zipped(**{"..__..__..__evil.txt": b"x"})
    return {
        "pickle.pt": pickle.dumps(Mine()), "pickle.pkl": pickle.dumps(Mine(), 0), "pickle.mp4": pickle.dumps(Mine()),
        "pickle.png": pickle.dumps(Mine()), "objects.npz": objects(), "objects.mp4": objects(),
        "objects.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '|O', 'fortran_order': False, 'shape': (1,), }" + pickle.dumps(Mine()),
        "huge.npy": b"\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (9999999, 99999), }",
        "slip.zip": slip, "slip.mp4": slip, "slip.png": slip, "bomb.zip": zipped(a=bytes(8 << 20)),
        "bomb.mp4": zipped(a=bytes(8 << 20)), "torch.pt": zipped(**{"archive__data.pkl": pickle.dumps(Mine())}),
        "bomb.png": png(60_000, 60_000, data=zlib.compress(bytes(1 << 20))), "wide.png": png(2**31 - 1, 1), "text.png": png(
            8, 8, data=zlib.compress(bytes(8 * 25)), more=text_bomb()),
        "rows.png": png(8, 8, data=noughts(400)),
        "header.safetensors": struct.pack("<Q", 50 << 30) + b"{}", "header.mp4": struct.pack("<Q", 50 << 30) + b"{}",
        "gif.gif": b"GIF89a\xff\xff\xff\xff\x80\0\0" + bytes(6) + b",\0\0\0\0\xff\xff\xff\xff\0\x02\x02D\x01\0;",
        "deep.json": b"[" * 1_000_000, "long.json": b'{"a": ' + b"9" * 5_000_000 + b"}",
    }


def as_clip(path):
    with open_clip(path) as clip:
        next(iter(clip.pictures()))


def as_frame(path):
    folder = path.parent / f"{path.name}.frames"
    folder.mkdir()
    (folder / "000001.png").write_bytes(path.read_bytes())
    as_clip(folder)


def as_cache(path):
    cache = Cache(path.parent / f"{path.name}.cache")
    cache.put("key", path.read_bytes())
    assert cache.array("key") is None, "something was made of it"
    raise CacheMiss("absent")


def as_project(path):
    folder = path.parent / f"{path.name}.vidstyl"
    folder.mkdir()
    for name in ("project.json", "recipe.json", "manifest.jsonl"):
        (folder / name).write_bytes(path.read_bytes())
    list(inspect(folder))


WAYS = {"clip": as_clip, "picture": lambda path: decode_picture(path.read_bytes()), "frame": as_frame, "cache": as_cache,
        "recipe": read_recipe, "project": as_project}


def main(folder):
    """Try every file in every way; say as JSON what was no refusal, and how much memory each took beyond the rest."""
    answers, made = {}, {}
    for name, data in files().items():
        made[name] = folder / name
        made[name].write_bytes(data)
    del data
    start = peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for name, path in made.items():
        for way, read in WAYS.items():
            try:
                read(path)
                answers[f"{name} as {way}"] = "taken"
            except VidStylError as error:
                answers[f"{name} as {way}"] = "" if "\n" not in str(error) else f"several lines: {error}"
            except Exception as error:  # noqa: BLE001 - this is what is looked for
                answers[f"{name} as {way}"] = repr(error)[:200]
            now = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            peak = max(now, peak)
    sys.stdout.write(json.dumps({"answers": answers, "grown": (peak - start) << 10}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
