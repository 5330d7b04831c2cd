"""A partner tops its balance up by card or direct debit, and may have unused money back.

state     | event         | becomes
asked     | collected     | paid
asked     | bank_asks     | action
asked     | accepted      | pending (a direct debit: days)
asked, action, pending | refused | failed
action, pending, failed | collected | paid: given up, and taken after all

Money goes back to the source that it came from, at most what came and what is unused, and only
where the channel sells in its own name: otherwise it would be somebody else's money to give.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ledger.converted import Converted
from chalicelib.domain.money import Money, total
from chalicelib.domain.payment.waiting import Waiting


class TopUpState(StrEnum):
    ASKED = "asked"
    ACTION = "action_required"
    PENDING = "pending"
    PAID = "paid"
    FAILED = "failed"


class TopUpEvent(StrEnum):
    COLLECTED = "collected"
    BANK_ASKS = "bank_asks"
    ACCEPTED = "accepted"
    REFUSED = "refused"


_S, _E = TopUpState, TopUpEvent
_STEPS: dict[tuple[TopUpState, TopUpEvent], TopUpState] = {
    (_S.ASKED, _E.COLLECTED): _S.PAID,
    (_S.ASKED, _E.BANK_ASKS): _S.ACTION,
    (_S.ASKED, _E.ACCEPTED): _S.PENDING,
    (_S.ASKED, _E.REFUSED): _S.FAILED,
    (_S.ACTION, _E.COLLECTED): _S.PAID,
    (_S.ACTION, _E.ACCEPTED): _S.PENDING,
    (_S.ACTION, _E.REFUSED): _S.FAILED,
    (_S.PENDING, _E.COLLECTED): _S.PAID,
    (_S.PENDING, _E.REFUSED): _S.FAILED,
    (_S.FAILED, _E.COLLECTED): _S.PAID,
}
OPEN = frozenset({_S.ASKED, _S.ACTION, _S.PENDING})


class IllegalTopUpTransition(Conflict):
    code = "illegal_top_up_transition"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a top-up that is {state} cannot be {event}")
        self.state, self.event = state, event


class TopUpDiffers(Conflict):
    code = "top_up_differs"

    def __init__(self, top_up_id: str) -> None:
        super().__init__(f"{top_up_id} was asked for with another amount or method")
        self.top_up_id = top_up_id


@dataclass(frozen=True, slots=True)
class GivenBack:
    """A refund to the source: what it reserves of the purse, and whether it is done.

    `asked` names the request, so that the same one again is the same refund.
    """

    number: int
    money: Money
    reservation: str
    done: bool = False
    reason: str = ""
    asked: str = ""

    @property
    def is_decided(self) -> bool:
        return self.done or bool(self.reason)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp(Waiting):
    money: Money
    method_id: str  # `mth_…`: the partner's own saved method
    source: str
    state: TopUpState
    asked_at: datetime
    return_url: str = ""
    reference: str = ""
    action_url: str = ""
    reason: str = ""
    refunds: tuple[GivenBack, ...] = ()
    taken_back: Money | None = None  # by the partner's bank
    came_back: tuple[str, ...] = ()  # refunds that its source did not take
    converted: Converted | None = None  # as it came in, where the provider has no such balance

    @property
    def nothing(self) -> Money:
        return Money.zero(self.money.currency)

    @property
    def left(self) -> Money:
        """What may still go back to this source."""
        gone = total((p.money for p in self.refunds if not p.reason), self.money.currency)
        return max(self.money - gone - (self.taken_back or self.nothing), self.nothing)


def advance(top_up: TopUp, event: TopUpEvent) -> TopUp:
    state = _STEPS.get((top_up.state, event))
    if state is None:
        raise IllegalTopUpTransition(top_up.state.value, event.value)
    return replace(top_up, state=state)
