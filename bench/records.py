"""What does settling a session cost beyond the sealed files, where its records are read?

Reconciliation three ways (session, CDR, price computed again, journal), the statement, the page of
the evidence, the 48-hour shares: by the settlement's own functions, in a process of their own, over
records on disk. They ask the table a session, so they are no part of the budget of the sealed files
(bench/million.py); each works file by file, and neither its time a session nor its memory grows.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory
from time import process_time

from bench.memory import peak_mb
from bench.window_records import ATTEMPT, stamped
from chalicelib.domain.settlement.promise import shares
from chalicelib.usecases.counterparty.steps import STEPS
from chalicelib.usecases.window.fates import fates
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.net import net_window, payouts_of
from chalicelib.usecases.window.reconcile import reconcile
from chalicelib.usecases.window.telling import told
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.settled import DAY

SMALL, SESSIONS = 1_000, 8_000
US_MAX, SLOPE_MAX, MB_MAX = 5_000.0, 1.05, 128.0
_NOT_TIMED = "fund", "pay"


@dataclass(frozen=True, slots=True)
class Read:
    """Processor seconds of each part, and the most memory that the process took."""

    sessions: int
    reconcile_s: float
    document_s: float
    tell_s: float
    shares_s: float
    accepted: int
    peak_mb: float

    @property
    def seconds(self) -> float:
        return self.reconcile_s + self.document_s + self.tell_s + self.shares_s

    def us(self, seconds: float) -> float:
        """Microseconds a session."""
        return seconds / self.sessions * 1e6


def measure(sessions: int) -> Read:
    with TemporaryDirectory() as folder:
        asked = [sys.executable, "-m", "bench.records", folder, str(sessions)]
        told_ = subprocess.run(asked, check=True, capture_output=True)
    return Read(**json.loads(told_.stdout))


def slope(small: Read, large: Read) -> float:
    return log(large.seconds / small.seconds) / log(large.sessions / small.sessions)


def settle(folder: Path, sessions: int) -> Read:
    ports = stamped(folder, sessions)
    reconcile_s = _timed(lambda: _reconciled(ports))
    net_window(ports, DAY, ATTEMPT)
    payouts = payouts_of(ports, run_of(ports, DAY).value)
    for step in ("screen", "convert"):
        _each(ports, step)
    document_s = _timed(lambda: _each(ports, "document"))
    for step in _NOT_TIMED:
        _each(ports, step)
    assert payouts, "a window of sessions owes somebody"
    tell_s = _timed(lambda: _tell(ports))
    began = process_time()
    found = shares(fates(ports, DAY), ports.clock.now())
    shares_s = process_time() - began
    peak = peak_mb()
    return Read(sessions, reconcile_s, document_s, tell_s, shares_s, found.accepted, peak)


def _reconciled(ports: MemoryPorts) -> None:
    while reconcile(ports, DAY, ATTEMPT)["outcome"] == "more":
        pass


def _each(ports: MemoryPorts, step: str) -> None:
    for id_ in payouts_of(ports, run_of(ports, DAY).value):
        while STEPS[step](ports, DAY, ATTEMPT, id_)["outcome"] == "more":
            pass


def _tell(ports: MemoryPorts) -> None:
    run = told(ports, run_of(ports, DAY).value)
    while run is not None:
        run = told(ports, run)


def _timed(act: Callable[[], object]) -> float:
    began = process_time()
    act()
    return process_time() - began


def main() -> int:
    """The child's: settle a window in a folder, and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.records", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sessions", type=int)
    asked = parser.parse_args()
    print(json.dumps(asdict(settle(asked.folder, asked.sessions))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
