"""Has the rail really recorded the payout? Asked once more, in the rail's own words."""

from chalicelib.domain.ids import WindowId
from chalicelib.domain.settlement.payout import PAID, PayoutStage
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.counterparty.record import fenced
from chalicelib.usecases.payout.accept import accepted
from chalicelib.usecases.payout.rail import rail
from chalicelib.usecases.window.lease import Outcome


def confirm(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`confirmed` (accepted or credited), `returned`, or `held`.

    The machine does not wait for the credit, which takes bank days: the rail's webhooks, the bank's
    files and the sweep of accepted payouts (payout/sweep.py) record it.
    """
    record = fenced(ports, window, attempt, payout_id)
    if record.value.stage in PAID:
        account = record.value.account
        said = rail(ports, account).read_payout(record.value.reference, account)
        record = accepted(ports, record, said, attempt)
    if record.value.stage in PAID:
        return {"outcome": "confirmed"}
    returned = record.value.stage is PayoutStage.RETURNED
    return {"outcome": "returned" if returned else "held"}
