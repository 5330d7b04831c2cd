"""How long does a cold start import, and how large is what is deployed?

Whole processes, which take turns: one imports app.py, the other chalice, pydantic and a DynamoDB
client, which no handler here can do without.
"""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage
from tempfile import TemporaryDirectory

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
    both_ms: float  # app.py, and the client that its first request makes

    @property
    def ratio(self) -> float:
        return self.app_ms / self.needed_ms


def measure(rounds: int = ROUNDS) -> Imported:
    """The best of some rounds; the first writes the bytecode of both, and does not count."""
    programs = {"start": "pass", "app": _APP, "needed": _NEEDED, "both": f"{_APP}; {_CLIENT}"}
    taken: dict[str, list[float]] = {name: [] for name in programs}
    with TemporaryDirectory() as bytecode:
        unset = {"PYTHONDONTWRITEBYTECODE", "PYTHONPATH"}
        environment = {name: value for name, value in os.environ.items() if name not in unset}
        environment["PYTHONPYCACHEPREFIX"] = bytecode
        for number in range(rounds + 1):
            for name, program in programs.items():
                seconds = _run(program, environment)
                if number:
                    taken[name].append(seconds * 1000)
    start, app, needed, both = (min(taken[name]) for name in programs)
    return Imported(app - start, needed - start, both - start)


def _run(program: str, environment: dict[str, str]) -> float:
    """Processor time of a whole process: what other processes do meanwhile is not in it."""
    before = getrusage(RUSAGE_CHILDREN)
    subprocess.run([sys.executable, "-c", program], check=True, env=environment)
    after = getrusage(RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime


def package_bytes() -> int | None:
    """The size of the deployment zip that `make package` made; None when nothing was packaged."""
    return _PACKAGE.stat().st_size if _PACKAGE.exists() else None
