"""Who is a party? Read by id; the channel itself by its fixed one."""

from chalicelib.domain.codec import from_plain
from chalicelib.domain.errors import Forbidden, Invalid, NotFound
from chalicelib.domain.ids import CHANNEL, PartyId
from chalicelib.domain.party.party import Kyc, Party, PartyKind
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.records import load

_PAGE = 100


def party(ports: Ports, party_id: PartyId) -> Party:
    """The party as registered now, or NotFound."""
    return load(ports.store, keys.party(party_id), Party, "party").value


def parties_by_id(ports: Ports, *ids: PartyId) -> tuple[Party, ...]:
    """As `party`, many in one round trip."""
    found = ports.store.get_many([keys.party(id_) for id_ in ids])
    missing = [id_ for id_ in ids if keys.party(id_) not in found]
    if missing:
        raise NotFound("party", missing[0], "party_id")
    return tuple(from_plain(Party, found[keys.party(id_)].body) for id_ in ids)


def check_partner(ports: Ports, party_id: PartyId) -> None:
    """Raises NotFound, or Invalid for a CPO and the channel."""
    if party(ports, party_id).kind is not PartyKind.PARTNER:
        raise Invalid("partner_id", f"{party_id} is not a demand partner")


def check_not_blocked(ports: Ports, party_id: PartyId) -> None:
    """Raises Forbidden for a partner that compliance has blocked."""
    if party(ports, party_id).kyc is Kyc.BLOCKED:
        raise Forbidden("this partner is blocked: ask the channel's staff")


def channel(ports: Ports) -> Party:
    """The channel's own record; it is the first that is registered."""
    return party(ports, CHANNEL)


def parties(ports: Ports) -> list[Party]:
    """Every party, in order of their ids."""
    ids: list[PartyId] = []
    after = ""
    while True:
        rows = ports.store.query(keys.parties(), after=after, limit=_PAGE)
        ids.extend(PartyId(row.key.sk) for row in rows)
        if len(rows) < _PAGE:
            return list(parties_by_id(ports, *ids))
        after = rows[-1].key.sk
