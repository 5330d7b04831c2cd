"""What does the market leave behind? Statements, evidence packs and the books, as files to open."""

import json
from collections import defaultdict
from pathlib import Path

from chalicelib.domain.codec import to_plain
from chalicelib.domain.evidence.manifest import unpacked
from chalicelib.domain.ledger.beancount import beancount_text
from chalicelib.domain.reconciliation.paper import report_text
from chalicelib.domain.reconciliation.report import plain_report
from sandbox.commands.books import BEANCOUNT, JOURNAL, PAPER, REPORT
from sandbox.market.audit import Audit
from sandbox.market.house import House


def write_out(house: House, audit: Audit, out: Path) -> None:
    """Statements as they are kept, evidence packs unpacked; the books for `sandbox books`."""
    files = house.ports.files
    _write_books(audit, out / "books")
    for payout in audit.records.payouts:
        for name in (payout.statement, payout.csv, payout.pdf):
            if name:
                path = out / "statements" / f"{payout.window}.{payout.party_id}{Path(name).suffix}"
                _write(path, files.read(name))
    packs: defaultdict[str, dict[str, bytes]] = defaultdict(dict)
    for name in files.names("evidence/"):
        folder, _, file = name.rpartition("/")
        packs[folder][file] = files.read(name) or b""
    for folder, pack in packs.items():
        for file, content in unpacked(pack).items():
            _write(out / folder / file, content)


def _write_books(audit: Audit, folder: Path) -> None:
    entries = audit.records.entries
    for name, plain in ((JOURNAL, to_plain(entries)), (REPORT, plain_report(audit.report))):
        text = json.dumps(plain, indent=1, ensure_ascii=False)
        _write(folder / name, f"{text}\n".encode())
    _write(folder / PAPER, report_text(audit.report).encode())
    _write(folder / BEANCOUNT, beancount_text(entries).encode())


def _write(path: Path, content: bytes | None) -> None:
    assert content is not None, "a name that is listed has content"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
