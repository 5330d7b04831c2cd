"""What has the bank said of one credit transfer, and what of our balance does it still need?

The rail's own record, kept apart from the payout that asked for it: a file may tell of both the
acceptance and the return before the settlement has looked once. States only go forward.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.money import Money


class TransferState(StrEnum):
    RESERVED = "reserved"  # our money is set aside; nothing was sent
    SENT = "sent"  # recorded before the file is put into the mailbox
    ACCEPTED = "accepted"  # pain.002: ACTC or better
    CREDITED = "credited"  # the bank booked the debit
    REFUSED = "refused"  # the bank said no before it ever said yes: nothing moved
    FAILED = "failed"  # rejected after acceptance, or sent back


_ORDER = {
    TransferState.RESERVED: 0,
    TransferState.SENT: 1,
    TransferState.ACCEPTED: 2,
    TransferState.CREDITED: 3,
}
_FINAL = {TransferState.REFUSED, TransferState.FAILED}
_TRANSFER = "btr"
_ID_PREFIX = "pay_"


@dataclass(frozen=True, slots=True)
class BankTransfer:
    """`stated_*`: an account statement (camt.053) shows it, so our balance at the bank has it."""

    payout_id: str
    account: str  # bank_…: whose; the details lie elsewhere
    money: Money
    state: TransferState
    reserved_at: datetime
    sent_at: datetime | None = None
    credited_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str = ""
    stated_debit: bool = False
    stated_return: bool = False
    released: bool = False  # taken back: the payout is no longer ours to make

    @property
    def transfer(self) -> str:
        return f"{_TRANSFER}_{self.payout_id}"

    @property
    def reference(self) -> str:
        return end_to_end_id(self.payout_id)

    @property
    def ended_unbooked(self) -> bool:
        """The bank said no and nothing was booked: a debit now would contradict it."""
        return self.state in _FINAL and self.credited_at is None

    @property
    def needed(self) -> Money:
        """How much of the stated balance is not free, because of this transfer."""
        gone = self.stated_debit and not self.stated_return
        return Money.zero(self.money.currency) if self.released or gone else self.money


def end_to_end_id(payout_id: str) -> str:
    """The payout's id in the 35 characters of ISO 20022; also the message's and its file's name.

    One payout, one message: the same window and payee can never make a second one.
    """
    assert payout_id.startswith(_ID_PREFIX), f"{payout_id} is no payout"
    return payout_id.replace("_", "", 1)


def payout_id_of(reference: str) -> str:
    """The payout that a bank's reference names: ours if it is one, whatever case it came in."""
    return f"{_ID_PREFIX}{reference.strip().lower()[len(_ID_PREFIX) - 1 :]}"


def accepted(transfer: BankTransfer) -> BankTransfer:
    return _forward(transfer, TransferState.ACCEPTED)


def credited(transfer: BankTransfer, at: datetime, *, stated: bool) -> BankTransfer:
    """The bank booked the debit. A booking is more than an acceptance that got lost."""
    done = replace(transfer, stated_debit=transfer.stated_debit or stated)
    if done.state in _FINAL:
        return done
    return _forward(replace(done, credited_at=done.credited_at or at), TransferState.CREDITED)


def rejected(transfer: BankTransfer, reason: str, at: datetime) -> BankTransfer:
    """pain.002 RJCT: a refusal if the bank never said yes; else the acceptance was in vain.

    After the debit is booked a rejection changes nothing by itself: money comes back as a booking.
    """
    if transfer.state in {TransferState.SENT, TransferState.RESERVED}:
        return replace(transfer, state=TransferState.REFUSED, reason=reason, failed_at=at)
    if transfer.state is TransferState.ACCEPTED:
        return replace(transfer, state=TransferState.FAILED, reason=reason, failed_at=at)
    return transfer


def returned(transfer: BankTransfer, reason: str, at: datetime, *, stated: bool) -> BankTransfer:
    """The money was booked back to us."""
    done = replace(
        transfer,
        stated_return=transfer.stated_return or stated,
        credited_at=transfer.credited_at or at,
    )
    if done.state in _FINAL:
        return done
    return replace(done, state=TransferState.FAILED, reason=reason, failed_at=at)


def _forward(transfer: BankTransfer, state: TransferState) -> BankTransfer:
    if transfer.state in _FINAL or _ORDER[transfer.state] >= _ORDER[state]:
        return transfer
    return replace(transfer, state=state)
