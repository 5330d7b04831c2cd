"""What have people decided about a payout, and who? Holds, the limit, and approvals above it."""

from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.errors import Conflict, Forbidden, Invalid
from chalicelib.domain.ids import PayoutId
from chalicelib.domain.money import Money
from chalicelib.domain.person import named


class OnePerson(Forbidden):
    code = "same_person"
    how_to_fix = "another member of staff approves"

    def __init__(self, person: str) -> None:
        super().__init__(f"{person} proposed it, and cannot approve it")
        self.person = person


class NotHeld(Conflict):
    code = "not_held"

    def __init__(self, subject: str) -> None:
        super().__init__(f"nobody holds {subject}")
        self.subject = subject


class PayoutUnderway(Conflict):
    code = "payout_underway"
    how_to_fix = "only what no rail has heard of yet can be held"

    def __init__(self, payout_id: str, stage: str) -> None:
        super().__init__(f"{payout_id} is {stage}")
        self.payout_id, self.stage = payout_id, stage


class NoApprovalAsked(Conflict):
    code = "no_approval_asked"

    def __init__(self, payout_id: str, stage: str) -> None:
        super().__init__(f"{payout_id} is {stage} and waits for nobody's approval")
        self.payout_id, self.stage = payout_id, stage


@dataclass(frozen=True, slots=True)
class Said:
    """One person's word: `what` is hold, release, propose, approve, refuse, set."""

    what: str
    person: str
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class StaffHold:
    """A party or a payout that people hold, and everything that was ever said of it."""

    subject: str
    held: bool
    said: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class Approval:
    """Of exactly this sum. `proposed_by` is "" until somebody proposes it."""

    payout_id: PayoutId
    money: Money
    proposed_by: str = ""
    approved_by: str = ""
    said: tuple[Said, ...] = ()


@dataclass(frozen=True, slots=True)
class PayoutLimit:
    """A payout above `money` needs two people; `wanted` is a higher limit that one has proposed."""

    money: Money
    said: tuple[Said, ...]
    wanted: Money | None = None
    wanted_by: str = ""


def said(what: str, person: str, reason: str, at: datetime) -> Said:
    """A person's word. Raises Invalid without a name or a reason."""
    name, words = named(person), " ".join(reason.split())
    if not words:
        raise Invalid("reason", "is missing", "say why: it is recorded")
    return Said(what, name, at, words)
