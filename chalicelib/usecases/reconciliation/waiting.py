"""Which sessions and payouts have something that waits to be posted now?"""

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.reconciliation.pending import Pending, pending
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import parties
from chalicelib.usecases.reconciliation.outside import all_payouts
from chalicelib.usecases.window.register import read_sessions
from chalicelib.usecases.window.sealed import rows

_OLDEST = timedelta(days=31)  # no hold, reservation or capture is open for so long


def pending_now(ports: Ports) -> tuple[Pending, ...]:
    """By the partners' lists of their sessions, of this month and the last, and by the payouts."""
    ids = sorted(set(_recent(ports)))
    return pending(read_sessions(ports, ids), all_payouts(ports))


def _recent(ports: Ports) -> Iterator[str]:
    now = ports.clock.now()
    months = {f"{at:%Y%m}" for at in (now - _OLDEST, now)}
    partners = [party.id for party in parties(ports) if party.kind is PartyKind.PARTNER]
    for partner in partners:
        for month in sorted(months):
            for row in rows(ports, keys.partner_sessions(partner, month)):
                yield row.key.sk.rpartition("#")[2]
