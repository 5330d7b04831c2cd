"""How does a charge of an eMSP's driver begin, by a command or by a card? As one by the API.

A quote is made and its price enforced, the money secured from the partner's balance or credit, and
the session recorded with its effects. OCPI plans nothing, so a plan is assumed: the hold grows with
the charge, as for any session.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain, to_plain
from chalicelib.domain.errors import Rejected
from chalicelib.domain.hub.session import Begun
from chalicelib.domain.ids import PartyId, SessionId, TokenId, external_id
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.lifecycle import OPEN
from chalicelib.domain.session.session import Session, SessionState
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.records import find
from chalicelib.usecases.session.save import again
from chalicelib.usecases.session.start import START_WITHIN, start

_PLAN_KWH = Decimal(50)
_PLAN_LEAST, _PLAN_MOST = timedelta(hours=1), timedelta(hours=12)
_SECOND = timedelta(seconds=1)
UNDER_WAY = OPEN | {SessionState.REQUESTED, SessionState.AUTHORISED}


@dataclass(frozen=True, slots=True)
class Spot:
    """Where it charges."""

    place: Location
    evse: Evse
    plug: Connector

    @property
    def identity(self) -> str:
        """`CC*PID` of the CPO."""
        return f"{self.place.country_code}*{self.place.party_id}"


class CardsImpossible(Rejected):
    """Nobody could be asked for a card's payment: the driver is the eMSP's."""

    code = "card_over_ocpi"
    how_to_fix = "Agree on a prepaid balance or on invoices with the channel's staff."

    def __init__(self) -> None:
        super().__init__("this agreement is paid by cards, which OCPI cannot do")


def check_terms(ports: Ports, partner_id: PartyId, place: Location) -> None:
    """Raises NoAgreement, CardsImpossible."""
    today = ports.clock.now().date()
    agreement = agreement_in_force(ports, partner_id, place.cpo_id, today)
    if agreement.payment_method is PaymentMethod.CARD:
        raise CardsImpossible


def begin(
    ports: Ports,
    partner_id: PartyId,
    spot: Spot,
    token_id: TokenId,
    begun: Begun,
    asked: str,
    *,
    at_charger: bool = False,
) -> Session:
    """The session, begun now or a moment ago by the same; `asked` is the hash of what was asked.

    `at_charger`: the driver starts it there with a card, so that nothing is commanded, and it is
    by the CPO's connection that asks. Raises any DomainError.
    """
    key, known = again(lambda: _attempt(ports, partner_id, begun, asked))
    if known is not None:
        return known
    lasts = _plan(spot.plug)
    quote = make_quote(
        ports,
        partner_id,
        public_id(spot.place),
        spot.evse.uid,
        spot.plug.id,
        _PLAN_KWH,
        lasts // _SECOND,
        one_way=at_charger,
    )
    detail = {"emsp": to_plain(begun)}
    return start(
        ports,
        partner_id,
        quote.id,
        token_id,
        key,
        asked,
        detail=detail,
        at_charger=at_charger,
    )


def _attempt(
    ports: Ports, partner_id: PartyId, begun: Begun, asked: str
) -> tuple[str, Session | None]:
    """The idempotency key of what is asked, and the session that it began already.

    The same is asked once while its session is under way; after that, an eMSP that always sends
    the same command, or a driver with the same card, may start another one.
    """
    now, key = ports.clock.now(), keys.emsp_command(begun.peer_id, asked)
    item = ports.store.get(key)
    if item is not None:
        at = from_plain(datetime, item.body["at"])
        name = f"{asked}#{item.body['at']}"
        id_ = SessionId(external_id("ses", partner_id, name))
        known = find(ports.store, keys.session(id_), Session)
        if known is not None and known.value.state in UNDER_WAY:
            return name, known.value
        if known is None and now - at < START_WITHIN:
            return name, None
    body = {"at": to_plain(now)}
    until = int((now + timedelta(days=1)).timestamp())
    version = ABSENT if item is None else item.version
    ports.store.write(Put(key, body, expects=version, expires_at=until))
    return f"{asked}#{body['at']}", None


def _plan(plug: Connector) -> timedelta:
    """How long the assumed energy takes at the connector's power, within reason."""
    watts = plug.max_power_w or 1
    lasts = timedelta(seconds=int(_PLAN_KWH * 3_600_000 / watts))
    return min(max(lasts, _PLAN_LEAST), _PLAN_MOST)
