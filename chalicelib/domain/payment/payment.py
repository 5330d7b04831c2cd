"""Where does one session's payment stand, and what may happen to it next?"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import Conflict
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.money import Money


class PaymentState(StrEnum):
    REQUESTED = "requested"  # the hold is asked for; its outcome is not known
    ACTION_REQUIRED = "action_required"  # the driver's bank wants an extra step
    AUTHORISED = "authorised"
    CAPTURE_REQUESTED = "capture_requested"
    COLLECTING = "collecting"  # a direct debit is on its way: days until it is paid or fails
    CAPTURED = "captured"
    CAPTURE_FAILED = "capture_failed"  # a driver's debt: the CPO is paid all the same
    CHARGED_BACK = "charged_back"  # taken, and taken back by the driver's bank
    RELEASE_REQUESTED = "release_requested"
    RELEASED = "released"
    DECLINED = "declined"
    REFUND_REQUESTED = "refund_requested"
    REFUNDED = "refunded"


class PaymentEvent(StrEnum):
    HELD = "held"
    BANK_ASKS = "bank_asks"
    DECLINED = "declined"
    CAPTURE = "capture"
    CAPTURED = "captured"
    PENDING = "pending"  # a direct debit was accepted; its outcome comes later
    CAPTURE_FAILED = "capture_failed"
    CHARGED_BACK = "charged_back"
    REINSTATED = "reinstated"
    RELEASE = "release"
    RELEASED = "released"
    REFUND = "refund"
    REFUNDED = "refunded"


class IllegalTransition(Conflict):
    code = "illegal_payment_transition"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a payment that is {state} cannot be {event}")
        self.state, self.event = state, event


# The provider may decide by itself what becomes of these: its word is waited for.
AWAITS_PROVIDER = frozenset(
    {PaymentState.REQUESTED, PaymentState.ACTION_REQUIRED, PaymentState.COLLECTING}
)
DEBIT = "sepa:"  # how the source of a direct debit begins

_S, _E = PaymentState, PaymentEvent
_STEPS: dict[tuple[PaymentState, PaymentEvent], PaymentState] = {
    (_S.REQUESTED, _E.HELD): _S.AUTHORISED,
    (_S.REQUESTED, _E.BANK_ASKS): _S.ACTION_REQUIRED,
    (_S.REQUESTED, _E.DECLINED): _S.DECLINED,
    (_S.REQUESTED, _E.RELEASE): _S.RELEASE_REQUESTED,
    (_S.ACTION_REQUIRED, _E.HELD): _S.AUTHORISED,
    (_S.ACTION_REQUIRED, _E.DECLINED): _S.DECLINED,
    (_S.ACTION_REQUIRED, _E.RELEASE): _S.RELEASE_REQUESTED,
    (_S.AUTHORISED, _E.CAPTURE): _S.CAPTURE_REQUESTED,
    (_S.AUTHORISED, _E.RELEASE): _S.RELEASE_REQUESTED,
    (_S.CAPTURE_REQUESTED, _E.CAPTURED): _S.CAPTURED,
    (_S.CAPTURE_REQUESTED, _E.CAPTURE_FAILED): _S.CAPTURE_FAILED,
    (_S.CAPTURE_REQUESTED, _E.PENDING): _S.COLLECTING,
    (_S.COLLECTING, _E.CAPTURED): _S.CAPTURED,
    (_S.COLLECTING, _E.CAPTURE_FAILED): _S.CAPTURE_FAILED,
    (_S.RELEASE_REQUESTED, _E.RELEASED): _S.RELEASED,
    (_S.CAPTURED, _E.REFUND): _S.REFUND_REQUESTED,
    (_S.REFUND_REQUESTED, _E.REFUNDED): _S.REFUNDED,
    (_S.REFUNDED, _E.REFUND): _S.REFUND_REQUESTED,  # a second part
    (_S.REFUNDED, _E.CAPTURE): _S.CAPTURE_REQUESTED,  # a purse, billed anew after a credit
    (_S.CAPTURED, _E.CHARGED_BACK): _S.CHARGED_BACK,
    (_S.REFUNDED, _E.CHARGED_BACK): _S.CHARGED_BACK,
    (_S.REFUND_REQUESTED, _E.CHARGED_BACK): _S.CHARGED_BACK,  # refused: the bank was faster
    (_S.CHARGED_BACK, _E.REINSTATED): _S.CAPTURED,
}


class OtherUse(StrEnum):
    """What a hold beside the first one is for."""

    ASKED = "asked"  # recorded before the provider is asked, so that none is forgotten
    SECURES = "secures"  # it counts towards `hold`
    SPARE = "spare"  # not needed (any more): it is being given back
    TAKEN = "taken"
    GONE = "gone"  # given back, lapsed, or never came to be


@dataclass(frozen=True, slots=True)
class OtherHold:
    """A hold of the same payment beside the one that `reference` names; see payment/holds.py."""

    number: int  # 2 and up: what the provider's metadata calls it
    money: Money
    use: OtherUse
    reference: str = ""
    replaces: bool | None = None  # a later hold for all of it, not a further one for more
    captured: Money | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """`hold` is what is secured (card: at the provider; prepaid, invoice: in an allotment)."""

    method: PaymentMethod
    state: PaymentState
    hold: Money
    # card: the provider's saved method `pm_…`; a direct debit's begins with `sepa:`; otherwise the
    # allotments
    source: str = ""
    reference: str = ""  # card: the provider's object `pi_…`
    capture_before: datetime | None = None
    captured: Money | None = None
    refunded: Money | None = None
    fee: Money | None = None
    converted: Converted | None = None  # captured where the provider has no such balance
    reason: str = ""  # why it was declined or failed, in the provider's code
    action_url: str = ""  # where the driver takes the bank's extra step
    number: int | None = None  # of the hold that `reference` names; None is the first
    others: tuple[OtherHold, ...] | None = None

    @property
    def is_debit(self) -> bool:
        """Nothing is secured: the driver's account is debited when the bill is known."""
        return self.source.startswith(DEBIT)


def advance(payment: Payment, event: PaymentEvent) -> Payment:
    """The payment after an event, or IllegalTransition."""
    state = _STEPS.get((payment.state, event))
    if state is None:
        raise IllegalTransition(payment.state.value, event.value)
    return replace(payment, state=state)


def can(payment: Payment, event: PaymentEvent) -> bool:
    return (payment.state, event) in _STEPS
