"""What will a charge cost here? A quote pins the tariff version that will be billed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from chalicelib.domain.errors import DomainError, Invalid
from chalicelib.domain.ids import PartyId, QuoteId, TariffHash
from chalicelib.domain.money import Money, in_use
from chalicelib.domain.network.location import Connector, Location
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.quote import PowerStep
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.domain.tariff.walk import length_s
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.network.routes import preferred, ways_to
from chalicelib.usecases.quote.offer import VALID_FOR, offer
from chalicelib.usecases.records import create
from chalicelib.usecases.session.terms import Terms, terms_for
from chalicelib.usecases.tariff.addressed import offered_tariff

_ENERGY_MAX_KWH = 1000
_DURATION_MAX_S = 48 * 3600
_AHEAD_MAX = timedelta(days=7)
_CLOCKS_DIFFER = timedelta(minutes=5)


def make_quote(
    ports: Ports,
    partner_id: PartyId,
    location_id: str,
    evse_uid: str,
    connector_id: str,
    energy_kwh: Decimal,
    duration_s: int | None,
    *,
    arrival_at: datetime | None = None,
    power: Sequence[PowerStep] = (),
    one_way: bool = False,
) -> Quote:
    """Price a planned session by the tariff in force at arrival, and keep the promise as a record.

    An arrival after the quote would have expired makes it one for information: a CPO may publish
    another price until then, and nobody promises it. Refuses what could not be billed later: no
    agreement, no tariff, no VAT registration there. `one_way`: by the id's own connection.
    """
    _check_plan(energy_kwh, duration_s, power)
    at = ports.clock.now()
    arrival = _arrival(at, arrival_at)

    def by(location: Location) -> Quote:
        """As the connection offers it that publishes the location so."""
        connector = _connector(location, evse_uid, connector_id)
        terms = _terms(ports, partner_id, location.cpo_id, at)
        hash_, tariff = offered_tariff(ports, partner_id, location, connector, arrival)
        in_use(tariff.currency, at.date())
        plan = replace(
            _promise(ports, terms, location, tariff, at),
            tariff_hash=hash_,
            place_id=location_id,
            evse_uid=evse_uid,
            connector_id=connector_id,
            power_max_w=connector.max_power_w,
            energy_kwh=energy_kwh,
            duration_s=duration_s or 0,
            power=tuple(power) or None,
            arrival_at=None if arrival == at else arrival,
            expires_at=at if arrival > at + VALID_FOR else at + VALID_FOR,
        )
        return _priced(ports, plan, terms)

    return _kept(ports, by, location_id, one_way=one_way)


def _kept(
    ports: Ports, by: Callable[[Location], Quote], location_id: str, *, one_way: bool
) -> Quote:
    place = location_by_id(ports, location_id)
    ways = [place] if one_way else ways_to(ports, place)
    quote = preferred(ports, _offered(by, ways))
    ports.store.write(create(keys.quote(quote.id), quote))
    return quote


def _offered(by: Callable[[Location], Quote], ways: Sequence[Location]) -> list[Quote]:
    """The quote of every way that has one. Where none has, the first one's refusal."""
    quotes, refusals = list[Quote](), list[DomainError]()
    for way in ways:
        try:
            quotes.append(by(way))
        except DomainError as refusal:
            refusals.append(refusal)
    if not quotes:
        raise refusals[0]
    return quotes


def _promise(ports: Ports, terms: Terms, location: Location, tariff: Tariff, at: datetime) -> Quote:
    """Between whom, where and by which tariff; of what is planned nothing yet."""
    nothing = Money.zero(tariff.currency)
    return Quote(
        id=QuoteId(ports.ids.new("quo")),
        partner_id=terms.partner.id,
        agreement_id=terms.agreement.id,
        cpo_id=location.cpo_id,
        peer_id=location.peer_id,
        location_id=location.id,
        evse_uid="",
        connector_id="",
        country=location.country,
        time_zone=location.time_zone,
        settlement_zone=terms.cpo.time_zone,
        tariff_id=tariff.id,
        tariff_hash=TariffHash(""),
        energy_kwh=Decimal(0),
        duration_s=0,
        expected=nothing,
        hold=nothing,
        made_at=at,
        expires_at=at,
    )


def _priced(ports: Ports, quote: Quote, terms: Terms) -> Quote:
    found = offer(ports, quote, terms)
    planned, day = found.estimate.planned, quote.made_at.date()
    # Refuse now what the tax decision would refuse after the car has charged.
    terms.allocate(found.price, quote.energy_kwh, quote.country, day)
    lasts_s = length_s(planned.start, planned.end)
    if lasts_s > _DURATION_MAX_S:
        raise Invalid("power_kw", f"the steps take longer than {_DURATION_MAX_S} s")
    return replace(quote, duration_s=lasts_s, expected=found.expected, hold=found.hold)


def _terms(ports: Ports, partner_id: PartyId, cpo_id: PartyId, at: datetime) -> Terms:
    agreement = agreement_in_force(ports, partner_id, cpo_id, at.date())
    return terms_for(ports, agreement, cpo_id, at)


def _check_plan(energy_kwh: Decimal, duration_s: int | None, power: Sequence[PowerStep]) -> None:
    if not 0 < energy_kwh <= _ENERGY_MAX_KWH:
        raise Invalid("energy_kwh", f"{energy_kwh} is not above 0 and at most {_ENERGY_MAX_KWH}")
    if duration_s is not None and not 0 < duration_s <= _DURATION_MAX_S:
        raise Invalid("duration_s", f"{duration_s} is not above 0 and at most {_DURATION_MAX_S}")
    for step in power:
        if step.power_kw < 0 or step.duration_s <= 0:
            raise Invalid("power_kw", "a step has no negative power and lasts some time")


def _arrival(at: datetime, wished: datetime | None) -> datetime:
    if wished is None or at - _CLOCKS_DIFFER <= wished <= at:
        return at
    if wished < at:
        raise Invalid("arrival_at", "is in the past", "leave it out to arrive now")
    if wished > at + _AHEAD_MAX:
        raise Invalid("arrival_at", f"is more than {_AHEAD_MAX.days} days ahead")
    return wished.replace(microsecond=0)


def _connector(location: Location, evse_uid: str, connector_id: str) -> Connector:
    for evse in location.evses:
        if evse.uid == evse_uid:
            for connector in evse.connectors:
                if connector.id == connector_id:
                    return connector
            raise Invalid("connector_id", f"EVSE {evse_uid} has no connector {connector_id!r}")
    raise Invalid("evse_uid", f"{location.name} has no EVSE {evse_uid!r}")
