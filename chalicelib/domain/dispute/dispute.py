"""What is one dispute about a session's money, who wants what, and what did people decide?

Its id is the hash of what opened it, so that opening it again finds it. Every entry that follows
from it names it (`refs["dispute"]`), and it names every entry.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.agreement.agreement import Bearer
from chalicelib.domain.ids import PartyId, SessionId, external_id
from chalicelib.domain.money import Money
from chalicelib.domain.payment.waiting import Waiting
from chalicelib.domain.session.session import Booked
from chalicelib.domain.settlement.staff import Said


class Cause(StrEnum):
    """What opened it; `reference` says which one."""

    CLAIM = "claim"  # the CPO's record asks for more than its published tariff
    CREDIT = "credit"  # the CPO takes its record back
    DRIVER = "driver"  # a partner, for its driver
    CHARGEBACK = "chargeback"  # the driver's bank


class Reason(StrEnum):
    NOT_DELIVERED = "not_delivered"
    MISPRICED = "mispriced"
    FRAUD = "fraud"
    OTHER = "other"


class DisputeState(StrEnum):
    OPEN = "open"  # staff decide
    PROPOSED = "proposed"  # one person decided; above the limit another one must agree
    AT_BANK = "at_bank"  # the driver's bank decides
    GRANTED = "granted"  # booked; the driver's money is on its way back
    SETTLED = "settled"  # nothing is left to pay back
    DENIED = "denied"


@dataclass(frozen=True, slots=True)
class Decision:
    """`money` is what the claimant gets, `bearer` who gives it; `by` are the people, in order."""

    reason: str
    by: tuple[str, ...]
    at: datetime
    money: Money | None = None
    bearer: Bearer | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute(Waiting):
    """`money` is what is asked for."""

    session_id: SessionId
    cpo_id: PartyId
    cause: Cause
    reason: Reason
    state: DisputeState
    money: Money
    opened_at: datetime
    reference: str = ""  # the CDR's, the credit CDR's or the chargeback's id
    request_hash: str = ""
    text: str = ""
    proposal: Decision | None = None
    decision: Decision | None = None
    said: tuple[Said, ...] = ()
    booked: tuple[Booked, ...] = ()
    evidence: str = ""  # the sealed page's file name

    @property
    def over(self) -> bool:
        return self.state in {DisputeState.SETTLED, DisputeState.DENIED}

    @property
    def tells(self) -> bool:
        """A claim against the CPO changes nothing for the driver: the partner hears nothing."""
        return self.cause is not Cause.CLAIM


def dispute_id(cause: Cause, *what: str) -> str:
    return external_id("dsp", cause.value, *what)
