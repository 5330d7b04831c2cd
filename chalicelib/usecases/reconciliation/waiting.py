"""Which sessions, payouts and top-ups have something that waits to be posted now?"""

from collections.abc import Callable, Iterator
from datetime import timedelta

from chalicelib.domain.ids import PartyId
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.payment.top_up import TopUp
from chalicelib.domain.reconciliation.pending import Pending, pending
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import parties
from chalicelib.usecases.reconciliation.outside import all_payouts
from chalicelib.usecases.records import find
from chalicelib.usecases.window.register import read_sessions
from chalicelib.usecases.window.sealed import rows

_OLDEST = timedelta(days=31)  # no hold, reservation or capture is open for so long


def pending_now(ports: Ports) -> tuple[Pending, ...]:
    """By the partners' lists of their sessions and top-ups, of this month and the last, and by the
    payouts.
    """
    sessions = sorted(set(_recent(ports, keys.partner_sessions)))
    ids = sorted(set(_recent(ports, keys.partner_top_ups)))
    found = (find(ports.store, keys.top_up(id_), TopUp) for id_ in ids)
    top_ups = [record.value for record in found if record is not None]
    return pending(read_sessions(ports, sessions), all_payouts(ports), top_ups)


def _recent(ports: Ports, listed: Callable[[PartyId, str], str]) -> Iterator[str]:
    now = ports.clock.now()
    months = {f"{at:%Y%m}" for at in (now - _OLDEST, now)}
    partners = [party.id for party in parties(ports) if party.kind is PartyKind.PARTNER]
    for partner in partners:
        for month in sorted(months):
            for row in rows(ports, listed(partner, month)):
                yield row.key.sk.rpartition("#")[2]
