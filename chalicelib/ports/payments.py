"""What do we ask of a payment provider? Holds, captures, releases and refunds of cards.

Every call takes our `key` (session and effect), so that a repeat is the same call while the
provider remembers it (Stripe: 24 h). Later than that, `find` looks the hold up by our reference
before anything is sent again. A provider that cannot be reached raises ProviderUnavailable; one
that answers "no" for good raises PaymentRefused, and the same key repeats that answer.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from chalicelib.domain.errors import Conflict, NotYet, Rejected
from chalicelib.domain.money import Money


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
    session_id: str  # goes into the provider's metadata: what `find` matches
    money: Money
    source: str  # `pm_…`
    return_url: str = ""


@dataclass(frozen=True, slots=True)
class Hold:
    """A hold as the provider has it. `money` is what is secured or, once captured, was taken."""

    reference: str
    state: HoldState
    money: Money
    capture_before: datetime | None = None
    reason: str = ""  # decline code
    action_url: str = ""
    captured: Money | None = None
    fee: Money | None = None  # from the provider's own balance transaction
    refunded: Money | None = None


class Payments(Protocol):
    def hold(self, request: HoldRequest, key: str) -> Hold:
        """Ask for a hold. A decline is an answer (state DECLINED), not an error; so is a definite
        refusal of the request (a method unknown, an amount too small), with `reference` empty.
        """

    def extend(self, reference: str, money: Money, key: str) -> Hold:
        """Raise a hold to `money` in all. Unable: the hold as it is, `reason` filled."""

    def capture(self, reference: str, money: Money, key: str) -> Hold:
        """Take exactly `money` (≤ the hold) once; captured before: the hold as it is.

        A hold that lapsed or was given back comes as it is too (CANCELLED). PaymentRefused when
        more is asked than is held.
        """

    def release(self, reference: str, key: str) -> Hold:
        """Give the hold back; released or captured before: the hold as it is."""

    def refund(self, reference: str, money: Money, key: str) -> Hold:
        """Give back part or all of what was captured; PaymentRefused when less is left."""

    def read(self, reference: str) -> Hold:
        """The hold as the provider has it now."""

    def find(self, session_id: str) -> Hold | None:
        """The hold with our session in its metadata. None is "unknown", not "no"."""
