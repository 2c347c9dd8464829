"""The built wheel, and an editable install: each gives `twistd chat` in any folder."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.e2e.server import ROOT, serving

SOURCES = ("chatservice", "urwidclient", "twisted", "setup.py", "pyproject.toml", "README.md")
MINUTES = 3 * 60
PIP = ("--disable-pip-version-check", "--no-index", "--no-deps", "--no-build-isolation", "--quiet")


def pip(python: str, *arguments: str) -> None:
    """Run pip on an environment, without any download."""
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--python", python, *arguments[:1], *PIP, *arguments[1:]],
        env=bare(),
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def bare() -> dict[str, str]:
    """The environment without a way to this tree."""
    return {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}


def fresh_environment(folder: Path) -> str:
    """A new environment that has this one's libraries but nothing of the project; its Python."""
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", folder], timeout=MINUTES, check=True
    )
    [packages] = folder.glob("lib/python*/site-packages")
    libraries = [path for path in sys.path if path.endswith("site-packages")]
    (packages / "libraries.pth").write_text("\n".join(libraries))
    return str(folder / "bin" / "python")


def copied(folder: Path) -> Path:
    """The sources as a fresh clone has them."""
    folder.mkdir()
    for name in SOURCES:
        source = ROOT / name
        if source.is_dir():
            unwanted = shutil.ignore_patterns("__pycache__", "dropin.cache")
            shutil.copytree(source, folder / name, ignore=unwanted)
        else:
            shutil.copy(source, folder)
    return folder


@pytest.mark.parametrize("editable", [False, True], ids=["wheel", "editable"])
def test_installed(tmp_path: Path, editable: bool) -> None:
    """`twistd chat` and the others work from a folder that has nothing to do with the project."""
    pytest.importorskip("setuptools", "77", reason="it is not there to build the package with")
    source = copied(tmp_path / "source")
    python = fresh_environment(tmp_path / "environment")
    if editable:
        pip(python, "install", "--editable", str(source))
        place = source
    else:
        pip(sys.executable, "wheel", "--wheel-dir", str(tmp_path), str(source))
        [wheel] = tmp_path.glob("*.whl")
        names = zipfile.ZipFile(wheel).namelist()
        for path in (ROOT / "chatservice" / "storage" / "migrations").glob("*.sql"):
            assert str(path.relative_to(ROOT)) in names
        assert "twisted/plugins/chat_plugin.py" in names
        assert not [name for name in names if name.startswith(("tests", "benchmarks"))]
        assert "twisted/__init__.py" not in names
        pip(python, "install", str(wheel))
        shutil.rmtree(source)
        place = tmp_path / "environment"

    twistd = (python, "-c", "from twisted.scripts.twistd import run; run()")
    with serving(tmp_path / "elsewhere" / "state", command=twistd, env=bare()) as server:
        with server.enter("alice") as alice:
            alice.say(type="say", text="hello", id="1")
            alice.event("ack")
        assert server.stop() == 0
    found = subprocess.run(
        [python, "-c", "import chatservice; print(chatservice.__file__)"],
        cwd=tmp_path,
        env=bare(),
        capture_output=True,
        text=True,
        timeout=MINUTES,
        check=True,
    )
    assert Path(found.stdout.strip()).is_relative_to(place)
    for program, option in (("chatclient", "--plain"), ("chatctl", "--json")):
        done = subprocess.run(
            [tmp_path / "environment" / "bin" / program, "--help"],
            cwd=tmp_path,
            env=bare(),
            capture_output=True,
            text=True,
            timeout=MINUTES,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert option in done.stdout
