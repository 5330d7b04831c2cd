"""How is the template that AWS gets made? `chalice package` over a clean copy of the sources.

The copy keeps Chalice's caches out of the repository. The local AWS runs functions in our own
interpreter, so its zip needs no libraries: with `libraries=False` nothing is fetched from PyPI.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from compileall import compile_dir
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from py_compile import PycInvalidationMode

from sandbox.aws.template import merged

ROOT = Path(__file__).resolve().parents[2]
STAGE = "live"
_SOURCES = ("app.py", "chalicelib", ".chalice")
_LEFT_OUT = shutil.ignore_patterns("__pycache__", "*.pyc", "deployed", "deployments", "venv")


class PackageFailed(RuntimeError):
    """`chalice package` ended with an error; the message is what it printed."""


@dataclass(frozen=True, slots=True)
class Package:
    template: Path
    zip: Path


def build(directory: Path, *, libraries: bool, root: Path = ROOT) -> Package:
    """Make the package in `directory`, or return the one that is there if nothing changed.

    Of several processes that want the same package at once, one makes it.
    """
    directory.parent.mkdir(parents=True, exist_ok=True)
    with directory.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return _built(directory, root, libraries=libraries)


def _built(directory: Path, root: Path, *, libraries: bool) -> Package:
    package = Package(directory / "sam.json", directory / "deployment.zip")
    fingerprint = _fingerprint(root, libraries=libraries)
    seal = directory / "sources.sha256"
    if seal.exists() and seal.read_text() == fingerprint:
        return package
    if directory.exists():
        shutil.rmtree(directory)
    sources = directory / "sources"
    sources.mkdir(parents=True)
    for name in _SOURCES:
        if (root / name).is_dir():
            shutil.copytree(root / name, sources / name, ignore=_LEFT_OUT)
        else:
            shutil.copy(root / name, sources / name)
    requirements = (root / "requirements.txt").read_text() if libraries else ""
    (sources / "requirements.txt").write_text(requirements)
    infra = directory / "infra.json"
    infra.write_text(json.dumps(merged(root / "infra"), indent=2))
    if not libraries:  # each worker unpacks the zip for itself, and would compile it at its start
        compile_dir(sources, quiet=1, invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
    _chalice_package(sources, infra, directory)
    seal.write_text(fingerprint)
    return package


def _chalice_package(sources: Path, infra: Path, out: Path) -> None:
    """Credentials are never used, but a region must be there."""
    command = [
        str(Path(sys.executable).with_name("chalice")),
        "package",
        "--stage",
        STAGE,
        "--pkg-format",
        "cloudformation",
        "--merge-template",
        str(infra.resolve()),
        str(out.resolve()),
    ]
    environment = {
        **os.environ,
        "AWS_DEFAULT_REGION": "eu-central-1",
        "PYTHONDONTWRITEBYTECODE": "1",  # what it imports it would pack, too
    }
    done = subprocess.run(
        command, cwd=sources, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise PackageFailed(done.stdout + done.stderr)


def _fingerprint(root: Path, *, libraries: bool) -> str:
    """A hash over the names and contents of everything that a package is made of."""
    paths = [root / "app.py", root / "requirements.txt", Path(__file__)]
    for folder, pattern in (("chalicelib", "**/*.py"), (".chalice", "*.json"), ("infra", "*.json")):
        paths += (root / folder).glob(pattern)
    digest = sha256(str(libraries).encode())
    for path in sorted(paths):
        digest.update(f"\0{path.relative_to(root)}\0".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()
