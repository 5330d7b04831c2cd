"""Does `make` set itself up where it can, and say what it wants where it cannot?"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sandbox.aws.package import ROOT

# A Python that says it is another: what `-c` runs sees the version and the path.
_FAKE = """#!/bin/sh
if [ "$1" = -c ]; then
  exec {python} -c 'import sys; sys.version_info = {version}; sys.executable = "/opt/odd/python3"
exec(sys.argv[1])' "$2"
fi
echo "$@" >> {log}
case "$*" in "-m venv "*) mkdir -p {venv}/bin; cp "$0" {venv}/bin/python;; esac
{then}
"""


class Laptop:
    """A fresh clone's Makefile and requirements, and a Python of our making."""

    def __init__(self, directory: Path) -> None:
        self.directory, self.log = directory, directory / "log"
        for name in ("Makefile", "requirements.txt", "requirements-dev.txt"):
            shutil.copy(ROOT / name, directory / name)
        self.python = directory / "python"

    def has(self, version: tuple[int, ...], then: str = "") -> None:
        venv = self.directory / ".venv"
        text = _FAKE.format(
            python=sys.executable, version=version, log=self.log, venv=venv, then=then
        )
        self.python.write_text(text)
        self.python.chmod(0o755)

    def make(self, *words: str) -> subprocess.CompletedProcess[str]:
        clean = {name: value for name, value in os.environ.items() if "MAKE" not in name}
        command = ["make", f"PYTHON={self.python}", *words]
        return subprocess.run(  # noqa: S603 - make, with our own words
            command, cwd=self.directory, env=clean, capture_output=True, text=True, check=False
        )

    def ran(self) -> list[str]:
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


@pytest.mark.parametrize("version", [(2, 7, 18), (3, 10, 4), (3, 14, 0)])
@pytest.mark.parametrize("target", ["setup", "demo", "test", "check"])
def test_an_unfit_python_is_refused_by_name(
    laptop: Laptop, target: str, version: tuple[int, int, int]
) -> None:
    laptop.has(version)
    done = laptop.make(target)
    assert done.returncode != 0
    assert f"/opt/odd/python3 is {version[0]}.{version[1]}" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert laptop.ran() == []
    assert not (laptop.directory / ".venv").exists()


def test_no_python_at_all_is_said_too(laptop: Laptop) -> None:
    done = laptop.make("setup", "PYTHON=python3.12-that-is-not-here")
    assert done.returncode != 0
    assert "python3.12-that-is-not-here" in done.stderr
    assert "3.11, 3.12 or 3.13" in done.stderr


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 3), (3, 13, 9)])
def test_a_target_sets_itself_up_once(laptop: Laptop, version: tuple[int, int, int]) -> None:
    laptop.has(version)
    for _ in range(2):
        assert laptop.make("demo").returncode == 0
    made, installed, *ran = laptop.ran()
    assert made == "-m venv --clear .venv"
    assert "-r requirements-dev.txt" in installed
    assert ran == ["-m sandbox demo", "-m sandbox demo"]


def test_a_setup_that_broke_off_is_taken_up_again(laptop: Laptop) -> None:
    laptop.has((3, 11, 9), then='case "$*" in *"pip install"*) test ! -e offline || exit 1;; esac')
    offline = laptop.directory / "offline"
    offline.touch()
    assert laptop.make("demo").returncode != 0
    assert "-m sandbox demo" not in laptop.ran()
    offline.unlink()
    assert laptop.make("demo").returncode == 0
    assert laptop.ran()[-1] == "-m sandbox demo"


def test_a_venv_of_an_unfit_python_is_replaced(laptop: Laptop) -> None:
    laptop.has((3, 10, 4))
    (laptop.directory / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(laptop.python, laptop.directory / ".venv" / "bin" / "python")
    laptop.has((3, 12, 3))
    assert laptop.make("setup").returncode == 0
    assert laptop.ran()[0] == "-m venv --clear .venv"


def test_help_lists_every_target(laptop: Laptop) -> None:
    listed = laptop.make().stdout
    for target in ("setup", "demo", "test", "check", "serve", "bench", "package", "format"):
        assert f"make {target} " in listed
    assert laptop.ran() == []


@pytest.mark.aws
def test_tests_with_the_local_aws_share_one_worker(request: pytest.FixtureRequest) -> None:
    """pytest-xdist groups by the id's end, which some versions of pytest keep it from writing."""
    if request.config.getoption("loadgroup", default=False):
        assert request.node.nodeid.endswith("@aws")
