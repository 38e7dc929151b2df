"""Set-up: nothing of the host is changed, and what cannot be done is said with its remedy."""

from __future__ import annotations

import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

import install

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def calls(monkeypatch):
    made = []
    monkeypatch.setattr(install, "_call", lambda command, cwd=None: made.append(command) or 0)
    return made


def test_dependencies_are_those_of_the_project():
    names = {wanted.split(">")[0] for wanted in install.dependencies()}
    assert {"av", "numpy", "pillow", "scikit-image", "tqdm", "filelock"} == names


def test_a_host_that_has_everything_is_left_alone(calls):
    install.complete_host()
    assert calls == []


def test_what_is_missing_is_added_and_the_rest_held_fast(calls, monkeypatch):
    held = []

    def call(command, cwd=None):
        held.extend(Path(command[command.index("-c") + 1]).read_text(encoding="utf-8").splitlines())
        calls.append(command)
        return 0

    monkeypatch.setattr(install, "_call", call)
    monkeypatch.setattr(install, "installed", lambda wanted: not wanted.startswith("av"))
    install.complete_host()
    (command,) = calls
    assert command[-1].startswith("av")
    assert "--upgrade" not in command and "-U" not in command
    assert f"numpy=={metadata.version('numpy')}" in held


def test_an_opencv_of_any_name_will_do(calls, monkeypatch):
    find = install.util.find_spec
    monkeypatch.setattr(install.util, "find_spec", lambda name: None if name == "cv2" else find(name))
    install.complete_host()
    assert install.OPENCV in calls[0]


def test_an_impossible_addition_is_said(monkeypatch, capsys):
    monkeypatch.setattr(install, "_call", lambda command, cwd=None: 1)
    monkeypatch.setattr(install, "installed", lambda wanted: False)
    install.complete_host()
    assert "changed nothing" in capsys.readouterr().out


def test_a_missing_venv_module_is_explained(monkeypatch, capsys, tmp_path):
    monkeypatch.setattr(install, "ENVIRONMENT", tmp_path / "none")
    monkeypatch.setattr(install.util, "find_spec", lambda name: None)
    assert install.make_environment("opencv") is None
    assert "apt install python3" in capsys.readouterr().out


@pytest.mark.parametrize("asked", ["-h", "--help"])
def test_help_installs_nothing(calls, monkeypatch, capsys, asked):
    monkeypatch.setattr(install, "inside_webui", lambda: False)
    monkeypatch.setattr(install, "make_environment", lambda *options: pytest.fail("an environment was made"))
    assert install.main([asked]) == 0
    assert "stylize CLIP" in capsys.readouterr().out


def test_what_lies_in_the_current_folder_is_not_imported(calls, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "inside_webui", lambda: False)
    monkeypatch.setattr(install, "make_environment", lambda *options: sys.executable)
    install.main(["info", "clip.mp4"])
    (command,) = calls
    (tmp_path / "numpy.py").write_text("raise SystemExit('imported from the current folder')", encoding="utf-8")
    words = [*command[:command.index("-m")], "-c", "import numpy; numpy.array"]
    assert subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False).stderr == ""


def test_inside_the_webui_it_is_noticed(tmp_path):
    (tmp_path / "launch.py").write_text("", encoding="utf-8")
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules" / "__init__.py").write_text("", encoding="utf-8")
    words = "import sys; sys.path[:0] = sys.argv[1:]; import install; print(install.inside_webui())"
    assert said(words, str(ROOT)) == "False"
    assert said(words, str(ROOT), str(tmp_path)) == "True"


def test_the_command_line_starts_quickly_enough_to_import_little():
    words = "import sys, lib_vidstyl; print(any(name in sys.modules for name in ('av', 'cv2', 'numpy')))"
    assert said(words) == "False"


def said(words, *arguments):
    command = [sys.executable, "-c", words, *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_every_host_has_pins_that_can_be_read():
    assert install.known_hosts() == {"a1111", "forge-neo"}
    for host in install.known_hosts():
        assert len(install._installing("python", "test", host)) == len(install._pins(host))


def test_an_unknown_host_is_answered_with_the_known_ones(calls, capsys):
    assert install.main(["test", "--like", "webuu"]) == 2
    assert "a1111, forge-neo" in capsys.readouterr().out
    assert calls == []


def test_a_host_is_tested_in_an_environment_of_its_own(calls, monkeypatch, tmp_path):
    monkeypatch.setattr(install, "ENVIRONMENT", tmp_path / ".venv")
    (tmp_path / ".venv-a1111").mkdir()
    assert install.main(["test", "--like", "a1111", "-x"]) == 0
    made, filled, tested = calls
    assert made[-1] == str(tmp_path / ".venv-a1111")
    assert filled[-1].endswith("a1111.txt")
    assert tested[1:] == ["-m", "pytest", "-x"]
