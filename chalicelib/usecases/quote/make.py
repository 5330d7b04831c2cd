"""What will a charge cost here? A quote pins the tariff version that will be billed."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId, QuoteId, TariffHash
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.network.location import Connector, Location
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.quote import Estimate, estimate
from chalicelib.domain.tariff.tariff import Tariff
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreement_in_force
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.records import create
from chalicelib.usecases.session.terms import Terms, terms_for
from chalicelib.usecases.tariff.read import TariffUnknown, gross_of, in_force, prepared

VALID_FOR = timedelta(minutes=30)
_ENERGY_MAX_KWH = 1000
_DURATION_MAX_S = 48 * 3600


def make_quote(
    ports: Ports,
    partner_id: PartyId,
    location_id: str,
    evse_uid: str,
    connector_id: str,
    energy_kwh: Decimal,
    duration_s: int,
) -> Quote:
    """Price a planned session by the tariff in force now, and keep the promise as a record.

    Refuses what could not be billed later: no agreement, no tariff, no VAT registration there.
    """
    _check_plan(energy_kwh, duration_s)
    at = ports.clock.now()
    location = location_by_id(ports, location_id)
    terms = _terms(ports, partner_id, location.cpo_id, at.date())
    hash_, tariff = _tariff(ports, location, _connector(location, evse_uid, connector_id), at)
    plan = estimate(prepared(ports, hash_, location.time_zone), at, energy_kwh, duration_s)
    expected, worst = _gross(plan, tariff.currency, terms, location, energy_kwh, at)
    quote = Quote(
        id=QuoteId(ports.ids.new("quo")),
        partner_id=partner_id,
        agreement_id=terms.agreement.id,
        cpo_id=location.cpo_id,
        peer_id=location.peer_id,
        location_id=location.id,
        evse_uid=evse_uid,
        connector_id=connector_id,
        country=location.country,
        time_zone=location.time_zone,
        settlement_zone=terms.cpo.time_zone,
        tariff_id=tariff.id,
        tariff_hash=hash_,
        energy_kwh=energy_kwh,
        duration_s=duration_s,
        expected=expected,
        hold=max(worst, Money(1, worst.currency)),
        made_at=at,
        expires_at=at + VALID_FOR,
        place_id=location_id,
    )
    ports.store.write(create(keys.quote(quote.id), quote))
    return quote


def _terms(ports: Ports, partner_id: PartyId, cpo_id: PartyId, day: date) -> Terms:
    return terms_for(ports, agreement_in_force(ports, partner_id, cpo_id, day), cpo_id)


def _gross(
    plan: Estimate,
    currency: Currency,
    terms: Terms,
    location: Location,
    energy_kwh: Decimal,
    at: datetime,
) -> tuple[Money, Money]:
    """What the driver will most likely pay, and at most."""
    day = at.date()
    rate = terms.drivers_rate(location.country, day)
    expected = gross_of(plan.expected, rate, currency)
    # Refuse now what the tax decision would refuse after the car has charged.
    terms.allocate(expected, energy_kwh, location.country, day)
    return expected, gross_of(plan.worst, rate, currency)


def _check_plan(energy_kwh: Decimal, duration_s: int) -> None:
    if not 0 < energy_kwh <= _ENERGY_MAX_KWH:
        raise Invalid("energy_kwh", f"{energy_kwh} is not above 0 and at most {_ENERGY_MAX_KWH}")
    if not 0 < duration_s <= _DURATION_MAX_S:
        raise Invalid("duration_s", f"{duration_s} is not above 0 and at most {_DURATION_MAX_S}")


def _connector(location: Location, evse_uid: str, connector_id: str) -> Connector:
    for evse in location.evses:
        if evse.uid == evse_uid:
            for connector in evse.connectors:
                if connector.id == connector_id:
                    return connector
            raise Invalid("connector_id", f"EVSE {evse_uid} has no connector {connector_id!r}")
    raise Invalid("evse_uid", f"{location.name} has no EVSE {evse_uid!r}")


def _tariff(
    ports: Ports, location: Location, connector: Connector, at: datetime
) -> tuple[TariffHash, Tariff]:
    """The connector's public tariff: the first of its tariffs that is in force now."""
    owner = (location.country_code, location.party_id)
    for tariff_id in connector.tariff_ids:
        try:
            return in_force(ports, location.peer_id, owner, tariff_id, at)
        except TariffUnknown:
            continue
    raise TariffUnknown(", ".join(connector.tariff_ids))
