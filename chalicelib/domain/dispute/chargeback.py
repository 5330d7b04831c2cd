"""A bank takes money back: where does that stand, and who bears it in the end?

state     | event     | becomes   | what follows
-         | opened    | open      | the partner is told; our evidence is sent
-         | inquired  | inquiry   | no money has moved; our evidence is sent
inquiry   | opened    | open      | our evidence is sent again
inquiry   | closed    | closed    | nothing
open      | answered  | answered  | the bank decides
open      | won, lost | won, lost | see below
answered  | won, lost | won, lost |
won, lost | the other | it        | a bank may decide again

Money moves by the provider's own balance transactions, each booked once, in whatever order they are
told: what left and what came back. A loss is borne by the terms of the agreement. Where the CPO
bears it the sale is undone, so that share and commission follow it; otherwise the sale stands. A
direct debit that its bank sent back is no dispute about the charge: the driver owes it again. Nor
is one of a partner's own top-up: its balance has the money no more, below zero if it was used.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.agreement.agreement import Agreement, Bearer
from chalicelib.domain.agreement.terms import ChargebackTerms
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import SessionId
from chalicelib.domain.money import Money, total
from chalicelib.domain.payment.waiting import Waiting
from chalicelib.domain.session.session import Booked


class ChargebackKind(StrEnum):
    FRAUD = "fraud"
    NOT_DELIVERED = "not_delivered"
    MISPRICED = "mispriced"
    RETURNED = "returned"  # a direct debit that the driver's bank sent back
    OTHER = "other"  # people say what it is, or the platform bears it


class ChargebackState(StrEnum):
    INQUIRY = "inquiry"
    OPEN = "open"
    ANSWERED = "answered"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class ChargebackEvent(StrEnum):
    INQUIRED = "inquired"
    OPENED = "opened"
    ANSWERED = "answered"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class IllegalChargebackTransition(Conflict):
    code = "illegal_chargeback_transition"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a chargeback that is {state} does not take {event}")
        self.state, self.event = state, event


_S, _E = ChargebackState, ChargebackEvent
_STEPS: dict[tuple[ChargebackState, ChargebackEvent], ChargebackState] = {
    (_S.INQUIRY, _E.OPENED): _S.OPEN,
    (_S.INQUIRY, _E.ANSWERED): _S.ANSWERED,
    (_S.INQUIRY, _E.CLOSED): _S.CLOSED,
    (_S.INQUIRY, _E.WON): _S.WON,
    (_S.INQUIRY, _E.LOST): _S.LOST,
    (_S.OPEN, _E.ANSWERED): _S.ANSWERED,
    (_S.OPEN, _E.CLOSED): _S.CLOSED,
    (_S.OPEN, _E.WON): _S.WON,
    (_S.OPEN, _E.LOST): _S.LOST,
    (_S.ANSWERED, _E.CLOSED): _S.CLOSED,
    (_S.ANSWERED, _E.WON): _S.WON,
    (_S.ANSWERED, _E.LOST): _S.LOST,
    (_S.WON, _E.LOST): _S.LOST,
    (_S.LOST, _E.WON): _S.WON,
}
FIRST = {
    ChargebackEvent.INQUIRED: ChargebackState.INQUIRY,
    ChargebackEvent.OPENED: ChargebackState.OPEN,
    ChargebackEvent.ANSWERED: ChargebackState.ANSWERED,
    ChargebackEvent.WON: ChargebackState.WON,
    ChargebackEvent.LOST: ChargebackState.LOST,
    ChargebackEvent.CLOSED: ChargebackState.CLOSED,
}
OVER = frozenset({_S.WON, _S.LOST, _S.CLOSED})

# docs.stripe.com/api/disputes/object (reason), read November 2026.
_KINDS: Mapping[str, ChargebackKind] = {
    "fraudulent": ChargebackKind.FRAUD,
    "unrecognized": ChargebackKind.FRAUD,
    "product_not_received": ChargebackKind.NOT_DELIVERED,
    "product_unacceptable": ChargebackKind.NOT_DELIVERED,
    "credit_not_processed": ChargebackKind.MISPRICED,
    "duplicate": ChargebackKind.OTHER,  # ours: nobody else charged twice
    "insufficient_funds": ChargebackKind.RETURNED,
    "bank_cannot_process": ChargebackKind.RETURNED,
    "incorrect_account_details": ChargebackKind.RETURNED,
    "debit_not_authorized": ChargebackKind.RETURNED,
    "customer_initiated": ChargebackKind.RETURNED,
}


def kind_of(provider_reason: str) -> ChargebackKind:
    return _KINDS.get(provider_reason, ChargebackKind.OTHER)


@dataclass(frozen=True, slots=True)
class Moved:
    """One of the provider's balance transactions; its entry is booked as `moved:<reference>`."""

    reference: str
    money: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Chargeback(Waiting):
    """Owner of its entries. `session_id` leads back to the sale and `dispute_id` to its dispute; a
    top-up's has neither.

    `lost` is what its last loss is about; of it `bearer` has `borne`, and the driver owes the rest.
    """

    provider: str
    session_id: SessionId
    payment: str
    kind: ChargebackKind
    state: ChargebackState
    money: Money
    reason: str
    opened_at: datetime
    answer_by: datetime | None = None
    moves: tuple[Moved, ...] = ()
    booked: tuple[Booked, ...] = ()
    bearer: Bearer | None = None
    classified_by: str = ""
    dispute_id: str = ""
    top_up_id: str = ""
    lost: Money | None = None
    borne: Money | None = None

    @property
    def losses(self) -> tuple[Booked, ...]:
        """The entries that gave the loss to the driver or to its bearer, unless they are undone."""
        undone = {known.name.removeprefix("reversal:") for known in self.booked}
        lost = (known for known in self.booked if known.name.startswith("lost_"))
        return tuple(known for known in lost if known.entry_id not in undone)

    @property
    def taken(self) -> Money:
        """What is gone now: what left less what came back."""
        return -total((move.money for move in self.moves), self.money.currency)

    @property
    def to_lose(self) -> Money:
        """What a decided one leaves to somebody."""
        nothing = Money.zero(self.money.currency)
        return max(self.taken, nothing) if self.state is ChargebackState.LOST else nothing

    @property
    def awaits_money(self) -> bool:
        """It is decided, and the provider's money for that has not moved yet."""
        match self.state:
            case ChargebackState.WON | ChargebackState.CLOSED:
                return self.taken.minor > 0
            case ChargebackState.LOST:
                return not self.moves
            case _:
                return False


def advance(chargeback: Chargeback, event: ChargebackEvent) -> Chargeback:
    """The chargeback after what the provider says; what it says again changes nothing."""
    if FIRST[event] is chargeback.state:
        return chargeback
    state = _STEPS.get((chargeback.state, event))
    if state is None:
        raise IllegalChargebackTransition(chargeback.state.value, event.value)
    return replace(chargeback, state=state)


def bearer_of(kind: ChargebackKind, agreement: Agreement) -> Bearer:
    """Who bears a loss. RETURNED has no bearer among us: it is the driver's debt."""
    terms = agreement.chargeback_terms or ChargebackTerms()
    match kind:
        case ChargebackKind.FRAUD:
            return terms.fraud
        case ChargebackKind.NOT_DELIVERED:
            return terms.not_delivered
        case ChargebackKind.MISPRICED:
            return terms.mispriced
        case ChargebackKind.RETURNED | ChargebackKind.OTHER:
            return Bearer.PLATFORM
