"""What does an eMSP's START_SESSION or STOP_SESSION do? What the partner's API does.

A quote is made and its price enforced, the money secured from the partner's balance or credit, and
the session recorded with its effects. OCPI plans nothing, so a plan is assumed: the hold grows with
the charge, as for any session.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.errors import Invalid, NotFound, Rejected
from chalicelib.domain.event.endpoint import check_url
from chalicelib.domain.hub.session import Begun
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.ids import PartyId, SessionId, TokenId, external_id
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.connection.authenticate import speaks_for
from chalicelib.usecases.hub.locations import offered_location
from chalicelib.usecases.hub.tokens import accept_token, emsp_token
from chalicelib.usecases.hub.told import begun_by, with_begun
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.records import find
from chalicelib.usecases.session.read import record
from chalicelib.usecases.session.save import again
from chalicelib.usecases.session.start import START_WITHIN, start
from chalicelib.usecases.session.stop import stop
from chalicelib.usecases.token.issue import token_id_of

_PLAN_KWH = Decimal(50)
_PLAN_LEAST, _PLAN_MOST = timedelta(hours=1), timedelta(hours=12)
_UNDER_WAY = OPEN | {SessionState.REQUESTED, SessionState.AUTHORISED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A StartSession. `hash` is that of the body: the same one soon after is no second start."""

    token: EmspToken
    location_id: str
    evse_uid: str
    connector_id: str
    response_url: str
    reference: str
    hash: str


class CardsImpossible(Rejected):
    """Nobody could be asked for a card's payment: the driver is the eMSP's."""

    code = "card_over_ocpi"
    how_to_fix = "Agree on a prepaid balance or on invoices with the channel's staff."

    def __init__(self) -> None:
        super().__init__("this agreement is paid by cards, which OCPI cannot do")


def start_for_emsp(ports: Ports, connection: Connection, to: str, wanted: Wanted) -> Session:
    """The session that a START_SESSION began, now or a moment ago. Raises any DomainError."""
    _check_url(ports, wanted.response_url)
    partner_id = connection.partner
    place = offered_location(ports, partner_id, to, wanted.location_id).location
    evse, plug = _plug(place, wanted)
    today = ports.clock.now().date()
    agreement = agreement_in_force(ports, partner_id, place.cpo_id, today)
    if agreement.payment_method is PaymentMethod.CARD:
        raise CardsImpossible
    token_id = _token(ports, connection, wanted.token)
    key, known = again(lambda: _attempt(ports, connection, wanted.hash))
    if known is not None:
        return known
    lasts = _plan(plug)
    quote = make_quote(
        ports, partner_id, public_id(place), evse.uid, plug.id, _PLAN_KWH, lasts // _SECOND
    )
    identity = f"{place.country_code}*{place.party_id}"
    emsp = f"{wanted.token.country_code}*{wanted.token.party_id}"
    begun = Begun(connection.id, identity, emsp, wanted.response_url, wanted.reference)
    detail = {"emsp": to_plain(begun)}
    return start(ports, partner_id, quote.id, token_id, key, wanted.hash, detail=detail)


def stop_for_emsp(
    ports: Ports, connection: Connection, session_id: str, response_url: str
) -> Session:
    """Stop a session that this eMSP began. Raises NotFound for any other, and when it is over."""
    _check_url(ports, response_url)

    def name_url() -> None:
        current = record(ports, session_id)
        begun = begun_by(current.value)
        if begun is None or begun.peer_id != connection.id:
            raise NotFound("session", session_id, "session_id")
        if current.value.state not in _UNDER_WAY:
            raise Invalid("session_id", f"the session is {current.value.state} already")
        told = with_begun(current.value, replace(begun, stop_url=response_url))
        ports.store.write(current.put(told, pending=len(told.effects)))

    again(name_url)
    return stop(ports, connection.partner, session_id)


_SECOND = timedelta(seconds=1)


def _check_url(ports: Ports, url: str) -> None:
    try:
        check_url(url, https_only=ports.public_url.startswith("https:"))
    except Invalid as error:
        raise Invalid("response_url", error.reason, error.how_to_fix) from error


def _plug(place: Location, wanted: Wanted) -> tuple[Evse, Connector]:
    """The one that is named, or the only one there is: its price must be known before."""
    evses = [one for one in place.evses if wanted.evse_uid.lower() in {"", one.uid.lower()}]
    if len(evses) != 1:
        raise Invalid("evse_uid", f"is one of {len(evses)} here", "Name one EVSE of the location.")
    named = wanted.connector_id.lower()
    plugs = [one for one in evses[0].connectors if named in {"", one.id.lower()}]
    if len(plugs) != 1:
        raise Invalid("connector_id", f"is one of {len(plugs)} here", "Name one of the EVSE.")
    return evses[0], plugs[0]


def _token(ports: Ports, connection: Connection, token: EmspToken) -> TokenId:
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


def _attempt(ports: Ports, connection: Connection, request_hash: str) -> tuple[str, Session | None]:
    """The idempotency key of a command, and the session that it began already.

    The same body is the same command while its session is under way; after that, an eMSP that
    always sends the same may start another one.
    """
    now, key = ports.clock.now(), keys.emsp_command(connection.id, request_hash)
    item = ports.store.get(key)
    if item is not None:
        at = from_plain(datetime, item.body["at"])
        name = f"{request_hash}#{item.body['at']}"
        id_ = SessionId(external_id("ses", connection.partner, name))
        begun = find(ports.store, keys.session(id_), Session)
        if begun is not None and begun.value.state in _UNDER_WAY:
            return name, begun.value
        if begun is None and now - at < START_WITHIN:
            return name, None
    body = {"at": to_plain(now)}
    until = int((now + timedelta(days=1)).timestamp())
    version = ABSENT if item is None else item.version
    ports.store.write(Put(key, body, expects=version, expires_at=until))
    return f"{request_hash}#{body['at']}", None


def _plan(plug: Connector) -> timedelta:
    """How long the assumed energy takes at the connector's power, within reason."""
    watts = plug.max_power_w or 1
    lasts = timedelta(seconds=int(_PLAN_KWH * 3_600_000 / watts))
    return min(max(lasts, _PLAN_LEAST), _PLAN_MOST)
