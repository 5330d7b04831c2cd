"""How long does a cold start import, and how large is what is deployed?

Whole processes, which take turns: one imports app.py, another chalice, pydantic and a DynamoDB
client, the least that an application like this one needs. The others answer a first request.
"""

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

from bench import first_requests

RATIO_MAX = 1.15
ZIP_BYTES_MAX = 8_000_000
ROUNDS = 9
_APP = "import app"
_CLIENT = "import boto3; boto3.client('dynamodb', region_name='eu-central-1')"
_NEEDED = f"import chalice.app, pydantic; {_CLIENT}"
_PACKAGE = Path("build/package/deployment.zip")


@dataclass(frozen=True, slots=True)
class Imported:
    """Milliseconds of processor time of whole processes, less the bare interpreter's start."""

    app_ms: float
    needed_ms: float
    first_ms: Mapping[str, float]  # app.py and a first request, answered

    @property
    def ratio(self) -> float:
        return self.app_ms / self.needed_ms


def measure(rounds: int = ROUNDS) -> Imported:
    """The best of some rounds; the first writes the bytecode of both, and does not count."""
    unset = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
    environment = {name: value for name, value in os.environ.items() if name not in unset}
    with TemporaryDirectory() as made:
        firsts = first_requests.tell(Path(made))
        programs = {"start": "pass", "app": _APP, "needed": _NEEDED, **firsts}
        taken: dict[str, list[float]] = {name: [] for name in programs}
        environment |= first_requests.environment(Path(made))
        environment["PYTHONPYCACHEPREFIX"] = f"{made}/bytecode"
        for number in range(rounds + 1):
            for name, program in programs.items():
                seconds = _run(program, environment)
                if number:
                    taken[name].append(seconds * 1000)
    start = min(taken["start"])
    best = {name: min(times) - start for name, times in taken.items()}
    return Imported(best["app"], best["needed"], {name: best[name] for name in firsts})


def _run(program: str, environment: dict[str, str]) -> float:
    """Processor time of a whole process: what other processes do meanwhile is not in it."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def package_bytes() -> int | None:
    """The size of the deployment zip that `make package` made; None when nothing was packaged."""
    return _PACKAGE.stat().st_size if _PACKAGE.exists() else None
