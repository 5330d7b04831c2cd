"""What must still happen outside because of something that was written inside?

An effect lives in the item of its owner (a session, a payout) from the transaction that caused it
until its outcome is recorded. The table's stream runs it; the sweeper runs what is overdue.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum


class EffectKind(StrEnum):
    HOLD = "hold"  # keyed by us at the provider
    EXTEND_HOLD = "extend_hold"
    PLACE_HOLD = "place_hold"  # a further hold, or one that replaces the others before they lapse
    RELEASE_SPARE = "release_spare"
    CAPTURE = "capture"
    CONFIRM_DEBIT = "confirm_debit"  # a direct debit's outcome, should its webhook be lost
    RELEASE = "release"
    REFUND = "refund"
    EVEN_OUT = "even_out"  # figure what the driver has paid and no longer owes, then refund it
    COLLECT = "collect"  # a top-up, from its source
    SET_UP = "set_up"  # begin to save a driver's means of payment
    LOOK_UP = "look_up"  # ask the provider how something stands, should its webhook be lost
    DETACH = "detach"
    CONTEST = "contest"  # answer a chargeback with our evidence
    ISSUE_INVOICE = "issue_invoice"  # of the month that is over
    DUN = "dun"
    START_CHARGING = "start_charging"  # at most once, never after `not_after`
    FIND_SESSION = "find_session"  # the outcome of a start is unknown: look at the CPO
    STOP_CHARGING = "stop_charging"
    UNLOCK = "unlock"  # a connector, at most once; it stays until the charger has answered
    SEND_PREFERENCES = "send_preferences"  # of the driver; a later one replaces it
    RESERVE = "reserve"  # a charger; the same id replaces what was reserved
    CANCEL_RESERVATION = "cancel_reservation"
    PULL_CDR = "pull_cdr"
    SEAL_EVIDENCE = "seal_evidence"
    TELL_PARTNER = "tell_partner"
    DELIVER = "deliver"  # a webhook to a partner's endpoint, retried for days


@dataclass(frozen=True, slots=True)
class Effect:
    """`id` is unique in its owner and part of the key that the outside sees.

    `made_at` dates the key's life: a provider may forget keys after 24 hours.
    """

    id: str
    kind: EffectKind
    due: datetime
    made_at: datetime
    attempts: int = 0
    not_after: datetime | None = None
    detail: Mapping[str, str] = field(default_factory=dict)

    def retried(self, due: datetime) -> "Effect":
        return replace(self, attempts=self.attempts + 1, due=due)
