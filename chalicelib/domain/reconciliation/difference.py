"""Which two records disagree, since when, and whose turn is it? Nothing here adjusts anything.

A kind is a stable code: programs read it, and what a person decided about one stays findable.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class DifferenceKind(StrEnum):
    # CDR, our price and the journal
    SESSION_UNKNOWN = "session_unknown"  # journal: names a session that does not exist
    ENTRY_NOT_NAMED = "entry_not_named"  # session: does not name the entry, or another content
    ENTRY_MISSING = "entry_missing"  # journal: lacks an entry that its session names
    NOT_BILLED = "not_billed"  # session: has no bill, the journal has a sale
    SALE_MISSING = "sale_missing"  # journal: the session is billed and was not sold
    BILL_DIFFERS = "bill_differs"  # session's bill: is not what the journal has
    CDR_UNKNOWN = "cdr_unknown"  # CDR: the bill names one that is not kept
    SECOND_CDR = "second_cdr"  # CDR: another one came beside the one that was billed
    PRICE_DIFFERS = "price_differs"  # price: computed again from the pinned inputs, it differs
    CAPTURE_DIFFERS = "capture_differs"  # payment: the provider took another amount
    CAPTURE_NOT_BOOKED = "capture_not_booked"  # journal: has another amount than was captured
    REVERSED_WRONGLY = "reversed_wrongly"  # journal: a reversal undoes nothing, twice, or not all
    CORRECTED_WRONGLY = "corrected_wrongly"  # journal: a correction of no sale, or of more than it
    # the provider's balance transactions and the bank's statement
    NOT_AT_PROVIDER = "not_at_provider"  # journal: moved cash that the provider does not show
    NOT_BOOKED = "not_booked"  # provider: moved cash that the journal does not have
    AMOUNT_DIFFERS = "amount_differs"  # both have it, with another sum
    FEE_DIFFERS = "fee_differs"  # both have the sum, with another fee
    MOVED_TWICE = "moved_twice"  # provider: moved more often than was booked
    PAYOUT_NOT_BOOKED = "payout_not_booked"  # payout: says it was paid, the journal does not
    # sums
    CURRENCY_NOT_ZERO = "currency_not_zero"  # journal: a currency does not sum to zero
    BILLED_IS_NOT_DUE = "billed_is_not_due"  # window: billed is not what everybody is owed
    CASH_NOT_CLOSED = "cash_not_closed"  # a cash account does not close at what its holder says


class Responsible(StrEnum):
    """Who must act."""

    ENGINEERS = "engineers"  # our records disagree among themselves: a bug
    FINANCE = "finance"  # book it, claim it back, or have the provider explain it
    NETWORK = "network"  # settle it with the CPO
    PAYOUTS = "payouts"  # stop, look at the rail, two people


_K, _R = DifferenceKind, Responsible
RESPONSIBLE: Mapping[DifferenceKind, Responsible] = {
    _K.SESSION_UNKNOWN: _R.ENGINEERS,
    _K.ENTRY_NOT_NAMED: _R.ENGINEERS,
    _K.ENTRY_MISSING: _R.ENGINEERS,
    _K.NOT_BILLED: _R.ENGINEERS,
    _K.SALE_MISSING: _R.ENGINEERS,
    _K.BILL_DIFFERS: _R.ENGINEERS,
    _K.CDR_UNKNOWN: _R.NETWORK,
    _K.SECOND_CDR: _R.NETWORK,
    _K.PRICE_DIFFERS: _R.ENGINEERS,
    _K.CAPTURE_DIFFERS: _R.FINANCE,
    _K.CAPTURE_NOT_BOOKED: _R.ENGINEERS,
    _K.REVERSED_WRONGLY: _R.ENGINEERS,
    _K.CORRECTED_WRONGLY: _R.ENGINEERS,
    _K.NOT_AT_PROVIDER: _R.FINANCE,
    _K.NOT_BOOKED: _R.FINANCE,
    _K.AMOUNT_DIFFERS: _R.FINANCE,
    _K.FEE_DIFFERS: _R.FINANCE,
    _K.MOVED_TWICE: _R.PAYOUTS,
    _K.PAYOUT_NOT_BOOKED: _R.PAYOUTS,
    _K.CURRENCY_NOT_ZERO: _R.ENGINEERS,
    _K.BILLED_IS_NOT_DUE: _R.ENGINEERS,
    _K.CASH_NOT_CLOSED: _R.FINANCE,
}


@dataclass(frozen=True, slots=True)
class Difference:
    """`subject` names what disagrees (an entry, a session, a provider's line, an account)."""

    kind: DifferenceKind
    detail: str = ""
    subject: str = ""

    @property
    def id(self) -> str:
        """The same while it lasts, whatever its amounts become meanwhile."""
        return f"{self.kind.value}#{self.subject}"


@dataclass(frozen=True, slots=True)
class Aged:
    """A difference that stands open. `first_seen` is when a reconciliation first found it."""

    difference: Difference
    first_seen: datetime
    responsible: Responsible


def aged(
    found: Iterable[Difference], known: Mapping[str, datetime], at: datetime
) -> tuple[Aged, ...]:
    """The differences, oldest first, by when each was first seen; `known` is by their ids."""
    stand = (Aged(d, known.get(d.id, at), RESPONSIBLE[d.kind]) for d in found)
    return tuple(sorted(stand, key=lambda each: (each.first_seen, each.difference.id)))
