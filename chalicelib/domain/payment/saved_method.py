"""How does a means of payment come to be saved, for use while nobody is there?

state   | event    | becomes
asked   | offered  | offered: the driver fills in the provider's own form, with its `secret`
offered | saved    | saved: the token's payment source is the saved method; a partner's own has no
        |          | token, and pays for its top-ups
asked, offered | refused | failed
saved   | detached | detached: the provider forgets it, and the token has none
"""

from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import TokenId
from chalicelib.domain.payment.waiting import Waiting


class MethodState(StrEnum):
    ASKED = "asked"
    OFFERED = "offered"
    SAVED = "saved"
    FAILED = "failed"
    DETACHED = "detached"


class MethodEvent(StrEnum):
    OFFERED = "offered"
    SAVED = "saved"
    REFUSED = "refused"
    DETACHED = "detached"


class MethodKind(StrEnum):
    CARD = "card"
    SEPA_DEBIT = "sepa_debit"


_S, _E = MethodState, MethodEvent
_STEPS: dict[tuple[MethodState, MethodEvent], MethodState] = {
    (_S.ASKED, _E.OFFERED): _S.OFFERED,
    (_S.ASKED, _E.SAVED): _S.SAVED,
    (_S.ASKED, _E.REFUSED): _S.FAILED,
    (_S.OFFERED, _E.SAVED): _S.SAVED,
    (_S.OFFERED, _E.REFUSED): _S.FAILED,
    (_S.SAVED, _E.DETACHED): _S.DETACHED,
}


class IllegalMethodTransition(Conflict):
    code = "illegal_method_transition"

    def __init__(self, state: str, event: str) -> None:
        super().__init__(f"a payment method that is {state} cannot be {event}")
        self.state, self.event = state, event


@dataclass(frozen=True, slots=True, kw_only=True)
class SavedMethod(Waiting):
    token_id: TokenId  # "": the partner's own
    kind: MethodKind
    state: MethodState
    asked_at: datetime
    customer: str = ""
    reference: str = ""  # the provider's `seti_…`
    source: str = ""  # `cus_…/pm_…`, a direct debit's with `sepa:` before it
    reason: str = ""


def advance(method: SavedMethod, event: MethodEvent) -> SavedMethod:
    state = _STEPS.get((method.state, event))
    if state is None:
        raise IllegalMethodTransition(method.state.value, event.value)
    return replace(method, state=state)
