"""How much did a partner's drivers charge in a month? Counted once, from the sessions themselves.

Nothing is written while sessions are billed. The count is one conditional put after a scan: killed
before it, the next try counts anew; after it, the recorded count stands.
"""

from decimal import Decimal

from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import PartyId
from chalicelib.domain.party.party import PartyKind
from chalicelib.domain.revenue.volume import MonthVolume, VolumeNotYet, month_before, ready_at
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.records import create, find
from chalicelib.usecases.session.read import page

_READ_BACK = 6  # months; a session is billed within days of its request
_PAGE = 100


def counted(ports: Ports, partner_id: PartyId) -> tuple[MonthVolume, ...]:
    """The partner's last counted months."""
    rows = ports.store.query(keys.volumes(partner_id), limit=_READ_BACK, descending=True)
    return tuple(from_plain(MonthVolume, row.body) for row in rows)


def count_volume(ports: Ports, partner_id: PartyId, month: str) -> MonthVolume:
    """Count a month that is over; counted before, it stays what it was. Raises VolumeNotYet."""
    ready = ready_at(month)
    at = ports.clock.now()
    if at < ready:
        raise VolumeNotYet(month, ready)
    key = keys.volume(partner_id, month)
    known = find(ports.store, key, MonthVolume)
    if known is not None:
        return known.value
    energy, sessions = _billed(ports, partner_id, month)
    made = MonthVolume(partner_id, month, energy, sessions, at)
    try:
        ports.store.write(create(key, made))
    except WriteConflict:
        faster = find(ports.store, key, MonthVolume)
        if faster is None:
            raise
        return faster.value
    return made


def count_volumes(ports: Ports) -> list[MonthVolume]:
    """The month before, of every partner whose terms have tiers: what the daily schedule does."""
    month = month_before(ports.clock.now())
    return [
        count_volume(ports, partner_id, month)
        for partner_id in _partners(ports)
        if any(agreement.tiered for agreement in agreements_of(ports, partner_id))
    ]


def _billed(ports: Ports, partner_id: PartyId, month: str) -> tuple[Decimal, int]:
    energy, sessions, cursor = Decimal(0), 0, ""
    while True:
        found, cursor = page(ports, partner_id, month, cursor, _PAGE)
        bills: list[Session] = [session for session in found if session.bill is not None]
        energy += sum((s.bill.energy_kwh for s in bills if s.bill is not None), Decimal(0))
        sessions += len(bills)
        if not cursor:
            return energy, sessions


def _partners(ports: Ports) -> list[PartyId]:
    rows, after = list[PartyId](), ""
    while True:
        found = ports.store.query(keys.parties(), after=after, limit=_PAGE)
        kind = PartyKind.PARTNER.value
        rows.extend(PartyId(r.key.sk) for r in found if r.body.get("kind") == kind)
        if len(found) < _PAGE:
            return rows
        after = found[-1].key.sk
