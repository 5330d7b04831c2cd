"""Where may a partner's drivers charge? The CPOs' locations as an eMSP is told of them."""

from collections.abc import Sequence
from datetime import datetime

from chalicelib.domain.codec import from_plain
from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.hub.offered import ID_MAX, Offered
from chalicelib.domain.hub.refusals import LocationAmbiguous
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.location import Location
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Item, Key
from chalicelib.usecases import keys
from chalicelib.usecases.hub.reach import Way, ways
from chalicelib.usecases.network.listed import changed_at, hour_of, rows, was_shown
from chalicelib.usecases.tariff.addressed import Addressed, addressed_by, offered_ids

_TOGETHER = 100


def page(
    ports: Ports,
    partner_id: PartyId,
    to: str,
    span: tuple[datetime | None, datetime | None],
    part: tuple[int, int],
) -> tuple[list[Offered], int]:
    """`part` is (offset, limit); and how many there are. `span` is [from, to), by its CPO's
    `last_updated` or by when we heard of it.

    A location that several connections tell of is told once. Without a span, rows are counted and
    only the page is read; within one whatever changed in its hours is read.
    """
    since, until = span
    offset, limit = part
    wanted = _wanted(ports, ways(ports, partner_id, to), since)
    if since is None and until is None:
        return _offered(ports, partner_id, _read(ports, wanted[offset : offset + limit])), len(
            wanted
        )
    items = _read(ports, wanted)
    inside = [item for item in items if any(within(at, *span) for at in changed_at(item.body))]
    return _offered(ports, partner_id, inside[offset : offset + limit]), len(inside)


def offered_location(
    ports: Ports, partner_id: PartyId, to: str, location_id: str, by_peer: PeerId | None = None
) -> Offered:
    """The location of an id, which is its CPO's; with `by_peer` as that connection tells of it.

    Raises LocationUnknown, LocationAmbiguous.
    """
    wanted = {
        keys.location(way.peer_id, *way.owner, location_id): way.identity
        for way in ways(ports, partner_id, to)
        if by_peer in {None, way.peer_id}
    }
    found = _read(ports, list(wanted))
    owners = {wanted[item.key] for item in found}
    if not found:
        raise LocationUnknown(location_id)
    if len(owners) > 1:
        raise LocationAmbiguous(location_id)
    return _offered(ports, partner_id, found[:1])[0]


def _wanted(ports: Ports, reached: Sequence[Way], since: datetime | None) -> list[Key]:
    found: dict[tuple[str, str], Key] = {}
    for way in reached:
        for row in rows(ports, way.peer_id, way.identity):
            late = since is None or row.hour >= hour_of(since)
            if row.shown and late and len(row.id) <= ID_MAX:
                key = keys.location(way.peer_id, *way.owner, row.id)
                found.setdefault((row.identity, row.id), key)
    return list(found.values())


def _read(ports: Ports, wanted: Sequence[Key]) -> list[Item]:
    found: list[Item] = []
    for start in range(0, len(wanted), _TOGETHER):
        part = wanted[start : start + _TOGETHER]
        items = ports.store.get_many(part)
        found.extend(items[key] for key in part if key in items)
    return found


def within(at: datetime, since: datetime | None, until: datetime | None) -> bool:
    """Whether an instant lies in [since, until)."""
    return (since is None or since <= at) and (until is None or at < until)


def _offered(ports: Ports, partner_id: PartyId, items: Sequence[Item]) -> list[Offered]:
    known: dict[tuple[str, str, str], list[Addressed]] = {}
    found = []
    for item in items:
        location = from_plain(Location, item.body)
        owner = location.country_code, location.party_id
        name = (location.peer_id, *owner)
        if name not in known:
            known[name] = addressed_by(ports, location.peer_id, owner)
        ids = {
            (evse.uid.lower(), plug.id.lower()): tuple(
                offered_ids(partner_id, plug.tariff_ids, known[name])
            )
            for evse in location.evses
            for plug in evse.connectors
        }
        found.append(Offered(location, str(item.body["raw"]), ids, shown=was_shown(item)))
    return found
