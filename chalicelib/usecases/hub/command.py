"""What does an eMSP's START_SESSION or STOP_SESSION do? What the partner's API does."""

from dataclasses import dataclass, replace

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import Invalid, NotFound
from chalicelib.domain.event.endpoint import check_url
from chalicelib.domain.hub.session import Begun
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import PartyId, TokenId
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.domain.session.session import Session
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.hub.attempt import UNDER_WAY
from chalicelib.usecases.hub.begin import Spot, begin, check_terms
from chalicelib.usecases.hub.locations import offered_location
from chalicelib.usecases.hub.tokens import accept_token, emsp_token
from chalicelib.usecases.hub.told import begun_by, with_begun
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again, replacing
from chalicelib.usecases.session.stop import stop
from chalicelib.usecases.token.issue import token_id_of


@dataclass(frozen=True, slots=True)
class Wanted:
    """A StartSession. `hash` is that of what names it: the same soon after is no second start."""

    token: EmspToken
    location_id: str
    evse_uid: str
    connector_id: str
    response_url: str
    reference: str
    hash: str
    correlation_id: str = ""


def start_for_emsp(ports: Ports, connection: Connection, to: str, wanted: Wanted) -> Session:
    """The session that a START_SESSION began, now or a moment ago. Raises any DomainError."""
    check_response_url(ports, wanted.response_url)
    partner_id = connection.partner
    place = offered_location(ports, partner_id, to, wanted.location_id).location
    spot = Spot(place, *_plug(place, wanted))
    check_terms(ports, partner_id, place)
    token_id = token_of(ports, connection, wanted.token)
    begun = Begun(
        connection.id,
        spot.identity,
        wanted.token.emsp,
        wanted.response_url,
        wanted.reference,
        correlation_id=wanted.correlation_id,
    )
    session = begin(ports, partner_id, spot, token_id, begun, wanted.hash)
    return again(lambda: _answered_at(ports, session.id, wanted.response_url))


def _answered_at(ports: Ports, session_id: str, url: str) -> Session:
    """Who repeats a start that is not answered yet listens where it says now."""
    current = record(ports, session_id)
    begun = begun_by(current.value)
    assert begun is not None, "an eMSP began it"
    if begun.start_by or begun.response_url == url:
        return current.value
    told = with_begun(current.value, replace(begun, response_url=url))
    ports.store.write(replacing(current, told, ports.clock.now()))
    return told


def stop_for_emsp(
    ports: Ports, connection: Connection, session_id: str, response_url: str
) -> Session:
    """Stop a session that this eMSP began. Raises NotFound for any other, and when it is over."""
    check_response_url(ports, response_url)

    def name_url() -> None:
        current = record(ports, session_id)
        begun = begun_by(current.value)
        if begun is None or begun.peer_id != connection.id:
            raise NotFound("session", session_id, "session_id")
        if current.value.state not in UNDER_WAY:
            raise Invalid("session_id", f"the session is {current.value.state} already")
        told = with_begun(current.value, replace(begun, stop_url=response_url))
        ports.store.write(replacing(current, told, ports.clock.now()))

    again(name_url)
    return stop(ports, connection.partner, session_id)


def check_response_url(ports: Ports, url: str) -> None:
    """Raises Invalid for one that leads nowhere, or into our own network."""
    try:
        check_url(url, https_only=ports.public_url.startswith("https:"))
    except Invalid as error:
        raise Invalid("response_url", error.reason, error.how_to_fix) from error


def _plug(place: Location, wanted: Wanted) -> tuple[Evse, Connector]:
    """The one that is named, or the only one there is: its price must be known before."""
    evse = evse_meant(place, wanted.evse_uid)
    named = wanted.connector_id.lower()
    plugs = [one for one in evse.connectors if named in {"", one.id.lower()}]
    if len(plugs) != 1:
        raise Invalid("connector_id", f"is one of {len(plugs)} here", "Name one of the EVSE.")
    return evse, plugs[0]


def evse_meant(place: Location, evse_uid: str) -> Evse:
    """The one that is named, or the only one there is. Raises Invalid."""
    evses = [one for one in place.evses if evse_uid.lower() in {"", one.uid.lower()}]
    if len(evses) != 1:
        raise Invalid("evse_uid", f"is one of {len(evses)} here", "Name one EVSE of the location.")
    return evses[0]


def token_of(ports: Ports, connection: Connection, token: EmspToken) -> TokenId:
    """Ours for the driver. What was told of the token by itself counts, if that is newer."""
    speaks_for(connection, token.country_code, token.party_id)
    partner_id: PartyId = connection.partner
    id_ = token_id_of(ports, partner_id, token.reference)
    known = emsp_token(ports, id_)
    news = known is None or known.last_updated < token.last_updated
    if not token.valid or not (news or (known is not None and known.valid)):
        raise Invalid("token", "is not valid", "PUT the token as valid.")
    if news:
        accept_token(ports, partner_id, token)
    return id_
