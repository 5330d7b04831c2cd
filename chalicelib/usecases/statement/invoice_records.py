"""Which CDRs does each invoice settle: of our statements to a CPO, and of its invoices to us?

In reverse billing our statement is the invoice: its record is read from the sealed statement. In
direct billing the CPO sends its records, which are kept for whoever checks the invoice.
"""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice

from chalicelib.domain.codec import instant_text
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.invoice_record import InvoiceRecord
from chalicelib.domain.connection.ours import COUNTRY_CODE, PARTY_ID
from chalicelib.domain.connection.refusals import UpdateOfUnknown, UpdateOutdated
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import WindowId, external_id
from chalicelib.domain.settlement.window import cut_off
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Item
from chalicelib.usecases import keys
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.records import Record, create, find
from chalicelib.usecases.statement.as_csv import printed
from chalicelib.usecases.window.sealed import read_plain

_PAGE = 100


def our_records(
    ports: Ports,
    connection: Connection,
    since: datetime | None,
    until: datetime | None,
    offset: int,
    limit: int,
) -> tuple[list[InvoiceRecord], int]:
    """A page of the records of our statements to a CPO, oldest first, and how many there are.

    A statement in parts has a record for each of them, all of the same invoice.
    """
    rows = [row for row in _statements(ports, connection) if _in_span(_at(row), since, until)]
    asked = [(row, part) for row in rows for part in _parts(row)]
    found = (_record(ports, row, part) for row, part in islice(asked, offset, offset + limit))
    return [record for record in found if record.cdrs], len(asked)


def _parts(row: Item) -> range:
    """The numbers of a statement's parts; 0 is of one that has its lines itself."""
    parts = int(row.body.get("parts", 0))
    return range(1, parts + 1) if parts else range(1)


def _statements(ports: Ports, connection: Connection) -> Iterator[Item]:
    for party_id in sorted({connection.cpo_id, *connection.identities.values()}):
        after = ""
        while True:
            rows = ports.store.query(keys.statements(party_id), after=after, limit=_PAGE)
            yield from rows
            if len(rows) < _PAGE:
                break
            after = rows[-1].key.sk


def _at(row: Item) -> datetime:
    """When the statement was made; one that does not say so is as old as its window."""
    made = row.body.get("at")
    return datetime.fromisoformat(str(made)) if made else cut_off(WindowId(row.body["window"]))


def _in_span(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    return (since is None or since <= at) and (until is None or at < until)


def _record(ports: Ports, row: Item, part: int) -> InvoiceRecord:
    statement = read_plain(ports, str(row.body["json"]))
    if part:
        statement = read_plain(ports, statement["parts"][part - 1]["json"])
    told = (str(line.get("cdr") or "") for line in printed(statement))
    cdrs = tuple(dict.fromkeys(cdr for cdr in told if cdr))
    invoice = str(row.body["payout"])
    id_ = external_id("inv", invoice, str(part)) if part else invoice  # 36 characters at most
    return InvoiceRecord(COUNTRY_CODE, PARTY_ID, id_, invoice, cdrs, _at(row))


def accept_record(
    ports: Ports, connection: Connection, record: InvoiceRecord, *, new: bool
) -> bool:
    """Keep what a CPO's invoice settles; True when it was news.

    Raises IdentityNotBound, UpdateOutdated, UpdateOfUnknown when an update is of none.
    """
    speaks_for(connection, record.country_code, record.party_id)
    known = _known(ports, connection, record.country_code, record.party_id, record.id)
    if known is None:
        if not new:
            raise UpdateOfUnknown("invoice reconciliation record", record.id, "id")
        key = keys.invoice_record(connection.id, record.country_code, record.party_id, record.id)
        ports.store.write(create(key, record))
        return True
    if known.value == record:
        return False
    if record.last_updated < known.value.last_updated:
        ours = instant_text(known.value.last_updated)
        raise UpdateOutdated("invoice reconciliation record", record.id, ours)
    ports.store.write(known.put(record))
    return True


def their_record(
    ports: Ports, connection: Connection, country_code: str, party_id: str, id_: str
) -> InvoiceRecord:
    """Raises IdentityNotBound, NotFound."""
    speaks_for(connection, country_code, party_id)
    known = _known(ports, connection, country_code, party_id, id_)
    if known is None:
        raise NotFound("invoice reconciliation record", id_, "id")
    return known.value


def forget_record(
    ports: Ports, connection: Connection, country_code: str, party_id: str, id_: str
) -> None:
    """The record itself was an error. Raises IdentityNotBound, NotFound."""
    their_record(ports, connection, country_code, party_id, id_)
    ports.store.write(Delete(keys.invoice_record(connection.id, country_code, party_id, id_)))


def _known(
    ports: Ports, connection: Connection, country_code: str, party_id: str, id_: str
) -> Record[InvoiceRecord] | None:
    key = keys.invoice_record(connection.id, country_code, party_id, id_)
    return find(ports.store, key, InvoiceRecord)
