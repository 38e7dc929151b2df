"""Malformed clips: success or one clear line, within time and memory; no crash, no leftovers, no connection."""

from __future__ import annotations

import io
import random
import socket
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image

from lib_vidstyl.clip import open_clip
from lib_vidstyl.clip.film import open_film
from lib_vidstyl.clip.formats import FORMATS
from lib_vidstyl.errors import ClipError
from tests.drawn import moving

ROOT = Path(__file__).resolve().parents[2]
SECONDS = 30
TEXTS = {
    "hls": "#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:1,\n{url}\n#EXT-X-ENDLIST\n", "hls file": "#EXTM3U\n#EXTINF:1,\n/etc/passwd\n",
    "concat": "ffconcat version 1.0\nfile '{url}'\n", "concat file": "ffconcat version 1.0\nfile /etc/passwd\n",
    "dash": '<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><BaseURL>{url}</BaseURL></MPD>',
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="{url}"/></svg>',
    "sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\nm=video 1 RTP/AVP 96\n",
    "note": "just a note", "html": "<html><body>not found</body></html>", "json": "{}", "script": "#!/bin/sh\nexit 1\n",
    "subtitle": "1\n00:00:01,000 --> 00:00:02,000\nhello\n",
    "spaces": "   \n\n", "m3u": "{url}\n", "pls": "[playlist]\nFile1={url}\n",
}
SUFFIXES = [".mp4", ".mkv", ".m3u8", ".mov", ".gif", ".txt"]


@pytest.fixture(scope="module")
def seeds(tmp_path_factory):
    """Whole clips of every kind, as bytes: the stuff that is then spoiled."""
    folder = tmp_path_factory.mktemp("seeds")
    made = {}
    for name, kind in FORMATS.items():
        if kind.suffix:
            path = folder / f"{name}{kind.suffix}"
            with open_film(path, format=name, size=(64, 64), fps=Fraction(25)) as film:
                for index, frame in enumerate(moving(6, 64, 64)):
                    film.write(frame, time=Fraction(index, 25), duration=Fraction(1, 25), index=index)
            made[path.name] = path.read_bytes()
    for suffix, codec in ((".ts", "mpeg2video"), (".avi", "mpeg4"), (".flv", "flv"), (".mpg", "mpeg2video")):
        made[f"old{suffix}"] = _old(folder / f"old{suffix}", codec)
    for kind in ("PNG", "WEBP", "GIF", "TIFF", "BMP", "JPEG"):
        buffer = io.BytesIO()
        pictures = [Image.fromarray(frame) for frame in moving(3, 40, 40)]
        extra = {"save_all": True, "append_images": pictures[1:]} if kind in ("PNG", "WEBP", "GIF", "TIFF") else {}
        pictures[0].save(buffer, kind, **extra)
        made[f"still.{kind.lower()}"] = buffer.getvalue()
    return made


def _old(path, codec):
    with av.open(str(path), "w") as film:
        stream = film.add_stream(codec, rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "yuv420p"
        for frame in moving(6, 64, 64):
            film.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        film.mux(stream.encode(None))
    return path.read_bytes()


def fixed(seeds):
    """Name -> bytes: truncated, blanked, misnamed, empty, repeated, and texts dressed as films."""
    for name, data in seeds.items():
        size = len(data)
        for part in (1, 4, 8, 16, 32, 64, 200, size // 4, size // 2, size - 200, size - 1):
            yield f"cut{part}-{name}", data[:max(part, 1)]
        for part in range(5):
            begin = size * part // 5
            yield f"blank{part}-{name}", data[:begin] + bytes(size // 5) + data[begin + size // 5:]
        yield f"misnamed-{name}.txt", data
        yield f"twice-{name}", data * 2
        yield f"late-{name}", bytes(512) + data
        yield f"huge-{name}", data.replace((64).to_bytes(2, "big"), (65535).to_bytes(2, "big"))
        yield f"huge4-{name}", data.replace((64).to_bytes(4, "little"), (2**31 - 1).to_bytes(4, "little"))
    for suffix in SUFFIXES:
        yield f"empty{suffix}", b""
        for label, text in TEXTS.items():
            yield f"{label}{suffix}", text.encode()


def mutated(seeds, count, seed=0):
    """Seeded mutations: bits flipped, pieces removed, repeated, or replaced by noise."""
    names = sorted(seeds)
    for number in range(count):
        rng = random.Random(seed * 1_000_000 + number)
        name = rng.choice(names)
        data = bytearray(seeds[name])
        for _ in range(rng.choice((1, 2, 5, 20))):
            at, length = rng.randrange(len(data)), rng.choice((1, 1, 4, 32))
            way = rng.randrange(4)
            if way == 0:
                data[at] ^= 1 << rng.randrange(8)
            elif way == 1 and len(data) > 100:
                del data[at:at + length]
            elif way == 2:
                data[at:at] = data[at:at + length]
            else:
                data[at:at + length] = rng.randbytes(length)
        yield f"m{number}-{name}", bytes(data)


def opened(files, folder):
    """Outcome of every file, opened by a process of its own that is replaced when it dies or hangs."""
    names = []
    for name, data in files:
        (folder / name).write_bytes(data)
        names.append(str(folder / name))
    allowed = SECONDS + len(names)
    done = subprocess.run([sys.executable, "-m", "tests.trust.opener"], input="\n".join(names), cwd=ROOT, capture_output=True,
                          text=True, encoding="utf-8", errors="replace", timeout=allowed, check=False)
    outcomes = dict(line.split("\t", 1) for line in done.stdout.splitlines() if "\t" in line)
    assert done.returncode == 0, f"the process died after {list(outcomes)[-1:]}: {done.stderr[-300:]}"
    assert set(outcomes) == {Path(name).name for name in names}
    assert sorted(path.name for path in folder.iterdir()) == sorted(outcomes)
    return outcomes


def check(outcomes):
    broken = {name: said for name, said in outcomes.items() if said.startswith("BROKEN")}
    assert not broken, broken


@pytest.fixture
def listener():
    """(a URL of this machine, the connections it has seen)."""
    server = socket.create_server(("127.0.0.1", 0))
    seen: list[object] = []

    def accept():
        while True:
            try:
                seen.append(server.accept()[1])
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield f"http://127.0.0.1:{server.getsockname()[1]}/clip.mp4", seen
    server.close()


def with_url(files, url):
    return [(name, data.replace(b"{url}", url.encode())) for name, data in files]


def test_some_malformed_clips(seeds, tmp_path, listener):
    url, seen = listener
    files = with_url(fixed(seeds), url)
    assert len(files) >= 300
    texts = [entry for entry in files if any(entry[0].startswith(label) for label in TEXTS)]
    outcomes = opened(texts + random.Random(1).sample(files, 80), tmp_path)
    check(outcomes)
    assert all(outcomes[name].startswith("refused") for name, _ in texts)
    assert seen == []


@pytest.mark.trust
@pytest.mark.timeout(1800)
def test_every_malformed_clip(seeds, tmp_path, listener):
    url, seen = listener
    check(opened(with_url(fixed(seeds), url), tmp_path))
    assert seen == []


def test_some_mutations(seeds, tmp_path):
    check(opened(mutated(seeds, 150), tmp_path))


@pytest.mark.trust
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("part", range(20))
def test_ten_thousand_mutations(seeds, tmp_path, part):
    check(opened(mutated(seeds, 500, seed=part + 1), tmp_path))


@pytest.mark.parametrize("scheme", ["http", "https", "ftp", "rtsp", "rtmp", "tcp", "udp", "file", "concat", "subfile", "crypto",
                                    "data", "gopher", "smb", "pipe", "HTTP", "hls+http", "cache:http", "async:http", "tls"])
@pytest.mark.parametrize("shape", ["{0}://127.0.0.1:{1}/a.mp4", "{0}:127.0.0.1:{1}"])
def test_addresses_are_no_clips(scheme, shape, listener):
    url, seen = listener
    with pytest.raises(ClipError) as caught:
        open_clip(shape.format(scheme, url.split(":")[2].split("/")[0]))
    assert "\n" not in str(caught.value)
    assert seen == []
