"""Is there enough of the channel's money on the rail for this payout?"""

from dataclasses import replace

from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.payout import PayoutEvent, PayoutStage, advance
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.counterparty.record import fenced, may_wait, saved
from chalicelib.usecases.window.lease import Outcome

UNFUNDED = "unfunded"


def fund(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`funded`, `wait` for money while there is time, else `hold`.

    A look, not a reservation: two payouts may see the same money. The transfer itself decides.
    """
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if payout.stage is not PayoutStage.DOCUMENTED:
        return {"outcome": "funded"}
    assert payout.money is not None, "funding comes after the conversion"
    if ports.payouts.balance(payout.money.currency) >= payout.money:
        funded = replace(advance(payout, PayoutEvent.FUND), polls=0)
        saved(ports, record, funded, "fund", attempt)
        return {"outcome": "funded"}
    if may_wait(payout, ports.clock.now()):
        saved(ports, record, replace(payout, polls=payout.polls + 1), "fund", attempt)
        return {"outcome": "wait"}
    return {"outcome": "hold", "reason": UNFUNDED}
