"""A window's sealed files as freeze and reconciliation leave them, for any number of sessions.

One file is made from entries; the others are stamped from its bytes with ids of their own, since a
million sales are priced and booked elsewhere.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.ids import EntryId, PartyId, WindowId
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.cash import captured_entry
from chalicelib.domain.ledger.entry import Entry, Event, entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.netting import lines_of
from chalicelib.domain.settlement.packed import in_order
from chalicelib.domain.settlement.run import Stage, WindowRun
from chalicelib.ports.files import FileDiffers
from chalicelib.usecases.window.reconcile import Head, seal_reconciled
from chalicelib.usecases.window.sealed import JSON_LINES, read_sealed, seal_bytes, seal_entries
from sandbox.memory.plain import MemoryFiles
from sandbox.memory.ports import MemoryPorts

WINDOW = WindowId("2026-11-16.Europe-Berlin")
CPOS = tuple(PartyId(f"cpo_{number:03}") for number in range(400))
PARTNERS = tuple(PartyId(f"par_{number:02}") for number in range(60))
_SESSIONS_A_FILE = 8000  # two entries each: as usecases/window/sealing.py cuts them
_MARK = b"zzzz"  # in every id of the first file: the number of a file
_AT = datetime(2026, 11, 16, 12, tzinfo=UTC)
_EUR = Currency("EUR")
_AGREEMENT = "agr_01"


class DiskFiles(MemoryFiles):
    """Sealed files that take no memory, as S3's take none."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self._folder = folder

    def _path(self, name: str) -> Path:
        return self._folder / name.replace("/", "+")

    def seal(self, name: str, content: bytes, content_type: str) -> None:
        assert content_type, "a file says what it is"
        path = self._path(name)
        if path.exists() and path.read_bytes() != content:
            raise FileDiffers(name)
        path.write_bytes(content)

    def read(self, name: str) -> bytes | None:
        path = self._path(name)
        return path.read_bytes() if path.exists() else None

    def run(self) -> WindowRun:
        """The window's record beside its files."""
        return from_plain(WindowRun, json.loads((self._folder / "run.json").read_text()))

    def keep_run(self, run: WindowRun) -> None:
        (self._folder / "run.json").write_text(json.dumps(to_plain(run)))


def seal_window(folder: Path, sessions: int) -> None:
    """Seal the entries and the reconciled lines of a window, and keep its record."""
    files = DiskFiles(folder)
    whole, rest = divmod(sessions, _SESSIONS_A_FILE)
    names = [*_stamped(files, _SESSIONS_A_FILE, range(whole))]
    names += _stamped(files, rest, range(whole, whole + 1 if rest else whole))
    run = WindowRun(WINDOW, Stage.RECONCILED, _AT, lease=1)
    sealed, reconciled = zip(*names, strict=True)
    files.keep_run(replace(run, sealed=sealed, reconciled=reconciled))


def _stamped(files: DiskFiles, sessions: int, numbers: range) -> Iterator[tuple[str, str]]:
    """The names of entries and lines, a pair a number."""
    if not numbers:
        return
    ports = MemoryPorts(files=files)
    entries = in_order(one for number in range(sessions) for one in _marked(number))
    lines = [line for one in entries for line in lines_of(one, _AGREEMENT)]
    kinds = (
        ("entries", seal_entries(ports, WINDOW, entries)),
        (
            "reconciled",
            seal_reconciled(ports, WINDOW, lines, Head()),
        ),
    )
    patterns = [(kind, read_sealed(ports, name)) for kind, name in kinds]
    for number in numbers:
        stamp = f"{number:04x}".encode()
        one, other = (
            seal_bytes(ports, WINDOW, kind, found.replace(_MARK, stamp), ("jsonl", JSON_LINES))
            for kind, found in patterns
        )
        yield one, other


def _marked(number: int) -> Iterator[Entry]:
    for made in booked(number):
        yield replace(made, id=EntryId(f"ent_{_MARK.decode()}{made.id[8:]}"))


def booked(number: int) -> Iterator[Entry]:
    """A sale and its capture, as a German session's: five postings and three."""
    session = f"ses_0192{_MARK.decode()}-{sha256(str(number).encode()).hexdigest()[:28]}"
    partner = PARTNERS[number * 7 % len(PARTNERS)]
    # Some CPOs are large: the first has a tenth of all sessions.
    cpo = CPOS[len(CPOS) * (number * 997 % _SESSIONS_A_FILE) ** 2 // _SESSIONS_A_FILE**2]
    gross = 500 + number % 4000
    vat, share, own = gross // 100, gross // 25, gross // 30
    sale = (
        (Account(Purpose.DRIVER_RECEIVABLE, partner), gross),
        (Account(Purpose.CPO_PAYABLE, cpo), vat + share + own - gross),
        (Account(Purpose.PARTNER_PAYABLE, partner), -share),
        (Account(Purpose.PLATFORM), -own),
        (Account(Purpose.VAT, jurisdiction="DE"), -vat),
    )
    owner, refs = f"session#{session}", {"cdr": f"CDR-{number}", "tariff": "a" * 64}
    postings = [(account, Money(minor, _EUR)) for account, minor in sale]
    money, fee = Money(gross, _EUR), Money(gross // 50, _EUR)
    yield entry(owner, "sale", Event.SALE, _AT, postings, **refs)
    yield captured_entry(owner, partner, money, fee, _AT, payment=f"pi_{number:024}")


def main() -> int:
    folder, sessions = sys.argv[1:]
    seal_window(Path(folder), int(sessions))
    return 0


if __name__ == "__main__":
    sys.exit(main())
