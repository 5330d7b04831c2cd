"""What has the bank brought? Each file is recorded and sealed before it is read, then acted on.

A run may be killed anywhere: the next reads the file again, and finds what is done done. A file
that nobody can read is set aside for people; it stops no other.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

from chalicelib.domain.bank.balance import adds_up, stated
from chalicelib.domain.bank.details import SEPA_CURRENCY
from chalicelib.domain.bank.message import BankFile, BookedLine, Statement
from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import DomainError
from chalicelib.ports.bank import NoBankFile
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Delete, Item, Key, Put
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.bank.apply import (
    Unmatched,
    apply_booking,
    apply_status,
    keep_line,
    keep_unmatched,
)
from chalicelib.usecases.bank.book import balance_of, restated
from chalicelib.usecases.records import Record, create, find
from chalicelib.usecases.window.sealed import rows

UNKNOWN_STATUS, OTHER_ACCOUNT = "status_unknown", "other_account"
LATE = timedelta(days=1)  # unmatched for so long is people's to explain
_XML = "application/xml"
_Subject = TypeVar("_Subject")


class FileState(StrEnum):
    RECEIVED = "received"
    DONE = "done"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class BankFileRecord:
    name: str
    sealed: str  # where the content lies
    received_at: datetime
    state: FileState = FileState.RECEIVED
    kind: str = ""
    reason: str = ""


def accept_files(ports: Ports) -> dict[str, int]:
    """One round; what fails is left to the next. `unread`, `late` and `gaps` ring."""
    names = ports.mailbox.answers()
    done = sum(_isolated(_accept, ports, name) for name in names)
    unmatched = list(rows(ports, bank_keys.unmatched()))
    matched = sum(_isolated(_match_again, ports, row) for row in unmatched)
    at = ports.clock.now()
    late = [row for row in rows(ports, bank_keys.unmatched()) if at - _since(row) >= LATE]
    unread = list(rows(ports, bank_keys.unread()))
    gaps = len(balance_of(ports, SEPA_CURRENCY).value.gaps)
    counts = {"late": len(late), "unread": len(unread), "gaps": gaps}
    return {"files": done, "matched": matched, **counts}


def _accept(ports: Ports, name: str) -> bool:
    """Whether the file was new."""
    record = find(ports.store, bank_keys.file(name), BankFileRecord)
    if record is not None and record.value.state is not FileState.RECEIVED:
        return False
    content = ports.mailbox.read(name)
    if record is None:
        record = _received(ports, name, content)
    try:
        file = ports.bank_messages.read(content)
        _check(file)
    except NoBankFile as refused:
        unread = replace(record.value, state=FileState.UNREAD, reason=refused.reason)
        listed = Put(Key(bank_keys.unread(), name), {"reason": refused.reason}, expects=None)
        ports.store.write(record.put(unread), listed)
        return True
    _act(ports, file, record.value)
    ports.store.write(record.put(replace(record.value, state=FileState.DONE, kind=file.kind)))
    return True


def _received(ports: Ports, name: str, content: bytes) -> Record[BankFileRecord]:
    """Sealed under its content's hash: a voucher that cannot be changed, and its record."""
    sealed = f"bank/received/{sha256(content).hexdigest()}.xml"
    ports.files.seal(sealed, content, _XML)
    made = BankFileRecord(name, sealed, ports.clock.now())
    ports.store.write(create(bank_keys.file(name), made))
    return Record(bank_keys.file(name), made, ABSENT + 1)


def _check(file: BankFile) -> None:
    for statement in file.statements:
        if not adds_up(statement):
            raise NoBankFile(f"statement {statement.message_id} does not add up")


def _act(ports: Ports, file: BankFile, record: BankFileRecord) -> None:
    for report in file.reports:
        for number, line in enumerate(report.lines):
            if not apply_status(ports, line):
                name = f"{record.sealed[-20:-4]}#{report.message_id}#{number:06d}"
                why = (UNKNOWN_STATUS, ports.clock.now(), record.sealed, (line.reference,))
                keep_unmatched(ports, name, Unmatched(*why, status=line))
    for statement in file.statements:
        _act_on_statement(ports, statement, record)


def _act_on_statement(ports: Ports, statement: Statement, record: BankFileRecord) -> None:
    if not statement.ours:
        why = (OTHER_ACCOUNT, ports.clock.now(), record.sealed, (statement.account,))
        keep_unmatched(ports, f"{record.sealed[-20:-4]}#{statement.message_id}", Unmatched(*why))
        return
    if statement.closing is not None and not _first(ports, statement, record):
        return
    lines = list(enumerate(statement.lines))
    back = [(number, line) for number, line in lines if line.money.minor > 0]
    # What comes back is set aside before the balance shows it, what went after it: meanwhile too
    # little seems free, never too much.
    for number, line in back:
        _book(ports, statement, (number, line), record)
    if statement.closing is not None:
        restated(ports, statement.closing.currency, lambda known: stated(known, statement))
    for number, line in lines:
        if line.money.minor <= 0:
            _book(ports, statement, (number, line), record)


def _book(
    ports: Ports, statement: Statement, numbered: tuple[int, BookedLine], record: BankFileRecord
) -> None:
    """A notice's line comes again in the statement: there it is kept, once."""
    number, line = numbered
    is_statement = statement.closing is not None
    why = apply_booking(ports, line, stated=is_statement)
    if not is_statement:
        return
    keep_line(ports, statement, number, line)
    if why:
        name = f"{line.booked_on.isoformat()}#{statement.message_id}#{number:06d}"
        at = ports.clock.now()
        kept = Unmatched(why, at, record.sealed, line.references, line.money, line, stated=True)
        keep_unmatched(ports, name, kept)


def _first(ports: Ports, statement: Statement, record: BankFileRecord) -> bool:
    """Whether this is the file that the statement is taken from; a copy in another is not."""
    key = bank_keys.statement(f"{statement.message_id}#{statement.closing_on}")
    known = ports.store.get(key)
    if known is None:
        ports.store.write(Put(key, {"file": record.sealed}))
        return True
    return bool(known.body["file"] == record.sealed)


def _match_again(ports: Ports, row: Item) -> bool:
    """Whether what fitted nothing fits now; then its row goes."""
    kept = from_plain(Unmatched, row.body)
    fits = False
    if kept.status is not None:
        fits = apply_status(ports, kept.status)
    elif kept.booked is not None:
        fits = not apply_booking(ports, kept.booked, stated=kept.stated)
    if fits:
        ports.store.write(Delete(row.key, expects=row.version))
    return fits


def _since(row: Item) -> datetime:
    return datetime.fromisoformat(row.body["at"])


def _isolated(act: Callable[[Ports, _Subject], bool], ports: Ports, subject: _Subject) -> bool:
    """Whether it did something; what is refused or not yet possible waits for the next round."""
    try:
        return act(ports, subject)
    except DomainError:
        return False
