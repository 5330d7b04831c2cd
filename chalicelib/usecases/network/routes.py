"""By which connection is an EVSE reached, where several lead to it?

A CPO may be connected itself and through a hub: both publish its location under its own identity.
A connection that answers goes before one that has been silent; then the lower price for this plan
counts, since each connection may have its own tariff; then how reliably it answers, how seldom its
CDRs ask for more than that, how much of its news it pushes, how right its clock is, how soon its
CDRs come, and how fast it is.
"""

from collections.abc import Sequence

from chalicelib.domain.codec import from_plain
from chalicelib.domain.connection.health import PeerHealth
from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.location import Location
from chalicelib.domain.network.plug import MapRow
from chalicelib.domain.network.rank import Ranked
from chalicelib.domain.session.quote import Quote
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.connection.health import healths
from chalicelib.usecases.connection.read import connections
from chalicelib.usecases.network.recent import recent


def ways_to(ports: Ports, location: Location) -> list[Location]:
    """The location as each connection publishes it that is there now; the given one goes first.

    Costs no read where one connection speaks for its party, but once a minute and process.
    """
    party = f"{location.country_code}*{location.party_id}".upper()
    peers = _speaking_for(ports, party)
    others = [peer_id for peer_id in peers if peer_id != location.peer_id]
    if not others:
        return [location]
    wanted = [
        keys.location(peer_id, location.country_code, location.party_id, location.id)
        for peer_id in others
    ]
    found = ports.store.get_many(wanted)
    same = [from_plain(Location, found[key].body) for key in wanted if key in found]
    same = [one for one in same if one.cpo_id == location.cpo_id]
    own = [location] if location.peer_id in peers or not same else []
    return [*own, *same]


def preferred(ports: Ports, quotes: Sequence[Quote]) -> Quote:
    """Of quotes for one plan by several connections the one that is made; the first, if equal."""
    first = quotes[0]
    if len(quotes) == 1:
        return first
    found = healths(ports, [quote.peer_id for quote in quotes])

    def rank(quote: Quote) -> tuple[bool, bool, int, tuple[int, ...]]:
        health, price = found[quote.peer_id], quote.expected
        foreign = price.currency != first.expected.currency  # no comparison: rather as asked for
        return not health.reachable, foreign, price.minor, _worse(health)

    return min(quotes, key=rank)


def by_one_way(ports: Ports, found: Sequence[Ranked]) -> list[Ranked]:
    """Of the map's rows each site once, by the connection that would be taken to it."""
    sites: dict[tuple[str, str, str], list[Ranked]] = {}
    for one in found:
        sites.setdefault(_site(one.row), []).append(one)
    several = {one.row.peer_id for ways in sites.values() if len(ways) > 1 for one in ways}
    if not several:
        return list(found)
    known = sorted(several)
    health = recent(ports, ("healths", tuple(known)), lambda: healths(ports, known))

    def rank(way: Ranked) -> tuple[bool, bool, bool, int, tuple[int, ...], str]:
        row, cents = way.row, way.cents
        party = "*".join(row.owner).upper()
        there = _speaking_for(ports, party)
        at = health[row.peer_id]
        gone = row.peer_id not in there
        return gone, not at.reachable, cents is None, cents or 0, _worse(at), row.peer_id

    return [min(ways, key=rank) for ways in sites.values()]


def _site(row: MapRow) -> tuple[str, str, str]:
    """Whose site it is, under which identity and id: the same by whatever connection."""
    party = "*".join(row.owner)
    return row.cpo_id, party, row.pk.removeprefix(keys.location(row.peer_id, *row.owner, "").pk)


def _worse(health: PeerHealth) -> tuple[int, ...]:
    return (
        -health.answered_permille,
        health.disputed_permille,
        -health.pushed_permille,
        health.clock_off_s,
        health.cdr_delay_h,
        health.latency_ms,
    )


def _speaking_for(ports: Ports, party: str) -> list[PeerId]:
    """As of a minute ago: one list for all parties."""
    return recent(ports, "who speaks for whom", lambda: _speakers(ports)).get(party, [])


def _speakers(ports: Ports) -> dict[str, list[PeerId]]:
    found: dict[str, list[PeerId]] = {}
    for one in connections(ports):
        for party in one.identities:
            found.setdefault(party, []).append(one.id)
    return found
