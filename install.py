"""Set-up, in two ways.

The webui runs this file at every start: it adds the packages that are missing and changes none that the host has.
By hand, `python3 install.py COMMAND ...` makes an environment beside this file (.venv) and runs a command in it:
`demo`, `stylize CLIP` and the other commands of `vidstyl`, or `test` and `lint` for the project itself.
`test --like a1111` and `test --like forge-neo` test with the package versions of these hosts, in environments of their own.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import metadata, util
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
HOSTS = ROOT / "tests" / "environments"
OPENCV = "opencv-python-headless>=4.8"
OWN_COMMANDS = {
    "test": [["-m", "pytest"]],
    "lint": [["-m", "ruff", "check", "."], ["-m", "mypy"],
             ["-c", "from importlinter.cli import lint_imports_command; lint_imports_command()"]],
}
EXTRAS = {"test": "opencv,fast,test", "lint": "opencv,fast,test,lint"}
EXTRAS_BY_DEFAULT = "opencv,fast"


def main(arguments: Sequence[str]) -> int:
    """Set up and run a command; return its exit code."""
    if sys.version_info < (3, 10):  # noqa: UP036 - the message is for those who have an older one
        return _say(f"Video Stylize needs Python 3.10 or newer; this is {sys.version.split()[0]}.")
    if inside_webui():
        complete_host()
        return 0
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        _say(__doc__ or "")
        return 0 if arguments else 2
    command, *rest = arguments
    like = ""
    if command == "test" and rest[:1] == ["--like"]:
        like, rest = (rest[1], rest[2:]) if rest[1:] else ("?", [])
        if not (HOSTS / f"{like}.txt").is_file():
            return _say(f"Known hosts are: {', '.join(sorted(known_hosts()))}.")
    extras = EXTRAS.get(command, EXTRAS_BY_DEFAULT) + (",host" if like else ",ui" if command in ("test", "lint", "ui") else "")
    python = make_environment(extras, like)
    if python is None:
        return 1
    if command in OWN_COMMANDS:
        return max(_call([python, *words, *rest], cwd=ROOT) for words in OWN_COMMANDS[command])
    # Isolated: else whatever lies in the current folder, as a numpy.py among downloaded clips, would be imported.
    return _call([python, "-I", "-X", "utf8", "-m", "lib_vidstyl", *arguments])


def known_hosts() -> set[str]:
    """Names of the hosts whose package versions the tests can run with."""
    return {path.stem.removesuffix("-forced") for path in HOSTS.glob("*.txt")}


def inside_webui() -> bool:
    """Whether the webui's launcher runs this file (it puts its own folder on the path)."""
    return util.find_spec("launch") is not None and util.find_spec("modules") is not None


def complete_host() -> None:
    """Add what is missing to the webui's environment, every installed version held fast."""
    missing = [wanted for wanted in dependencies() if not installed(wanted)]
    if util.find_spec("cv2") is None:
        missing.append(OPENCV)
    if not missing or "--skip-install" in sys.argv or os.environ.get("VIDSTYL_SKIP_INSTALL"):
        return
    _say(f"Video Stylize adds {', '.join(missing)}")
    with tempfile.TemporaryDirectory() as folder:
        fixed = Path(folder) / "constraints.txt"
        fixed.write_text("\n".join(held_versions()), encoding="utf-8")
        code = _call([sys.executable, "-m", "pip", "install", "--prefer-binary", "-q", "-c", str(fixed), *missing])
    if code:
        _say(f"Video Stylize could not add {', '.join(missing)} without changing packages of the webui, so it changed nothing. "
             "The extension will say so in its page. Remedy: install them by hand in the webui's environment.")


def dependencies() -> list[str]:
    """What pyproject.toml says is needed, read without a TOML parser, which Python 3.10 lacks."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    found = re.search(r"^dependencies = (\[.*?^\])", text, re.MULTILINE | re.DOTALL)
    return ast.literal_eval(found[1]) if found else []


def installed(wanted: str) -> bool:
    """Whether a package is there, in whatever version."""
    try:
        metadata.version(re.split(r"[<>=!~; ]", wanted)[0])
    except metadata.PackageNotFoundError:
        return False
    return True


def held_versions() -> list[str]:
    """A constraint `name==version` for every installed package; local builds ("2.1.2+cu121") are held as they are."""
    found = {(d.metadata["Name"], d.version) for d in metadata.distributions() if d.metadata["Name"] and d.version}
    return sorted(f"{name}=={version}" for name, version in found)


def make_environment(extras: str, like: str = "") -> str | None:
    """Make or complete an environment and return its Python; None, with the remedy said, if that cannot be done.

    like: a host whose package versions it should have; then it is `.venv-LIKE`, else `.venv`.
    """
    folder = ENVIRONMENT.with_name(f"{ENVIRONMENT.name}-{like}") if like else ENVIRONMENT
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    stamp = folder / f"vidstyl-{extras.replace(',', '-')}.stamp"
    wanted = hashlib.sha256(b"".join(path.read_bytes() for path in [ROOT / "pyproject.toml", *_pins(like)])).hexdigest()
    if stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted:
        return str(python)
    if util.find_spec("venv") is None or util.find_spec("ensurepip") is None:
        _say("This Python cannot make environments: its venv module is missing. "
             f"Remedy on Debian and Ubuntu: sudo apt install python3.{sys.version_info[1]}-venv")
        return None
    _say(f"Video Stylize: installing what is needed into {folder.name} (this happens once)")
    steps = [] if python.is_file() else [[sys.executable, "-m", "venv", "--clear", str(folder)]]
    for step in [*steps, *_installing(str(python), extras, like)]:
        if _call(step):
            _say("The set-up failed; the lines above say why. Remedy: mend that (is there a network?), then run it again.")
            return None
    stamp.write_text(wanted, encoding="utf-8")
    return str(python)


def _installing(python: str, extras: str, like: str) -> list[list[str]]:
    """The commands that fill an environment; pins that a host holds against its packages' own word are put in last."""
    pip = [python, "-m", "pip", "install", "-q", "--disable-pip-version-check"]
    own = [*pip, "-e", f"{ROOT}[{extras}]"]
    if not like:
        return [own]
    pins, *forced = map(str, _pins(like))
    return [[*own, "-c", pins], *([*pip, "--no-deps", "-r", file] for file in forced)]


def _pins(like: str) -> list[Path]:
    return [path for path in (HOSTS / f"{like}.txt", HOSTS / f"{like}-forced.txt") if path.is_file()]


def _call(command: list[str], cwd: Path | None = None) -> int:
    environment = {**os.environ, "PYTHONUTF8": "1"}
    try:
        return subprocess.run(command, cwd=cwd, env=environment, check=False).returncode
    except KeyboardInterrupt:
        return 130


def _say(sentence: str) -> int:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
