"""Which statements has a party, what does one say, and was it paid?"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item
from chalicelib.usecases import keys
from chalicelib.usecases.records import find, load
from chalicelib.usecases.window.sealed import read_plain


@dataclass(frozen=True, slots=True)
class StatementHead:
    """One statement in a list. `state` and `reason` are the payout's, as they are now."""

    id: str
    window: str
    total: Money
    state: str
    reason: str
    reference: str
    accepted_at: datetime | None
    credited_at: datetime | None
    carried_into: str


def page(
    ports: Ports, party_id: PartyId, cursor: str = "", limit: int = 50
) -> tuple[list[StatementHead], str]:
    """A party's statements, newest first, and the cursor of the next page ("" at the end)."""
    pk = keys.statements(party_id)
    rows = ports.store.query(pk, after=cursor, limit=limit, descending=True)
    heads = [_head(_payout(ports, row)) for row in rows]
    return heads, rows[-1].key.sk if len(rows) == limit else ""


def read(ports: Ports, party_id: PartyId, statement_id: str, part: int = 0) -> dict[str, Any]:
    """A statement as it was sealed; NotFound for another party's too, and for a part that it has
    not. A long one has its lines in parts: each is read with the rest of the statement.
    """
    paper: dict[str, Any] = read_plain(ports, _own(ports, party_id, statement_id).statement)
    if not part:
        return paper
    found = read_plain(ports, _part(paper, part)["json"])
    lines = {held["statement"]: held["lines"] for held in found["carried"]}
    carried = [
        held | {"lines": lines[held["statement"]]} if held["statement"] in lines else held
        for held in paper["carried"]
    ]
    return paper | {"lines": found["lines"], "carried": carried}


def read_csv(ports: Ports, party_id: PartyId, statement_id: str, part: int = 0) -> str:
    """Its table: of a long one, a row for each part, whose lines are in the part's own."""
    own = _own(ports, party_id, statement_id)
    name = _part(read_plain(ports, own.statement), part)["csv"] if part else own.csv
    content = ports.files.read(name)
    assert content is not None, "a statement that a payout names was sealed"
    return content.decode()


def read_pdf(ports: Ports, party_id: PartyId, statement_id: str) -> bytes:
    """For people; NotFound too for what was made before there was this form."""
    name = _own(ports, party_id, statement_id).pdf
    content = ports.files.read(name) if name else None
    if content is None:
        raise NotFound("statement as PDF", statement_id, "statement_id")
    return content


def head(ports: Ports, party_id: PartyId, statement_id: str) -> StatementHead:
    """Where the payment of a statement stands."""
    return _head(_own(ports, party_id, statement_id))


def _own(ports: Ports, party_id: PartyId, statement_id: str) -> Payout:
    record = find(ports.store, keys.payout(statement_id), Payout)
    if record is None or record.value.party_id != party_id or not record.value.statement:
        raise NotFound("statement", statement_id, "statement_id")
    return record.value


def _part(paper: dict[str, Any], part: int) -> dict[str, Any]:
    parts: list[dict[str, Any]] = paper.get("parts", [])
    if part > len(parts):
        raise NotFound("part of the statement", f"{paper['id']} {part}", "part")
    return parts[part - 1]


def _payout(ports: Ports, row: Item) -> Payout:
    return load(ports.store, keys.payout(str(row.body["payout"])), Payout, "payout").value


def _head(payout: Payout) -> StatementHead:
    assert payout.money is not None, "a statement has a sum"
    return StatementHead(
        id=payout.id,
        window=payout.window,
        total=payout.money,
        state=payout.stage.value,
        reason=payout.reason,
        reference=payout.reference,
        accepted_at=payout.accepted_at,
        credited_at=payout.credited_at,
        carried_into=payout.carried_into,
    )
