"""How long, and in how much memory, does a window of a million sessions settle?

From its sealed files: what reconciliation found is netted into payouts, each is instructed on the
rail, and the books are proved from the entries. The steps are the settlement machine's own, in a
process of their own, over files on disk. What reads the table a session (reconciliation against the
session's records, statements, evidence, the 48-hour shares) is not part of it.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.memory import peak_mb
from bench.window_files import CPOS, PARTNERS, WINDOW, DiskFiles
from chalicelib.domain.ids import PayoutId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Kyc, Party, PartyKind
from chalicelib.domain.settlement.payout import Payout, PayoutEvent, advance
from chalicelib.domain.settlement.staff import PayoutLimit
from chalicelib.domain.settlement.window import freeze_at
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.steps import STEPS
from chalicelib.usecases.records import create, load
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.net import net_window, payouts_of
from chalicelib.usecases.window.prove import book_of
from sandbox.memory.ports import MemoryPorts

SMALL, SESSIONS = 10_000, 1_000_000
SECONDS_MAX, MB_MAX, SLOPE_MAX = 10.0, 128.0, 1.05
_EUR = Currency("EUR")
_ATTEMPT = 1


@dataclass(frozen=True, slots=True)
class Settled:
    """Processor seconds of each part in one process, and the most memory that it took."""

    sessions: int
    net_s: float
    instruct_s: float
    prove_s: float
    peak_mb: float
    payouts: int

    @property
    def seconds(self) -> float:
        return self.net_s + self.instruct_s + self.prove_s


def measure(sessions: int) -> Settled:
    """Settle a window in a process of its own, whose memory is only the settlement's."""
    with TemporaryDirectory() as folder:
        made = [sys.executable, "-m", "bench.window_files", folder, str(sessions)]
        subprocess.run(made, check=True)
        settling = [sys.executable, "-m", "bench.million", folder, str(sessions)]
        told = subprocess.run(settling, check=True, capture_output=True)
    return Settled(**json.loads(told.stdout))


def slope(small: Settled, large: Settled) -> float:
    """Of the line between both in a plane of logarithms: 1 is time in proportion to sessions.

    Without the instructions, whose number is that of the payees and the same in both.
    """
    grown = (large.net_s + large.prove_s) / (small.net_s + small.prove_s)
    return log(grown) / log(large.sessions / small.sessions)


def settle(folder: Path, sessions: int) -> Settled:
    """Net, instruct, prove: the state machine's own functions."""
    ports = _world(folder)
    net_s = _timed(lambda: net_window(ports, WINDOW, _ATTEMPT))
    run = run_of(ports, WINDOW).value
    payouts = payouts_of(ports, run)
    for id_ in payouts:
        _documented(ports, id_)
    instruct_s = _timed(lambda: _instruct(ports, payouts))
    prove_s = _timed(lambda: book_of(ports, run))
    peak = peak_mb()
    return Settled(sessions, net_s, instruct_s, prove_s, peak, len(payouts))


def _timed(act: Callable[[], object]) -> float:
    began = time.process_time()
    act()
    return time.process_time() - began


def _world(folder: Path) -> MemoryPorts:
    """Parties that may be paid, a funded rail, and the window as reconciliation left it."""
    files = DiskFiles(folder)
    ports = MemoryPorts(files=files)
    ports.clock.at = freeze_at(WINDOW)
    most = Money(10**12, _EUR)
    ports.payouts.fund(most)
    ports.store.write(create(keys.approval_limit(_EUR), PayoutLimit(most, ())))
    for party in (*CPOS, *PARTNERS):
        kind = PartyKind.CPO if party in CPOS else PartyKind.PARTNER
        account = f"acct_{party}"
        known = Party(party, kind, party, "DE", _EUR, kyc=Kyc.VERIFIED, payout_account=account)
        ports.store.write(create(keys.party(party), known))
        ports.payouts.open_account(account, "EUR")
    ports.store.write(create(keys.window(WINDOW), files.run()))
    return ports


def _documented(ports: MemoryPorts, id_: PayoutId) -> None:
    """Screen and convert; the statement, which reads each session's record, is passed over."""
    for step in ("screen", "convert"):
        STEPS[step](ports, WINDOW, _ATTEMPT, id_)
    record = load(ports.store, keys.payout(id_), Payout, "payout")
    ports.store.write(record.put(advance(record.value, PayoutEvent.DOCUMENT)))


def _instruct(ports: MemoryPorts, payouts: Iterable[PayoutId]) -> None:
    for id_ in payouts:
        for step in ("fund", "pay"):
            STEPS[step](ports, WINDOW, _ATTEMPT, id_)


def main() -> int:
    """The child's: settle the window in a folder, and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.million", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("sessions", type=int)
    asked = parser.parse_args()
    print(json.dumps(asdict(settle(asked.folder, asked.sessions))))
    return 0


if __name__ == "__main__":
    sys.exit(main())
