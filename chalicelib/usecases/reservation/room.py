"""May this token reserve here? What a start needs is needed to keep a charger from others, too.

Nothing is held for a reservation, so the open ones of a token are counted. Each leaves a row in
its token's partition before it is decided: of two asked at once each sees the other.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from chalicelib.domain.codec import from_plain
from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.network.location import Location
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.reservation import OPEN_MAX, OVER, CpoOffline, Reservation, TooMany
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Delete, Item, Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.connection.client_info import reachable
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.party.read import check_not_blocked
from chalicelib.usecases.token.read import check_valid

_DECIDED_WITHIN = timedelta(minutes=1)  # a row without a reservation that is older came to nothing
_READ_MAX = 100


def check_may_reserve(
    ports: Ports, token: Token, location: Location, id_: str, until: datetime
) -> None:
    """Whether a reservation of this id may be asked for; it counts from now on.

    Raises Invalid, Forbidden, NoAgreement, LocationUnknown, CpoOffline, TooMany.
    """
    check_valid(token)
    check_not_blocked(ports, token.partner_id)
    agreement_in_force(ports, token.partner_id, location.cpo_id, ports.clock.now().date())
    if not location.publish:
        raise LocationUnknown(public_id(location))
    owner = f"{location.country_code}*{location.party_id}"
    if not reachable(ports, connection_of(ports, location.peer_id), owner):
        raise CpoOffline(owner)
    _count(ports, token, id_, until)


def _count(ports: Ports, token: Token, id_: str, until: datetime) -> None:
    """Raises TooMany, and then leaves no row. Rows of what is over are removed on the way."""
    row = keys.reserving(token.id, id_)
    gone = int((until + timedelta(days=1)).timestamp())
    body = {"at": ports.clock.now().isoformat()}
    ports.store.write(Put(row, body, expects=None, expires_at=gone))
    others = [one for one in ports.store.query(row.pk, limit=_READ_MAX) if one.key != row]
    wanted = [keys.reservation(one.key.sk) for one in others]
    known = ports.store.get_many(wanted) if wanted else {}
    over = [one for one in others if not _open(one, known, ports.clock.now())]
    for one in over:
        ports.store.write(Delete(one.key))
    if len(others) - len(over) >= OPEN_MAX:
        ports.store.write(Delete(row))
        raise TooMany(token.id)


def _open(row: Item, known: Mapping[Key, Item], now: datetime) -> bool:
    item = known.get(keys.reservation(row.key.sk))
    if item is None:
        return now - datetime.fromisoformat(str(row.body["at"])) < _DECIDED_WITHIN
    reservation = from_plain(Reservation, item.body)
    return reservation.state not in OVER and reservation.until > now
