"""How does a peer get its first token (CREDENTIALS_TOKEN_A) and the address to come to?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import Key, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import token_hash
from chalicelib.usecases.party.read import check_partner
from chalicelib.usecases.records import create


@dataclass(frozen=True, slots=True)
class Invitation:
    """`token` is shown this once; only its hash is kept."""

    connection: Connection
    token: str
    versions_url: str


def invite(
    ports: Ports,
    cpo_id: PartyId,
    identities: Mapping[str, PartyId],
    *,
    raw_token: bool = False,
) -> Invitation:
    """Bind `CC*PID` identities to a new credential, and let its bearer register."""
    token = ports.ids.secret()
    return _invited(ports, _new(ports, cpo_id, identities, token, raw_token=raw_token), token)


def invite_emsp(
    ports: Ports, partner_id: PartyId, identities: Sequence[str], *, raw_token: bool = False
) -> Invitation:
    """As `invite`, for a partner whose eMSP speaks OCPI. Raises NotFound, Invalid."""
    check_partner(ports, partner_id)
    token = ports.ids.secret()
    bound = dict.fromkeys(identities, partner_id)
    made = _new(ports, PartyId(""), bound, token, raw_token=raw_token)
    return _invited(ports, replace(made, partner_id=partner_id), token)


def _invited(ports: Ports, connection: Connection, token: str) -> Invitation:
    ports.store.write(*creation(connection))
    return Invitation(connection, token, f"{ports.public_url}/ocpi/versions")


def _new(
    ports: Ports,
    cpo_id: PartyId,
    identities: Mapping[str, PartyId],
    token: str,
    *,
    raw_token: bool,
) -> Connection:
    return Connection(
        id=PeerId(ports.ids.new("peer")),
        state=ConnectionState.INVITED,
        cpo_id=cpo_id,
        identities=checked_identities(identities),
        token_hash=token_hash(token),
        raw_token=raw_token,
    )


def creation(connection: Connection) -> tuple[Write, ...]:
    """The writes of a connection that is not there yet: itself, its token, its row in the list."""
    return (
        create(keys.peer(connection.id), connection),
        Put(keys.ocpi_token(connection.token_hash), {"peer_id": connection.id}),
        Put(Key(keys.peers(), connection.id), {}),
    )


def checked_identities(identities: Mapping[str, PartyId]) -> dict[str, PartyId]:
    """Identities as `CC*PID` in capitals. Raises Invalid."""
    found: dict[str, PartyId] = {}
    for identity, party in identities.items():
        country, _, party_id = identity.upper().partition("*")
        if len(country) != len("CC") or not 0 < len(party_id) <= len("PID"):
            reason = f"{identity!r} is not a country code, a star and a party id"
            raise Invalid("identities", reason, "write e.g. DE*ABC")
        found[f"{country}*{party_id}"] = party
    if not found:
        raise Invalid("identities", "a connection speaks for at least one party")
    return found
