"""What does one line of a bank's file change? The transfer that it names, then the payout.

Each line may come again (another file, a killed run): states only go forward, flags are only set,
rows have the name of their line. So a repeated line is the same line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.bank.message import (
    BookedLine,
    Statement,
    Status,
    StatusLine,
    blames_account,
    says_duplicate,
)
from chalicelib.domain.bank.payment import (
    BankTransfer,
    TransferState,
    accepted,
    credited,
    payout_id_of,
    rejected,
    returned,
)
from chalicelib.domain.codec import to_plain
from chalicelib.domain.money import Money
from chalicelib.ports.bundle import Ports
from chalicelib.ports.payouts import BalanceLine
from chalicelib.ports.store import Key, Put, WriteConflict
from chalicelib.usecases.bank import bank_keys
from chalicelib.usecases.bank.book import changed, transfer_of
from chalicelib.usecases.bank.rail import as_payout
from chalicelib.usecases.payout.block import blocked
from chalicelib.usecases.payout.rail_changed import rail_changed

NOT_OURS = "not_ours"  # no reference of ours
AMOUNT_DIFFERS = "amount_differs"
DEBITED_ANYWAY = "debited_anyway"  # after its own rejection: ask the bank, pay nothing
_TELLING = {TransferState.ACCEPTED, TransferState.CREDITED, TransferState.FAILED}
_TOPUP, _CHARGE, _TRANSFER, _BACK = "topup", "bank_charge", "transfer", "transfer_refund"


@dataclass(frozen=True, slots=True)
class Meant:
    """What one person says that a line was; above the limit another must say the same."""

    meaning: str
    subject: str
    by: str


@dataclass(frozen=True, slots=True)
class Unmatched:
    """A line that names nothing that we know. `stated`: it changed our balance."""

    why: str
    at: datetime
    file: str
    references: tuple[str, ...]
    money: Money | None = None
    booked: BookedLine | None = None
    status: StatusLine | None = None
    stated: bool = False
    meant: Meant | None = None
    booking: Meant | None = None  # what it is being booked as: said before the money is


def apply_status(ports: Ports, line: StatusLine) -> bool:
    """False when the line names no transfer of ours, or calls one a duplicate: people look."""
    at = ports.clock.now()

    def how(transfer: BankTransfer) -> BankTransfer:
        match line.status:
            case Status.ACCEPTED | Status.BOOKED:
                return accepted(transfer)
            case Status.REJECTED:
                return rejected(transfer, line.reason or line.code, at)
            case Status.PENDING:
                return transfer

    if says_duplicate(line):
        return False
    payout_id = payout_id_of(line.reference)
    transfer = changed(ports, payout_id, how)
    if transfer is None:
        return False
    if transfer.state is TransferState.REFUSED and blames_account(transfer.reason):
        ports.store.write(blocked(transfer.account, transfer.reason, payout_id, at))
    _tell(ports, transfer)
    return True


def apply_booking(ports: Ports, line: BookedLine, *, stated: bool) -> str:
    """Why the line is of no transfer of ours; empty when it is. `stated`: from a statement."""
    found = _named(ports, line.references)
    if found is None:
        return NOT_OURS
    back = line.money.minor > 0
    if line.money != (found.money if back else -found.money):
        return AMOUNT_DIFFERS
    if not back and found.ended_unbooked:
        return DEBITED_ANYWAY
    at = ports.clock.now()

    def how(transfer: BankTransfer) -> BankTransfer:
        if back:
            return returned(transfer, line.reason or "returned", at, stated=stated)
        return credited(transfer, at, stated=stated)

    transfer = changed(ports, found.payout_id, how)
    assert transfer is not None, "a transfer is never deleted"
    _tell(ports, transfer)
    return ""


def keep_line(ports: Ports, statement: Statement, number: int, line: BookedLine) -> None:
    """A stated line in the rail's terms, for reconciliation and for people."""
    transfer = _named(ports, line.references)
    name = f"{line.booked_on.isoformat()}#{statement.message_id}#{number:06d}"
    kinds = (_BACK, _TRANSFER) if transfer else (_TOPUP, _CHARGE)
    plain = BalanceLine(
        reference=line.bank_reference or name,
        kind=kinds[line.money.minor < 0],
        source=next(iter(line.references), ""),
        net=line.money,
        fee=Money.zero(line.money.currency),
        owner=transfer.payout_id if transfer else "",
        at=ports.clock.now(),
    )
    row = Key(bank_keys.lines(line.money.currency), name)
    _once(ports, Put(row, to_plain(plain)))


def keep_unmatched(ports: Ports, name: str, unmatched: Unmatched) -> None:
    """Once, and not again when its file is read again after a person has explained it."""
    if ports.store.get(Key(bank_keys.explained(), name)) is None:
        _once(ports, Put(Key(bank_keys.unmatched(), name), to_plain(unmatched)))


def _named(ports: Ports, references: Sequence[str]) -> BankTransfer | None:
    for reference in references:
        found = transfer_of(ports, payout_id_of(reference))
        if found is not None:
            return found.value
    return None


def _tell(ports: Ports, transfer: BankTransfer) -> None:
    """The payout hears what a webhook would tell. REFUSED it finds when it next asks (Pay)."""
    if transfer.state in _TELLING and not transfer.released:
        rail_changed(ports, transfer.payout_id, as_payout(transfer))


def _once(ports: Ports, put: Put) -> None:
    """Write a row the first time; it is there when a run before was killed after it."""
    try:
        ports.store.write(put)
    except WriteConflict:
        return
