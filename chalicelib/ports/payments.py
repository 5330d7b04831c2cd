"""What do we ask of a payment provider? Holds, captures, releases, refunds, debits, disputes.

Every call takes our `key` (session and effect), so that a repeat is the same call while the
provider remembers it (Stripe: 24 h). Later than that, `find` looks the hold up by our reference
before anything is sent again. A provider that cannot be reached raises ProviderUnavailable; one
that answers "no" for good raises PaymentRefused, and the same key repeats that answer.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.money import Money
from chalicelib.ports.payment_events import EventPage


class ProviderUnavailable(NotYet):
    """No answer, or a temporary one: the outcome is unknown and the call may be repeated."""

    code = "provider_unavailable"


class PaymentRefused(Rejected):
    """The provider answered, and said no for good. `provider_code` is its own code."""

    code = "payment_refused"

    def __init__(self, provider_code: str, message: str) -> None:
        super().__init__(f"the payment provider refused ({provider_code}): {message}")
        self.provider_code, self.message = provider_code, message


class KeyReused(Conflict):
    """The key was used for another call: a bug of ours that must not move money."""

    code = "provider_key_reused"

    def __init__(self, key: str) -> None:
        super().__init__(f"the provider knows the key {key!r} for another call")
        self.key = key


class HoldState(StrEnum):
    HELD = "held"
    ACTION_REQUIRED = "action_required"
    DECLINED = "declined"
    CANCELLED = "cancelled"
    CAPTURED = "captured"
    PENDING = "pending"


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """`session_id` and `number` go into the provider's metadata: what `find` matches.

    The id may also be a top-up's (`top_…`). `off_session`: the driver is not there to take a bank's
    extra step, so that a bank which asks for it declines.
    """

    session_id: str
    money: Money
    source: str  # `pm_…`, `cus_…/pm_…`, or `sepa:cus_…/pm_…` for a direct debit
    return_url: str = ""
    number: int = 1  # a session may own several holds
    off_session: bool = False


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as the provider has it. `money` is what is secured or, once captured, was taken.

    Where the provider's balance has no such currency, `converted` is what it made of the capture;
    the fee is in the balance's currency. `refund_moves` is what the balance gave for each refund
    that did not come back, as far as it says so, the oldest first: both are negative, and the same
    where nothing was converted.
    """

    reference: str
    state: HoldState
    money: Money
    capture_before: datetime | None = None
    reason: str = ""  # decline code
    action_url: str = ""
    captured: Money | None = None
    fee: Money | None = None  # from the provider's own balance transaction
    refunded: Money | None = None
    converted: Conversion | None = None
    refund_moves: tuple[Conversion, ...] = ()


class DisputeState(StrEnum):
    """Stripe's words in ours. An inquiry takes no money (yet)."""

    INQUIRY = "inquiry"
    NEEDS_RESPONSE = "needs_response"
    UNDER_REVIEW = "under_review"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"  # an inquiry that ended, or a dispute that was prevented


@dataclass(frozen=True, slots=True)
class DisputeMove:
    """One of the provider's balance transactions of a dispute: money that left (negative) or came
    back, and the provider's fee for it (negative: given back).

    `money` is in the payment's currency; `converted` and the fee are as those of a Hold.
    """

    reference: str  # `txn_…`
    money: Money
    fee: Money
    converted: Conversion | None = None


@dataclass(frozen=True, slots=True)
class Dispute:
    """A chargeback as the provider has it now. `owner` is our id in the payment's metadata."""

    reference: str  # `dp_…`
    payment: str  # `pi_…`
    owner: str
    state: DisputeState
    money: Money
    reason: str  # the provider's code
    opened_at: datetime
    answer_by: datetime | None = None
    moves: tuple[DisputeMove, ...] = ()


class RefundState(StrEnum):
    ON_ITS_WAY = "on_its_way"
    FAILED = "failed"  # after days, even: the card's bank sent it back, and we have it again


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund as the provider has it now. `owner` is our id in its metadata.

    `came_back` is what the provider's balance had of it then, as of a Hold's refunds; None while
    that is not known.
    """

    reference: str  # `re_…`
    payment: str  # `pi_…`
    owner: str
    money: Money
    state: RefundState
    came_back: Conversion | None = None


class SetupState(StrEnum):
    ACTION_REQUIRED = "action_required"  # of the driver, in the provider's form
    PENDING = "pending"
    SAVED = "saved"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SetupRequest:
    """Save a driver's means of payment for use while the driver is away."""

    setup_id: str  # ours, in the provider's metadata
    kind: str  # card, sepa_debit
    customer: str = ""  # `cus_…` when the driver has one already


@dataclass(frozen=True, slots=True)
class Setup:
    """`secret` opens the provider's own form in the driver's app: no card number comes to us.

    `source` is what later holds name, once it is SAVED.
    """

    reference: str  # `seti_…`
    state: SetupState
    customer: str
    source: str = ""
    reason: str = ""
    secret: str = ""


class Payments(Protocol):
    def hold(self, request: HoldRequest, key: str) -> Hold:
        """Ask for a hold. A decline is an answer (state DECLINED), not an error; so is a definite
        refusal of the request (a method unknown, an amount too small), with `reference` empty.
        """

    def extend(self, reference: str, money: Money, key: str) -> Hold:
        """Raise a hold to `money` in all. Unable: the hold as it is, `reason` filled."""

    def charge(self, request: HoldRequest, key: str) -> Hold:
        """Take money at once, with no hold before: from a card, or by direct debit, which answers
        PENDING and is CAPTURED or DECLINED days later. Refusals as for `hold`.
        """

    def capture(self, reference: str, money: Money, key: str) -> Hold:
        """Take exactly `money` (≤ the hold) once; captured before: the hold as it is.

        `fee` is None until the provider's balance transaction is there: read again later.

        A hold that lapsed or was given back comes as it is too (CANCELLED). PaymentRefused when
        more is asked than is held.
        """

    def release(self, reference: str, key: str) -> Hold:
        """Give the hold back; released or captured before: the hold as it is."""

    def refund(self, reference: str, money: Money, key: str) -> Hold:
        """Give back part or all of what was captured; PaymentRefused when less is left."""

    def read_refund(self, reference: str) -> Refund:
        """A refund as it stands now. PaymentRefused when there is none."""

    def read(self, reference: str) -> Hold:
        """The hold as the provider has it now."""

    def find(self, session_id: str, number: int = 1) -> Hold | None:
        """The hold with our session and number in its metadata. None is "unknown", not "no"."""

    def read_dispute(self, reference: str) -> Dispute:
        """A chargeback as it stands now. PaymentRefused when there is none."""

    def contest(self, reference: str, evidence: str, key: str) -> Dispute:
        """Answer a chargeback with our evidence, for good. One that is closed: as it is."""

    def events(
        self, types: Sequence[str], since: datetime, until: datetime, after: str = ""
    ) -> EventPage:
        """What happened from `since` until before `until` (both in whole seconds, the later one
        rounded down), of these types; `after`: what is older than the event of this id.
        """

    def set_up(self, request: SetupRequest, key: str) -> Setup:
        """Begin to save a means of payment. A refusal is an answer (FAILED)."""

    def read_setup(self, reference: str) -> Setup:
        """How far that is now."""

    def detach(self, source: str, key: str) -> None:
        """Forget a saved means of payment; one that is forgotten already is success."""
