"""What do we tell the bank, and what does it tell us? Without a word of XML.

Statuses are ISO 20022's (ExternalPaymentTransactionStatus1Code), reasons its external code lists.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from chalicelib.domain.bank.details import BankDetails
from chalicelib.domain.money import Money

# Of ExternalStatusReason1Code: the account or its holder is wrong, so the next try is refused too.
_ACCOUNT_REASONS = ("AC", "AG01", "BE", "MD07", "RC", "RR", "CNOR", "NOAS")

# The bank has seen this message before: what it says of the second copy is not about the first.
_DUPLICATE_REASONS = frozenset({"AM05", "DUPL", "DU01", "DU02", "DU03", "DU04", "DU05"})


class Status(StrEnum):
    """What a transaction status means to a payout; codes between them change nothing."""

    PENDING = "pending"
    ACCEPTED = "accepted"
    BOOKED = "booked"
    REJECTED = "rejected"


# RCVD says that a file was read, PDNG that somebody thinks; ACCC and ACSC that it is done. Group
# and payment information may say PART, whose transactions then each have a status of their own.
STATUSES = {
    **dict.fromkeys(("ACTC", "ACCP", "ACSP", "ACWC", "ACFC", "ACWP"), Status.ACCEPTED),
    **dict.fromkeys(
        ("ACSC", "ACCC"), Status.ACCEPTED
    ),  # the booking itself tells that it is booked
    **dict.fromkeys(("RJCT", "CANC", "BLCK"), Status.REJECTED),
    **dict.fromkeys(("RCVD", "PDNG", "PATC", "PART", "PRES"), Status.PENDING),
}


@dataclass(frozen=True, slots=True)
class Instruction:
    """One credit transfer. `id` is message, payment, instruction and end-to-end id in one."""

    id: str
    creditor: BankDetails
    money: Money
    made_at: datetime
    execute_on: date
    text: str  # on the payee's statement


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What a pain.002 says of one instruction (`reference`, ours), or of a whole message."""

    reference: str
    status: Status
    code: str  # the bank's own: ACTC, RJCT …
    reason: str = ""


@dataclass(frozen=True, slots=True)
class BookedLine:
    """One booked transaction of our account; a debit is negative.

    `references` are all that could be ours, the end-to-end id first. A return names the transfer
    that comes back; `reason` is why. `bank_reference` is the bank's own of the entry.
    """

    references: tuple[str, ...]
    money: Money
    booked_on: date
    is_return: bool = False
    reason: str = ""
    bank_reference: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class StatusReport:
    message_id: str
    lines: tuple[StatusLine, ...]


@dataclass(frozen=True, slots=True)
class Statement:
    """A camt.053 (`closing` is its booked balance) or a camt.054 (a notice: no balance)."""

    message_id: str
    account: str  # the IBAN that it is of, masked
    ours: bool
    lines: tuple[BookedLine, ...]
    number: int = 0  # of the statement, where the bank counts them
    opening: Money | None = None
    closing: Money | None = None
    closing_on: date | None = None


@dataclass(frozen=True, slots=True)
class BankFile:
    """What one file holds; a file may hold several statements."""

    kind: str  # pain.002.001.10, camt.053.001.08 …
    reports: tuple[StatusReport, ...] = ()
    statements: tuple[Statement, ...] = ()


def blames_account(reason: str) -> bool:
    """Whether a reason says that this account cannot be paid, and not that we have no money."""
    return reason.startswith(_ACCOUNT_REASONS)


def says_duplicate(line: StatusLine) -> bool:
    """Whether a rejection means that the bank has the message already: no word on the first one."""
    return line.status is Status.REJECTED and line.reason in _DUPLICATE_REASONS
