"""May this payee be sent money today?"""

from dataclasses import replace

from chalicelib.domain.compliance.screen import screen as screened
from chalicelib.domain.ids import WindowId
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.payout import Payout, PayoutEvent, PayoutStage, advance
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import fenced, saved, settled
from chalicelib.usecases.payout.block import ACCOUNT_BLOCKED, is_blocked
from chalicelib.usecases.payout.rail import not_payable
from chalicelib.usecases.payout.staff_hold import STAFF_HOLD, held_by_staff
from chalicelib.usecases.records import find
from chalicelib.usecases.window.lease import Outcome


def screen(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`clear`, `hold` with the reason, or `done` when the payout needs nothing any more."""
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if settled(payout):
        return {"outcome": "done"}
    if payout.stage is not PayoutStage.NETTED:
        return {"outcome": "clear"}
    party = find(ports.store, keys.party(payout.party_id), Party)
    reason = _reason(ports, payout, None if party is None else party.value)
    if party is None or reason:
        return {"outcome": "hold", "reason": reason}
    account = party.value.payout_account
    clear = replace(advance(payout, PayoutEvent.CLEAR), account=account)
    saved(ports, record, clear, "screen", attempt)
    return {"outcome": "clear"}


def _reason(ports: Ports, payout: Payout, party: Party | None) -> str:
    """Our own records first; the rail is asked about nobody who would not be paid anyway."""
    reason = screened(party)
    if party is None or reason:
        return reason
    if held_by_staff(ports, payout.id, party.id):
        return STAFF_HOLD
    if is_blocked(ports, party.payout_account):
        return ACCOUNT_BLOCKED
    if not payout.due:  # nothing will be sent
        return ""
    return not_payable(ports, party.payout_account, party.settlement_currency)
