"""Does a hold suffice for every session within the worst case that was stated?"""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.money import Money, currency
from chalicelib.domain.tariff.prepare import prepare
from chalicelib.domain.tariff.price import price
from chalicelib.domain.tariff.quote import PowerStep, estimate, hold_of
from chalicelib.domain.tariff.tariff import FirstMatch, PriceLimit, Tariff, TaxIncluded
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage
from chalicelib.domain.tariff.worst import Bounds
from tests.properties.tariff_strategies import STARTS, ZONES, decimals, tariffs

EUR = currency("EUR")
VAT = Decimal("0.19")
TINY = Decimal("1e-20")
AN_HOUR_TO_ARRIVE = timedelta(hours=1)
READINGS = st.none() | decimals(100, 1)
POWER = st.lists(
    st.builds(PowerStep, decimals(150, 1), st.integers(60, 7200)), min_size=1, max_size=5
)
ONE_SIDED = st.none() | st.builds(
    PriceLimit, st.none() | decimals(30, 2), st.none() | decimals(30, 2)
)


def _with_rebates(tariff: Tariff) -> Tariff:
    """Every third price is paid to the driver."""
    elements = tuple(
        replace(
            element,
            price_components=tuple(
                replace(one, price=-one.price if (number + place) % 3 == 0 else one.price)
                for place, one in enumerate(element.price_components)
            ),
        )
        for number, element in enumerate(tariff.elements)
    )
    return replace(tariff, elements=elements)


TARIFFS = st.builds(
    lambda tariff, tax, match: replace(tariff, tax_included=tax, first_match=match),
    tariffs(limits=ONE_SIDED) | tariffs().map(_with_rebates),
    st.sampled_from(TaxIncluded),
    st.sampled_from(FirstMatch),
)


@st.composite
def sessions_within(draw: st.DrawFn, bounds: Bounds) -> Usage:
    """Charging and parking in any order, as long and as much as the bounds allow, or less."""
    longest = bounds.duration_s
    spare = int((bounds.latest - bounds.earliest).total_seconds()) - longest
    start = bounds.earliest + timedelta(seconds=draw(st.integers(0, spare)))
    cuts = sorted({0, *draw(st.lists(st.integers(1, longest - 1), max_size=5))})
    ends = [*cuts[1:], draw(st.sampled_from([longest, max(cuts[-1] + 1, longest // 2)]))]
    left, periods = bounds.energy_kwh, []
    for at, end in zip(cuts, ends, strict=True):
        charging = draw(st.booleans())
        taken = draw(st.sampled_from([left, left / 3, Decimal(0)])) if charging else Decimal(0)
        taken = taken.quantize(Decimal("0.0001"), "ROUND_DOWN")
        left -= taken
        hours = (Decimal(end - at) / 3600).quantize(Decimal("0.0001"))
        periods.append(
            ChargingPeriod(
                start=start + timedelta(seconds=at),
                energy_kwh=taken,
                time_h=hours if charging else None,
                parking_time_h=None if charging else hours,
                min_power_kw=draw(READINGS),
                min_current_a=draw(READINGS),
                tariff_id="T1",
            )
        )
    return Usage(start, start + timedelta(seconds=ends[-1]), tuple(periods))


@given(TARIFFS, ZONES, STARTS, decimals(60, 1), st.integers(2, 12 * 3600), st.data())
def test_no_session_within_the_stated_bounds_costs_more_than_the_hold(
    tariff: Tariff,
    zone: str,
    start: datetime,
    energy_kwh: Decimal,
    duration_s: int,
    data: st.DataObject,
) -> None:
    prepared = prepare(tariff, zone)
    starts = start, start + AN_HOUR_TO_ARRIVE
    found = estimate(prepared, start, energy_kwh, duration_s, starts=starts, vat=VAT)
    paid = price(prepared, data.draw(sessions_within(found.worst.bounds)))
    gross = paid.excl_vat * (1 + VAT) if paid.incl_vat is None else paid.incl_vat
    assert found.worst.incl_vat is not None
    hold = hold_of(found.worst.incl_vat, tariff, card=True)
    assert Money.rounded(gross, EUR) <= Money.rounded(hold.amount, EUR)
    assert paid.excl_vat <= found.worst.excl_vat + TINY


@given(TARIFFS, ZONES, STARTS, decimals(60, 1), POWER)
def test_the_plan_itself_never_costs_more_than_its_worst_case(
    tariff: Tariff, zone: str, start: datetime, energy_kwh: Decimal, power: list[PowerStep]
) -> None:
    given_kwh = sum(step.power_kw * step.duration_s for step in power) / 3600
    prepared = prepare(tariff, zone)
    planned_kwh = min(energy_kwh, Decimal(given_kwh)).quantize(Decimal("0.001"))
    if not planned_kwh:
        return
    found = estimate(prepared, start, planned_kwh, None, margin=Decimal(0), power=power, vat=VAT)
    expected = found.expected
    gross = expected.excl_vat * (1 + VAT) if expected.incl_vat is None else expected.incl_vat
    assert found.worst.incl_vat is not None
    assert gross <= found.worst.incl_vat + TINY
    told = [period.energy_kwh or 0 for period in found.planned.periods]
    assert sum(told) == planned_kwh
    assert min(told) >= 0
