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
from chalicelib.domain.codec import from_plain, instant_text
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
OTHER_CONTENT = "other_content"  # under the name of a file that was worked off
LATE = timedelta(days=1)  # unmatched or not worked off for so long is people's to explain
_XML = "application/xml"
_Subject = TypeVar("_Subject")


class FileState(StrEnum):
    RECEIVED = "received"
    DONE = "done"
    UNREAD = "unread"


@dataclass(frozen=True, slots=True)
class BankFileRecord:
    name: str
    sealed: str  # where the content lies; `mark` is the mailbox's
    received_at: datetime
    state: FileState = FileState.RECEIVED
    kind: str = ""
    reason: str = ""
    mark: str = ""


def accept_files(ports: Ports) -> dict[str, int]:
    """One round; what fails is left to the next. `unread`, `late` and `gaps` ring."""
    brought = ports.mailbox.answers()
    done = sum(_isolated(_tried, ports, file) for file in brought.items())
    unmatched = list(rows(ports, bank_keys.unmatched()))
    matched = sum(_isolated(_match_again, ports, row) for row in unmatched)
    at = ports.clock.now()
    if unmatched:
        unmatched = list(rows(ports, bank_keys.unmatched()))
    waiting = (*unmatched, *rows(ports, bank_keys.refused()))
    late = [row for row in waiting if at - _since(row) >= LATE]
    unread = list(rows(ports, bank_keys.unread()))
    gaps = len(balance_of(ports, SEPA_CURRENCY).value.gaps)
    counts = {"late": len(late), "unread": len(unread), "gaps": gaps}
    return {"files": done, "matched": matched, **counts}


def _tried(ports: Ports, brought: tuple[str, str]) -> bool:
    """Whether the file was new. While one is refused it is listed, since when and why."""
    try:
        return _accept(ports, *brought)
    except DomainError as refusal:
        name, _ = brought
        record = find(ports.store, bank_keys.file(name), BankFileRecord)
        since = ports.clock.now() if record is None else record.value.received_at
        row = Key(bank_keys.refused(), name)
        known = ports.store.get(row)
        body = {"at": instant_text(since), "reason": refusal.code}
        if known is None:
            ports.store.write(Put(row, body))
        elif known.body["reason"] != refusal.code:
            same = {**body, "at": known.body["at"]}
            ports.store.write(Put(row, same, expects=known.version))
        return False


def _accept(ports: Ports, name: str, mark: str) -> bool:
    """Whether the file was new. What nobody could read may come again under its name."""
    record = find(ports.store, bank_keys.file(name), BankFileRecord)
    known = record is not None and record.value.state is not FileState.RECEIVED
    if record is not None and known and record.value.mark == mark:
        return False
    content = ports.mailbox.read(name)
    sealed = _sealed(ports, content)
    if record is None or sealed != record.value.sealed:
        if record is not None and record.value.state is FileState.DONE:
            return _differs(ports, record, sealed, mark)
        made = BankFileRecord(name, sealed, ports.clock.now(), mark=mark)
        record = _received(ports, made, record)
    elif known:  # the same again
        ports.store.write(record.put(replace(record.value, mark=mark)))
        return False
    return _read(ports, record, content)


def _differs(ports: Ports, record: Record[BankFileRecord], sealed: str, mark: str) -> bool:
    """Nothing is taken from it: people ask the bank which of the two holds."""
    name = record.value.name
    why = (OTHER_CONTENT, ports.clock.now(), sealed, (name,))
    keep_unmatched(ports, f"{sealed[-20:-4]}#{name}", Unmatched(*why))
    ports.store.write(record.put(replace(record.value, mark=mark)))
    return True


def _read(ports: Ports, record: Record[BankFileRecord], content: bytes) -> bool:
    name = record.value.name
    refused, unread_ = (Key(pk, name) for pk in (bank_keys.refused(), bank_keys.unread()))
    try:
        file = ports.bank_messages.read(content)
        _check(file)
    except NoBankFile as no_file:
        unread = replace(record.value, state=FileState.UNREAD, reason=no_file.reason)
        listed = Put(unread_, {"reason": no_file.reason}, expects=None)
        ports.store.write(record.put(unread), listed, Delete(refused))
        return True
    _act(ports, file, record.value)
    done = replace(record.value, state=FileState.DONE, kind=file.kind)
    ports.store.write(record.put(done), Delete(refused), Delete(unread_))
    return True


def _sealed(ports: Ports, content: bytes) -> str:
    """Under its content's hash: a voucher that cannot be changed."""
    sealed = f"bank/received/{sha256(content).hexdigest()}.xml"
    ports.files.seal(sealed, content, _XML)
    return sealed


def _received(
    ports: Ports, made: BankFileRecord, before: Record[BankFileRecord] | None
) -> Record[BankFileRecord]:
    key = bank_keys.file(made.name)
    ports.store.write(create(key, made) if before is None else before.put(made))
    return Record(key, made, (ABSENT if before is None else before.version) + 1)


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
