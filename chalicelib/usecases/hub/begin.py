"""How does a charge of an eMSP's driver begin, by a command or by a card? As one by the API.

A quote is made and its price enforced, the money secured from the partner's balance or credit, and
the session recorded with its effects. OCPI plans nothing, so a plan is assumed: the hold grows with
the charge, as for any session.
"""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.errors import Rejected
from chalicelib.domain.hub.refusals import EarlierStartWaits
from chalicelib.domain.hub.session import Begun
from chalicelib.domain.ids import PartyId, TokenId
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.domain.network.place import public_id
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.domain.session.session import Session
from chalicelib.domain.token.limits import LimitReached
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.hub.attempt import attempt, waits
from chalicelib.usecases.quote.make import make_quote
from chalicelib.usecases.session.save import again
from chalicelib.usecases.session.start import start
from chalicelib.usecases.session.watch import LOOK_UNTIL

_PLAN_KWH = Decimal(50)
_PLAN_LEAST, _PLAN_MOST = timedelta(hours=1), timedelta(hours=12)
_SECOND = timedelta(seconds=1)


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
    peer_id = begun.peer_id
    key, known = again(lambda: attempt(ports, partner_id, peer_id, asked, at_charger=at_charger))
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
    try:
        return start(
            ports, partner_id, quote.id, token_id, key, asked, detail=detail, at_charger=at_charger
        )
    except (FundsTooLow, LimitReached) as refusal:
        earlier = waits(ports, partner_id, peer_id, asked) if at_charger else None
        if earlier is None:
            raise
        raise EarlierStartWaits(earlier.start_not_after + LOOK_UNTIL) from refusal


def _plan(plug: Connector) -> timedelta:
    """How long the assumed energy takes at the connector's power, within reason."""
    watts = plug.max_power_w or 1
    lasts = timedelta(seconds=int(_PLAN_KWH * 3_600_000 / watts))
    return min(max(lasts, _PLAN_LEAST), _PLAN_MOST)
