"""Where does one payee's payout of one window stand, and what may happen to it next?

The table below is the whole of it. What stands before an outside call (TRANSFERRING, PAYING,
REVERSING) is recorded before the call, so that a kill at any point leaves a record that says what
to look up. Nothing leads back from an instructed payout to a new one, but by the rail's own word.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.fx.rates import Conversion
from chalicelib.domain.ids import EntryId, PartyId, PayoutId, WindowId, external_id
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.settlement.debt import CONVERTED, Part

REMAINDER = "remainder"


class PayoutStage(StrEnum):
    NETTED = "netted"
    SCREENED = "screened"
    CONVERTED = "converted"
    DOCUMENTED = "documented"
    ASKED = "asked"  # above the limit: two people have to approve it
    APPROVED = "approved"
    FUNDED = "funded"
    TRANSFERRING = "transferring"  # the rail is asked to move money to the payee's account
    TRANSFERRED = "transferred"
    PAYING = "paying"  # the rail is asked to pay it out
    ACCEPTED = "accepted"
    CREDITED = "credited"
    RETURNED = "returned"  # the rail's own record says: finally failed. The debt is open again
    REVERSING = "reversing"  # the transfer is being taken back
    HELD = "held"  # not instructed, with a reason; the next window of the zone takes it over
    CARRIED = "carried"  # taken over by a later payout
    NOTHING_DUE = "nothing_due"


class PayoutEvent(StrEnum):
    CLEAR = "clear"
    CONVERT = "convert"
    DOCUMENT = "document"
    FUND = "fund"
    TRY_TRANSFER = "try_transfer"
    TRANSFER = "transfer"
    TRY_PAY = "try_pay"
    ACCEPT = "accept"
    CREDIT = "credit"
    RETURN = "return"
    TRY_REVERSE = "try_reverse"
    HOLD = "hold"
    CARRY = "carry"
    NOTHING = "nothing"
    ASK = "ask"
    APPROVE = "approve"


class IllegalPayoutStep(Conflict):
    code = "illegal_payout_step"

    def __init__(self, stage: str, event: str) -> None:
        super().__init__(f"a payout that is {stage} does not take {event}")
        self.stage, self.event = stage, event


_S, _E = PayoutStage, PayoutEvent
_STEPS: dict[tuple[PayoutStage, PayoutEvent], PayoutStage] = {
    (_S.NETTED, _E.CLEAR): _S.SCREENED,
    (_S.NETTED, _E.HOLD): _S.HELD,
    (_S.SCREENED, _E.CONVERT): _S.CONVERTED,
    (_S.SCREENED, _E.HOLD): _S.HELD,
    (_S.CONVERTED, _E.DOCUMENT): _S.DOCUMENTED,
    (_S.CONVERTED, _E.HOLD): _S.HELD,
    (_S.DOCUMENTED, _E.FUND): _S.FUNDED,
    (_S.DOCUMENTED, _E.NOTHING): _S.NOTHING_DUE,
    (_S.DOCUMENTED, _E.ASK): _S.ASKED,
    (_S.DOCUMENTED, _E.HOLD): _S.HELD,
    (_S.ASKED, _E.APPROVE): _S.APPROVED,
    (_S.ASKED, _E.HOLD): _S.HELD,
    (_S.APPROVED, _E.FUND): _S.FUNDED,
    (_S.APPROVED, _E.HOLD): _S.HELD,
    (_S.FUNDED, _E.TRY_TRANSFER): _S.TRANSFERRING,
    (_S.FUNDED, _E.HOLD): _S.HELD,
    (_S.TRANSFERRING, _E.TRANSFER): _S.TRANSFERRED,
    (_S.TRANSFERRING, _E.HOLD): _S.HELD,  # only on the rail's definite no
    (_S.TRANSFERRED, _E.TRY_PAY): _S.PAYING,
    (_S.PAYING, _E.ACCEPT): _S.ACCEPTED,
    (_S.PAYING, _E.TRY_REVERSE): _S.REVERSING,  # only on the rail's definite no
    (_S.ACCEPTED, _E.CREDIT): _S.CREDITED,
    (_S.ACCEPTED, _E.RETURN): _S.RETURNED,
    (_S.CREDITED, _E.RETURN): _S.RETURNED,  # a bank may send back for days
    (_S.RETURNED, _E.TRY_REVERSE): _S.REVERSING,  # after two people agreed
    (_S.REVERSING, _E.HOLD): _S.HELD,
    (_S.HELD, _E.CARRY): _S.CARRIED,
}

# No step of the machine changes these any more.
SETTLED = frozenset(
    {_S.ACCEPTED, _S.CREDITED, _S.RETURNED, _S.ASKED, _S.HELD, _S.CARRIED, _S.NOTHING_DUE}
)
# Money may be on its way: only the rail's own word moves these.
INSTRUCTED = frozenset({_S.TRANSFERRING, _S.TRANSFERRED, _S.PAYING, _S.REVERSING})
PAID = frozenset({_S.ACCEPTED, _S.CREDITED})


@dataclass(frozen=True, slots=True)
class PayoutEntry:
    """One entry of this payout in the books, and the window whose shard it was written to."""

    name: str
    entry_id: EntryId
    window: WindowId
    hash: str


@dataclass(frozen=True, slots=True)
class Payout:
    """`due` by currency as netted, carried sums included; `money` in the payee's currency, and with
    `rest` all of `due`.

    `parts` sum to `due`, by agreement; `left` is what the payee owes us instead, `kept` what was
    set off of older debts. `lease` fences: a step of an older attempt finds a higher number and
    stops.
    """

    id: PayoutId
    window: WindowId
    party_id: PartyId
    kind: PartyKind  # which payable account is paid
    stage: PayoutStage
    due: tuple[Money, ...]
    lines: str  # the file of the lines that sum to `due`, without what was carried
    sessions: int
    account: str = ""
    money: Money | None = None
    rest: Money | None = None  # owed too, and too small to be paid out: the next window's
    carried_from: tuple[PayoutId, ...] = ()
    carried_into: str = ""
    conversions: tuple[Conversion, ...] = ()
    parts: tuple[Part, ...] = ()
    left: tuple[Part, ...] = ()
    kept: tuple[Part, ...] = ()
    written: str = ""  # what there is of its statement, as long as that is not whole
    statement: str = ""  # its file as JSON
    csv: str = ""  # and as CSV
    pdf: str = ""  # and for people
    approved: Money | None = None  # what two people approved of it
    reason: str = ""
    waiting_since: datetime | None = None  # when this, or what it took over, was first held
    lease: int = 0
    polls: int = 0
    tries: int = 0  # of the present outside call that ended in a definite "not now"
    tried_at: datetime | None = None  # when the present outside call was first recorded
    transfer: str = ""
    reference: str = ""  # the rail's payout
    accepted_at: datetime | None = None
    credited_at: datetime | None = None
    returned_at: datetime | None = None
    agreed: tuple[str, ...] = ()  # who said so of this stage: payout/agree.py, payout/unknown.py
    booked: tuple[PayoutEntry, ...] = ()

    @property
    def owner(self) -> str:
        return f"payout#{self.id}"

    def has_booked(self, name: str) -> bool:
        return any(booked.name == name for booked in self.booked)


def payout_id(window: WindowId, party_id: PartyId, kind: PartyKind) -> PayoutId:
    """One payout a window, payee and payable: the same cause has the same id for ever."""
    return PayoutId(external_id("pay", window, party_id, kind.value))


def remainder(payout: Payout, rest: Money, lines: str) -> Payout:
    """What is left of a payout, held until the next window takes it over; `lines` is of none."""
    return Payout(
        id=PayoutId(external_id("pay", payout.id, REMAINDER)),
        window=payout.window,
        party_id=payout.party_id,
        kind=payout.kind,
        stage=PayoutStage.HELD,
        due=(rest,),
        lines=lines,
        sessions=0,
        parts=(Part(CONVERTED, rest),),
        reason=REMAINDER,
    )


def advance(payout: Payout, event: PayoutEvent) -> Payout:
    """The payout after an event, or IllegalPayoutStep. What people said was of the stage before."""
    stage = _STEPS.get((payout.stage, event))
    if stage is None:
        raise IllegalPayoutStep(payout.stage.value, event.value)
    return replace(payout, stage=stage, agreed=())
