"""Trust 19: what wants to be run, or to fill the memory, is refused in words; nothing of ours can run a file at all."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import lib_vidstyl

ROOT = Path(lib_vidstyl.__file__).parent
RUNNERS = {"pickle", "cPickle", "shelve", "marshal", "dill", "joblib", "zipfile", "tarfile", "runpy"}
LOADERS = {("np", "load"), ("numpy", "load"), ("torch", "load"), ("pickle", "loads")}
HARMLESS = {f"rows.png as {way}" for way in ("clip", "picture", "frame")}
"""More rows than its header says, which are never unpacked."""


def test_every_hostile_file_is_refused_in_words_and_takes_no_memory(tmp_path):
    pytest.importorskip("resource", reason="memory is measured where POSIX is")
    made = subprocess.run([sys.executable, "-m", "tests.trust.hostile", str(tmp_path)], cwd=ROOT.parent, capture_output=True,
                          timeout=240, check=False)
    said = json.loads(made.stdout or b"null")
    assert said, made.stderr.decode("utf-8", "replace")[-2000:]
    assert len(said["answers"]) >= 120
    assert {what: answer for what, answer in said["answers"].items() if answer and what not in HARMLESS} == {}
    assert said["grown"] < 200 << 20
    assert not list(tmp_path.rglob("a-pickle-was-run")) and not (ROOT.parent / "a-pickle-was-run").exists()
    assert not list(tmp_path.parent.glob("evil.txt"))


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_nothing_of_ours_can_run_what_it_reads(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            named = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not RUNNERS & {name.split(".")[0] for name in named}, node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name):
            assert (node.func.value.id, node.func.attr) not in LOADERS, node.lineno
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in ("eval", "exec", "compile"), node.lineno
