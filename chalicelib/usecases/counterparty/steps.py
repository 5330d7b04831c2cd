"""Which function is which step of a counterparty's settlement? Outcomes are data."""

from collections.abc import Callable, Mapping
from typing import Any

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PayoutId, WindowId
from chalicelib.domain.settlement.payout import Payout
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.confirm import confirm
from chalicelib.usecases.counterparty.convert import convert
from chalicelib.usecases.counterparty.document import document
from chalicelib.usecases.counterparty.fund import fund
from chalicelib.usecases.counterparty.hold import hold
from chalicelib.usecases.counterparty.pay import pay
from chalicelib.usecases.counterparty.screen import screen
from chalicelib.usecases.records import find
from chalicelib.usecases.window.lease import Outcome, Superseded
from chalicelib.usecases.window.net import page_of

_Step = Callable[[Ports, WindowId, int, str], Outcome]
STEPS: Mapping[str, _Step] = {
    "screen": screen,
    "convert": convert,
    "document": document,
    "fund": fund,
    "pay": pay,
    "confirm": confirm,
}


def counterparty_step(ports: Ports, event: Mapping[str, Any]) -> Outcome:
    """Run `{"step", "window", "attempt", "payout"}`; `list` takes `page`, `hold` a `reason`."""
    window, attempt = WindowId(str(event["window"])), int(event["attempt"])
    try:
        if event.get("step") == "list":
            return page_of(ports, window, attempt, int(event["page"]))
        if event.get("step") == "hold":
            reason = str(event.get("reason", ""))
            return hold(ports, window, attempt, str(event["payout"]), reason)
        step = STEPS.get(str(event.get("step")))
        if step is None:
            raise Invalid("step", f"{event.get('step')!r} is no step of a counterparty")
        return step(ports, window, attempt, str(event["payout"]))
    except Superseded:
        return {"outcome": "superseded", "pages": [], "payouts": []}


def payee_of(ports: Ports, payout_id: str) -> str:
    """Whom a payout is for, by which the log of its steps is found; "" when there is none."""
    known = find(ports.store, keys.payout(PayoutId(payout_id)), Payout)
    return "" if known is None else known.value.party_id
