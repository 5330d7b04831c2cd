"""What does a partner see of a quote? What the driver is shown: prices, changes, worst case."""

from typing import Annotated

from pydantic import Field

from chalicelib.domain.money import Money
from chalicelib.domain.session.quote import Quote
from chalicelib.domain.tariff.display import Of, OtherPart, Per, PricesFrom, ShownPrice
from chalicelib.domain.tariff.quote import HoldReason
from chalicelib.domain.tariff.worst import WorstCase
from chalicelib.handlers.partner_api.shapes import Answer, Exact, Instant, Maybe, MoneyShape
from chalicelib.usecases.quote.offer import Offer


class UnitPriceShape(Answer):
    """One component of the price, as it is shown to the driver."""

    per: Per
    of: Annotated[
        Of, Field(description="`charging`: while the car takes power; `occupancy`: while not.")
    ]
    amount: Annotated[
        Exact, Field(description="In the quote's currency, VAT included, at most 4 decimals.")
    ]


class PricesFromShape(Answer):
    """The prices from an instant of the plan on, in the order in which they are to be shown."""

    at: Instant
    after_s: Annotated[int, Field(description="Seconds after arrival.")]
    after_kwh: Annotated[Exact, Field(description="With so much energy charged.")]
    prices: list[UnitPriceShape]


class OtherPartShape(Answer):
    """Something else that decides the price, with a sentence for the driver."""

    code: str
    text: str


class PricesShape(Answer):
    """What the driver is shown before the start, as Regulation (EU) 2023/1804 art. 5 asks.

    From 50 kW on: per kWh, then per minute of occupancy. Below: per kWh, per minute, per session,
    then what else there is.
    """

    from_50_kw: bool
    at_arrival: list[UnitPriceShape]
    later: Annotated[
        list[PricesFromShape],
        Field(description="What changes within the plan, and when. Empty: nothing."),
    ]
    others: list[OtherPartShape]
    departures: Annotated[
        list[OtherPartShape],
        Field(description="What the regulation does not foresee from 50 kW on."),
    ]


class WorstCaseShape(Answer):
    """No session within these bounds, and without a reservation, costs more than `amount`."""

    amount: MoneyShape
    energy_kwh: Annotated[Exact, Field(description="At most.")]
    duration_s: Annotated[int, Field(description="At most, charging or standing.")]
    earliest: Annotated[Instant, Field(description="It begins at this instant or later.")]
    latest: Annotated[Instant, Field(description="It ends at this instant or earlier.")]


class PowerStepShape(Answer):
    power_kw: Exact
    duration_s: int


class QuoteShape(Answer):
    """A promise: a session started from this quote is billed by this tariff version."""

    id: str
    location_id: str
    evse_uid: str
    connector_id: str
    country: str
    time_zone: str
    tariff_id: str
    tariff_version: Annotated[str, Field(description="SHA-256 of the tariff's content.")]
    energy_kwh: Exact
    duration_s: int
    arrival_at: Instant
    power_kw: Maybe[list[PowerStepShape]] = None
    expected: Annotated[
        MoneyShape, Field(description="What the plan costs the driver, VAT included.")
    ]
    rebate: Annotated[
        Maybe[MoneyShape],
        Field(description="A discount that is agreed, and already taken off `expected`."),
    ] = None
    hold: Annotated[MoneyShape, Field(description="What is secured before the start.")]
    hold_reason: Annotated[
        HoldReason,
        Field(description="`preauthorize_amount`: the CPO asks for more than the worst case."),
    ]
    worst_case: WorstCaseShape
    prices: PricesShape
    binding: Annotated[
        bool,
        Field(
            description="False: the arrival is too far ahead to promise a price; the quote is for"
            " information and starts no session."
        ),
    ]
    made_at: Instant
    expires_at: Annotated[Instant, Field(description="Start the session before this instant.")]


def shape_of(quote: Quote, offer: Offer) -> QuoteShape:
    steps = [
        PowerStepShape(power_kw=s.power_kw, duration_s=s.duration_s) for s in quote.power or ()
    ]
    return QuoteShape(
        id=quote.id,
        location_id=quote.place_id,
        evse_uid=quote.evse_uid,
        connector_id=quote.connector_id,
        country=quote.country,
        time_zone=quote.time_zone,
        tariff_id=quote.tariff_id,
        tariff_version=quote.tariff_hash,
        energy_kwh=quote.energy_kwh,
        duration_s=quote.duration_s,
        arrival_at=quote.arrives_at,
        power_kw=steps or None,
        expected=MoneyShape.of(quote.expected),
        rebate=MoneyShape.of(offer.rebate) if offer.rebate.minor else None,
        hold=MoneyShape.of(quote.hold),
        hold_reason=offer.hold_reason,
        worst_case=_worst(offer.worst, offer.estimate.worst),
        prices=_prices(offer),
        binding=quote.binding,
        made_at=quote.made_at,
        expires_at=quote.expires_at,
    )


def _worst(amount: Money, worst: WorstCase) -> WorstCaseShape:
    bounds = worst.bounds
    return WorstCaseShape(
        amount=MoneyShape.of(amount),
        energy_kwh=bounds.energy_kwh,
        duration_s=bounds.duration_s,
        earliest=bounds.earliest,
        latest=bounds.latest,
    )


def _prices(offer: Offer) -> PricesShape:
    shown = offer.display
    return PricesShape(
        from_50_kw=shown.fast,
        at_arrival=[_unit(price) for price in shown.stages[0].prices],
        later=[_from(stage) for stage in shown.stages[1:]],
        others=[_other(part) for part in shown.others],
        departures=[_other(part) for part in shown.departures],
    )


def _from(stage: PricesFrom) -> PricesFromShape:
    return PricesFromShape(
        at=stage.at,
        after_s=stage.after_s,
        after_kwh=stage.after_kwh,
        prices=[_unit(price) for price in stage.prices],
    )


def _unit(price: ShownPrice) -> UnitPriceShape:
    return UnitPriceShape(per=price.per, of=price.of, amount=price.amount)


def _other(part: OtherPart) -> OtherPartShape:
    return OtherPartShape(code=part.code, text=part.text)
