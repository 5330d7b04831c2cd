"""Which of a connector's tariffs is a partner offered? One that the CPO addressed to it goes first.

A CPO publishes a negotiated tariff as any other, by OCPI, and says for whom it is and which public
one it stands for. From then on nobody else is quoted it, even where a connector lists it. The quote
pins its version, so what is billed and enforced follows from there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import Conflict, Invalid, NotFound
from chalicelib.domain.ids import PartyId, PeerId, TariffHash
from chalicelib.domain.network.location import Connector, Location
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Item, Key, Put, WriteConflict
from chalicelib.usecases import keys
from chalicelib.usecases.party.read import check_partner
from chalicelib.usecases.tariff.read import TariffUnknown, in_force

Owner = tuple[str, str]  # country code, party id
ADDRESSED_MAX = 1000  # of one CPO: 200 KB, of the 400 that an item may have
_TARIFFS = "tariffs"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Addressed:
    """`tariff_id` is for `partner_id` alone, where a connector has the tariff `instead_of`."""

    tariff_id: str
    partner_id: PartyId
    instead_of: str
    said_by: str
    said_at: datetime


class AlreadyAddressed(Conflict):
    code = "tariff_already_addressed"
    how_to_fix = "let the CPO publish another tariff for the other partner"

    def __init__(self, tariff_id: str, partner_id: PartyId) -> None:
        super().__init__(f"tariff {tariff_id} is for {partner_id}")
        self.tariff_id, self.partner_id = tariff_id, partner_id


class TooManyAddressed(Conflict):
    code = "too_many_tariffs_addressed"
    how_to_fix = "let the CPO address one tariff to a partner, and change its content"

    def __init__(self, most: int) -> None:
        super().__init__(f"this CPO has addressed {most} tariffs, and no more are kept")


def address_tariff(
    ports: Ports,
    peer_id: PeerId,
    owner: Owner,
    tariff_id: str,
    partner_id: PartyId,
    instead_of: str,
    person: str,
) -> Addressed:
    """Keep a published tariff for one partner.

    Raises NotFound, Invalid, AlreadyAddressed, TooManyAddressed.
    """
    check_partner(ports, partner_id)
    if instead_of.lower() == tariff_id.lower():
        raise Invalid("instead_of", "is the tariff itself", "name the public tariff")
    for name in (tariff_id, instead_of):
        if not ports.store.query(keys.tariff_versions(peer_id, *owner, name), limit=1):
            raise NotFound("tariff", name, "tariff_id")
    said = Addressed(tariff_id, partner_id, instead_of, person, ports.clock.now())
    for _ in range(_TRIES - 1):
        try:
            return _address(ports, _key(peer_id, owner), said)
        except WriteConflict:
            continue
    return _address(ports, _key(peer_id, owner), said)


def _address(ports: Ports, key: Key, said: Addressed) -> Addressed:
    """All that a CPO addressed is one item: a search reads those of many CPOs at once."""
    item = ports.store.get(key)
    listed = _listed(item)
    for known in listed:
        if known.tariff_id.lower() == said.tariff_id.lower():
            if (known.partner_id, known.instead_of) != (said.partner_id, said.instead_of):
                raise AlreadyAddressed(said.tariff_id, known.partner_id)
            return known
    if len(listed) >= ADDRESSED_MAX:
        raise TooManyAddressed(ADDRESSED_MAX)
    by_name = sorted((*listed, said), key=lambda one: one.tariff_id.lower())
    body = {_TARIFFS: [to_plain(one) for one in by_name]}
    ports.store.write(Put(key, body, expects=ABSENT if item is None else item.version))
    return said


def offered_tariff(
    ports: Ports, partner_id: PartyId, location: Location, connector: Connector, at: datetime
) -> tuple[TariffHash, Tariff]:
    """The partner's own tariff there, else the first public one in force. Raises TariffUnknown."""
    owner = (location.country_code, location.party_id)
    addressed = addressed_by(ports, location.peer_id, owner)
    for tariff_id in offered_ids(partner_id, connector.tariff_ids, addressed):
        try:
            return in_force(ports, location.peer_id, owner, tariff_id, at)
        except TariffUnknown:
            continue
    raise TariffUnknown(", ".join(connector.tariff_ids))


def addressed_by_each(
    ports: Ports, places: Sequence[tuple[PeerId, Owner]]
) -> dict[tuple[PeerId, Owner], list[Addressed]]:
    """As `addressed_by`, for many in one round trip."""
    items = ports.store.get_many([_key(*place) for place in places])
    return {place: _listed(items.get(_key(*place))) for place in places}


def addressed_by(ports: Ports, peer_id: PeerId, owner: Owner) -> list[Addressed]:
    """A CPO's tariffs that are for one partner each, by their names."""
    return _listed(ports.store.get(_key(peer_id, owner)))


def _listed(item: Item | None) -> list[Addressed]:
    return [] if item is None else [from_plain(Addressed, one) for one in item.body[_TARIFFS]]


def offered_ids(
    partner_id: PartyId, listed: tuple[str, ...], addressed: list[Addressed]
) -> Iterator[str]:
    """Of the tariffs that a connector lists: the partner's own instead, then what is public.

    OCPI's ids are case-insensitive; what is listed is asked for as it is written.
    """
    names = {name.lower() for name in listed}
    own = [one for one in addressed if one.partner_id == partner_id]
    yield from (one.tariff_id for one in own if one.instead_of.lower() in names)
    kept = {one.tariff_id.lower() for one in addressed if one.partner_id != partner_id}
    yield from (name for name in listed if name.lower() not in kept)


def _key(peer_id: PeerId, owner: Owner) -> Key:
    return keys.tariffs_addressed(peer_id, *owner)
