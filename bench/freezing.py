"""How long, and in how much memory, is a window sealed? From the shards to its files.

Four days of a zone in a row, each as large, of which the last is measured: its Freeze looks through
the rows of all four, and leaves out what the earlier ones sealed. In a process of its own, over a
table and files on disk.
"""

import argparse
import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from tempfile import TemporaryDirectory
from time import process_time

from bench.window_files import DiskFiles, booked
from bench.window_records import DiskStore
from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.codec import to_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.entry import entry_id
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.domain.settlement.window import before, freeze_at
from chalicelib.usecases import keys
from chalicelib.usecases.records import create
from chalicelib.usecases.window.freeze import freeze
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.sealing import LOOK_BACK
from sandbox.memory.ports import MemoryPorts

SMALL, SESSIONS = 10_000, 40_000
MB_MAX, GROWTH_MB_MAX, SLOPE_MAX, CALL_S_MAX = 128.0, 8.0, 1.1, 60.0
_LAST = WindowId("2026-11-16.Europe-Berlin")
_ATTEMPT = 1


@dataclass(frozen=True, slots=True)
class Frozen:
    """Processor seconds of the last day's Freeze and of its longest call; the most memory."""

    sessions: int
    seconds: float
    longest_s: float
    files: int
    peak_mb: float

    @property
    def us(self) -> float:
        """Microseconds a session."""
        return self.seconds / self.sessions * 1e6


def measure(sessions: int) -> Frozen:
    with TemporaryDirectory() as folder:
        asked = [sys.executable, "-m", "bench.freezing", folder, str(sessions)]
        told = subprocess.run(asked, check=True, capture_output=True)
    return Frozen(**json.loads(told.stdout))


def slope(small: Frozen, large: Frozen) -> float:
    return log(large.seconds / small.seconds) / log(large.sessions / small.sessions)


def seal_days(folder: Path, sessions: int) -> Frozen:
    store = DiskStore(folder / "table.db")
    ports = MemoryPorts(store=store, files=DiskFiles(folder))
    calls = list[float]()
    for window in (before(_LAST, days) for days in range(LOOK_BACK, -1, -1)):
        _stamp(store, window, sessions)
        ports.clock.at = freeze_at(window)
        store.write(create(keys.window(window), WindowRun(window, Stage.OPENED, ports.clock.now())))
        calls = _frozen(ports, window)
    files = len(run_of(ports, _LAST).value.sealed)
    peak = getrusage(RUSAGE_SELF).ru_maxrss / 1000
    return Frozen(sessions, sum(calls), max(calls), files, peak)


def _frozen(ports: MemoryPorts, window: WindowId) -> list[float]:
    """The processor seconds of each call."""
    calls, outcome = list[float](), "more"
    while outcome == "more":
        began = process_time()
        outcome = freeze(ports, window, _ATTEMPT)["outcome"]
        calls.append(process_time() - began)
    assert outcome == "frozen", outcome
    return calls


def _stamp(store: DiskStore, window: WindowId, sessions: int) -> None:
    """Two entries a session, all of them the first one's but for their names."""
    first = next(booked(0)).owner
    templates = [(each, canonical_bytes(to_plain(each)).decode()) for each in booked(0)]
    for number in range(sessions):
        owner = f"session#ses_{window[:10].replace('-', '')}{number:024x}"
        for each, text in templates:
            id_ = entry_id(owner, each.event.value)
            body = text.replace(first, owner).replace(each.id, id_)
            store.stamp(keys.entry(window, id_), body)


def main() -> int:
    """The child's: seal the days in a folder, and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.freezing", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sessions", type=int)
    asked = parser.parse_args()
    print(json.dumps(asdict(seal_days(asked.folder, asked.sessions))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
