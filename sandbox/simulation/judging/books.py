"""Is what was billed what everybody is owed, and does nobody who owes us get what we could keep?

The identity is reckoned as reconciliation does it; under which agreement an entry is owed is asked
of its session, which a chargeback's is by the provider's own record, not of the entry.
"""

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.reconciliation.identity import (
    billed_by,
    identities,
    identity_differences,
)
from chalicelib.domain.session.redress import sold
from chalicelib.domain.settlement.debt import Debt, DebtStage, Part
from chalicelib.domain.settlement.netting import CHARGEBACK_OWNER, session_of
from chalicelib.domain.settlement.payout import Payout
from chalicelib.domain.settlement.run import Stage
from chalicelib.domain.settlement.window import zone_of
from chalicelib.usecases.window.net import all_lines
from sandbox.simulation.endings import runs
from sandbox.simulation.judging.found import Found, Lines

_UNSEALED = "no window"


def billed_is_owed(found: Found) -> Lines:
    """Per window and currency; what no window has sealed is one group, too."""
    window_of = {id_: window for window, ids in found.sealed.items() for id_ in ids}
    groups: dict[str, list[Entry]] = {}
    for entry in found.entries:
        groups.setdefault(window_of.get(entry.id, _UNSEALED), []).append(entry)
    for scope, entries in groups.items():
        differ = identities(entries, billed_by(sold(entries, found.sessions)))
        for difference in identity_differences(differ, scope):
            yield f"{difference.subject}: {difference.detail}"


def debts_are_set_off(found: Found) -> Lines:
    """No agreement is owed by a payee that was netted a payout under it since."""
    table = found.history.table
    items = (item for pk in table.partitions("debt#") for item in table.query(pk))
    debts = [debt for item in items if (debt := from_plain(Debt, item.body)).parts]
    if not any(debt.stage is DebtStage.OPEN for debt in debts):
        return
    netted = {
        run.id: datetime.fromisoformat(run.stage_times[Stage.NETTED.value])
        for run in runs(found.history)
        if run.reached(Stage.NETTED)
    }
    for debt in debts:
        for payout in found.payouts.values():
            if debt.stage is DebtStage.OPEN and _is_later(netted, debt, payout):
                yield from _beside(found, debt, payout)


def _is_later(netted: dict[WindowId, datetime], debt: Debt, payout: Payout) -> bool:
    same = (payout.party_id, payout.kind) == (debt.party_id, debt.kind)
    here = zone_of(payout.window) == zone_of(debt.window)
    return same and here and netted[payout.window] > netted[debt.window]


def _beside(found: Found, debt: Debt, payout: Payout) -> Lines:
    for owed in debt.parts:
        under = set(_agreements(found, debt, owed))
        for part in payout.parts:
            if part.agreement in under and part.money.currency == owed.money.currency:
                yield f"{payout.id} pays {part.money} of {part.agreement} beside {debt.id}, {owed}"


def _agreements(found: Found, debt: Debt, owed: Part) -> Iterator[str]:
    """Under which agreements a debt arose, by the sessions of the entries that made it."""
    entries = {entry.id: entry for entry in found.entries}
    disputes = found.history.payments.disputes()
    for line in all_lines(found.history.ports, found.payouts[debt.payout]):
        if (line.agreement, line.currency) == (owed.agreement, owed.money.currency):
            entry = entries[line.entry_id]
            about = session_of(entry)
            if entry.owner.startswith(CHARGEBACK_OWNER):
                about = disputes[entry.owner.removeprefix(CHARGEBACK_OWNER)].owner
            yield found.sessions[about].agreement_id
