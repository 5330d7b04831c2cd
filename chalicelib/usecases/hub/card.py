"""May the driver of an eMSP charge, who holds a card to a charger? It is a start without a command.

The CPO asks us, since to it the card is ours; we ask the eMSP, whose driver it is, and secure the
partner's money at the published price before we allow it. What is refused is refused before any
energy flows: the session is there when the CPO has our answer, and it is looked for at the CPO.
"""

from collections.abc import Sequence
from hashlib import sha256

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.connection.refusals import TokenUnknown, TooLittleInformation
from chalicelib.domain.errors import DomainError, NotYet
from chalicelib.domain.hub.card import Answer, AtCharger, Whitelist
from chalicelib.domain.hub.offered import Offered
from chalicelib.domain.hub.refusals import (
    ConnectorsDiffer,
    EarlierStartWaits,
    EmspSilent,
    RefusedByEmsp,
)
from chalicelib.domain.hub.session import AuthMethod, Begun
from chalicelib.domain.hub.token import EmspToken
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.domain.payment.fleet_invoice import CreditStopped
from chalicelib.domain.token.authorization import Allowed, Authorization, beyond
from chalicelib.domain.token.limits import LimitReached
from chalicelib.domain.token.token import Token
from chalicelib.ports.bundle import Ports
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from chalicelib.usecases.connection.read import connection_of, emsps
from chalicelib.usecases.hub.begin import Spot, begin, check_terms
from chalicelib.usecases.hub.locations import offered_location
from chalicelib.usecases.hub.tokens import emsp_token
from chalicelib.usecases.network.recent import recent


def start_by_card(
    ports: Ports,
    connection: Connection,
    token: Token,
    location_id: str,
    evse_uids: Sequence[str],
    correlation_id: str = "",
) -> Authorization:
    """The session that a card begins at an EVSE, and its reference; or in OCPI's words why not.

    Raises TooLittleInformation when no one EVSE is meant, TokenUnknown when nothing is known of
    the card any more, and NotYet.
    """
    try:
        return _start(ports, connection, token, location_id, evse_uids, correlation_id)
    except (TooLittleInformation, TokenUnknown, NotYet):
        raise
    except (FundsTooLow, CreditStopped):
        return Authorization(Allowed.NO_CREDIT, token)
    except EarlierStartWaits as refusal:
        return Authorization(Allowed.NO_CREDIT, token, refusal=refusal)
    except LimitReached as reached:
        return Authorization(beyond(reached), token)
    except DomainError as refusal:
        return Authorization(Allowed.NOT_ALLOWED, token, refusal=refusal)


def _start(
    ports: Ports,
    connection: Connection,
    token: Token,
    location_id: str,
    evse_uids: Sequence[str],
    correlation_id: str,
) -> Authorization:
    driver = emsp_token(ports, token.id)
    if driver is None:  # erased
        raise TokenUnknown(token.uid)
    partner_id = token.partner_id
    offered = offered_location(ports, partner_id, "", location_id, connection.id)
    spot = _spot(offered, evse_uids)
    check_terms(ports, partner_id, spot.place)
    emsp = _emsp(ports, token, driver)
    where = AtCharger(spot.identity, location_id, spot.evse.uid, correlation_id)
    answer = _asked(ports, emsp, driver, where)
    if answer.allowed is not Allowed.ALLOWED:
        return Authorization(answer.allowed, token, info=answer.info)
    known = driver.whitelist is Whitelist.ALWAYS
    begun = Begun(
        peer_id=emsp.id,
        identity=spot.identity,
        emsp=driver.emsp,
        response_url="",
        reference=answer.reference,
        auth_method=AuthMethod.WHITELIST if known else AuthMethod.AUTH_REQUEST,
    )
    asked = f"card\n{connection.id}\n{location_id.lower()}\n{spot.evse.uid}\n{token.id}"
    session = begin(ports, partner_id, spot, token.id, begun, _hash(asked), at_charger=True)
    reference = session.authorization_reference
    return Authorization(Allowed.ALLOWED, token, (spot.evse.uid,), reference, answer.info)


def _spot(offered: Offered, evse_uids: Sequence[str]) -> Spot:
    """The EVSE that is meant: named, or the only one. Its connectors must all cost the same.

    OCPI does not say which plug the driver took. Raises TooLittleInformation, ConnectorsDiffer.
    """
    named = {uid.lower() for uid in evse_uids}
    evses = [one for one in offered.location.evses if not named or one.uid.lower() in named]
    if len(evses) != 1:
        raise TooLittleInformation(f"at which one of {len(evses)} EVSEs is the driver?")
    evse = evses[0]
    priced = {
        offered.tariff_ids.get((evse.uid.lower(), plug.id.lower()), ()) for plug in evse.connectors
    }
    if len(priced) != 1:
        raise ConnectorsDiffer(evse.uid)
    plug = max(evse.connectors, key=lambda one: one.max_power_w or 0)
    return Spot(offered.location, evse, plug)


def _emsp(ports: Ports, token: Token, driver: EmspToken) -> Connection:
    """The connection that speaks for the driver's eMSP. Raises EmspSilent."""
    known = recent(ports, "emsps", lambda: emsps(ports))
    found = _speaking_for(known, token, driver) or _speaking_for(emsps(ports), token, driver)
    emsp = None if found is None else connection_of(ports, found.id)  # its token may have changed
    if emsp is None or emsp.state is not ConnectionState.REGISTERED:
        raise EmspSilent(driver.emsp)
    return emsp


def _speaking_for(
    known: Sequence[Connection], token: Token, driver: EmspToken
) -> Connection | None:
    mine = (one for one in known if one.partner_id == token.partner_id)
    return next((one for one in mine if driver.emsp in one.identities), None)


def _hash(text: str) -> str:
    return sha256(text.encode()).hexdigest()


def _asked(ports: Ports, emsp: Connection, driver: EmspToken, where: AtCharger) -> Answer:
    """What the eMSP says; without an answer what its token's whitelist says. Raises a refusal."""
    allowed = Answer(Allowed.ALLOWED)
    if driver.whitelist is Whitelist.ALWAYS:
        return allowed  # it may not even have the endpoint
    try:
        answer = ports.emsps.authorize(emsp, driver, where)
    except CpoUnavailable as silence:
        if driver.whitelist.good_without_answer:
            return allowed
        raise EmspSilent(driver.emsp) from silence
    except CpoRefused as refusal:  # it does not know the token, or not the place
        raise RefusedByEmsp(refusal.status) from refusal
    if answer.evse_uids and where.evse_uid.lower() not in {u.lower() for u in answer.evse_uids}:
        raise RefusedByEmsp(Allowed.NOT_ALLOWED)
    return answer
