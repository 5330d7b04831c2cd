"""Is there enough of the channel's money on the rail for this payout, and may it go?

Whole payouts only, in the window's order (usecases/window/net.py): CPOs before partners, the
largest first, what was held before of all. One that does not fit is passed over.
"""

from dataclasses import replace

from chalicelib.domain.compliance.screen import screen
from chalicelib.domain.ids import WindowId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Party
from chalicelib.domain.settlement.payout import Payout, PayoutEvent, PayoutStage, advance
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.counterparty.record import fenced, may_wait, saved
from chalicelib.usecases.payout.approve import APPROVAL, asked, needs_approval
from chalicelib.usecases.payout.block import ACCOUNT_BLOCKED, is_blocked
from chalicelib.usecases.payout.rail import books_of, rail
from chalicelib.usecases.payout.staff_hold import STAFF_HOLD, held_by_staff
from chalicelib.usecases.records import Record, load
from chalicelib.usecases.window.lease import Outcome, run_of
from chalicelib.usecases.window.net import nets_of, read_payouts

UNFUNDED = "unfunded"
ACCOUNT_CHANGED = "account_changed"  # since it was screened: the next window pays the new one
CURRENCY_CHANGED = "currency_changed"  # since it was converted: the next window converts it anew
_S = PayoutStage
_BEFORE = frozenset({_S.NETTED, _S.SCREENED, _S.CONVERTED, _S.DOCUMENTED, _S.APPROVED, _S.FUNDED})


def fund(ports: Ports, window: WindowId, attempt: int, payout_id: str) -> Outcome:
    """`funded`, `nothing_due`, `approval`, `wait` for money while there is time, else `hold`.

    A look, not a reservation: windows of two zones may see the same money. The transfer decides.
    """
    record = fenced(ports, window, attempt, payout_id)
    payout = record.value
    if payout.stage not in {PayoutStage.DOCUMENTED, PayoutStage.APPROVED}:
        return {"outcome": APPROVAL if payout.stage is PayoutStage.ASKED else "funded"}
    assert payout.money is not None, "funding comes after the conversion"
    if not payout.money.minor:
        return _nothing(ports, record, attempt)
    reason = not_clear(ports, payout)
    if reason:
        return {"outcome": "hold", "reason": reason}
    if needs_approval(ports, payout):
        asked(ports, record, attempt)
        return {"outcome": APPROVAL}
    return _funded(ports, record, payout.money, attempt)


def _funded(ports: Ports, record: Record[Payout], money: Money, attempt: int) -> Outcome:
    payout = record.value
    if _suffices(ports, payout, money):
        funded = replace(advance(payout, PayoutEvent.FUND), polls=0)
        saved(ports, record, funded, "fund", attempt)
        return {"outcome": "funded"}
    if may_wait(payout, ports.clock.now()):
        saved(ports, record, replace(payout, polls=payout.polls + 1), "fund", attempt)
        return {"outcome": "wait"}
    return {"outcome": "hold", "reason": UNFUNDED}


def _nothing(ports: Ports, record: Record[Payout], attempt: int) -> Outcome:
    """All was set off: who is owed nothing has all that it is owed."""
    at = ports.clock.now()
    done = advance(record.value, PayoutEvent.NOTHING)
    saved(ports, record, replace(done, accepted_at=at, credited_at=at), "nothing_due", attempt)
    return {"outcome": "nothing_due"}


def not_clear(ports: Ports, payout: Payout) -> str:
    """Hours or, after a kill, days lie between screening and money: is the payee still clear?"""
    party = load(ports.store, keys.party(payout.party_id), Party, "party").value
    if held_by_staff(ports, payout.id, payout.party_id):
        return STAFF_HOLD
    if party.payout_account != payout.account:
        return ACCOUNT_CHANGED
    if payout.money is not None and payout.money.currency != party.settlement_currency:
        return CURRENCY_CHANGED
    return ACCOUNT_BLOCKED if is_blocked(ports, payout.account) else screen(party)


def _suffices(ports: Ports, payout: Payout, money: Money) -> bool:
    """Whether the money reaches this payout, once those before it have theirs."""
    free = rail(ports, payout.account).balance(money.currency)
    nets = nets_of(ports, run_of(ports, payout.window).value)
    if free < money:
        return False
    if len(nets.due) == 1 and nets.due[0].currency == money.currency and free >= nets.due[0]:
        return True  # the ordinary day: enough for everybody
    before = nets.payouts[: nets.payouts.index(payout.id)]
    left = free.minor
    for other in read_payouts(ports, before):
        if other.stage in _BEFORE and _same_rail(other, payout):
            wanted = _in(other, money)
            left -= wanted if wanted <= left else 0
    return money.minor <= left


def _same_rail(other: Payout, payout: Payout) -> bool:
    """One that is not screened yet may come to this rail."""
    return not other.account or books_of(other.account) == books_of(payout.account)


def _in(payout: Payout, like: Money) -> int:
    """What a payout takes of a currency, as far as it is known yet."""
    sums = payout.due if payout.money is None else (payout.money,)
    return sum(money.minor for money in sums if money.currency == like.currency)
