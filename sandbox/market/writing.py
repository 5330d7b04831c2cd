"""What does the market leave behind? Statements and evidence packs, as files to open."""

from pathlib import Path

from sandbox.market.audit import Audit
from sandbox.market.house import House


def write_out(house: House, audit: Audit, out: Path) -> None:
    """Copy every statement and every evidence pack out of the bucket."""
    files = house.ports.files
    for payout in audit.records.payouts:
        for name in (payout.statement, payout.csv):
            if name:
                path = out / "statements" / f"{payout.window}.{payout.party_id}{Path(name).suffix}"
                _write(path, files.read(name))
    for name in files.names("evidence/"):
        _write(out / name, files.read(name))


def _write(path: Path, content: bytes | None) -> None:
    assert content is not None, "a name that is listed has content"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
