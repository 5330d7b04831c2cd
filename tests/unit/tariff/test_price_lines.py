"""Does a price say why each line is there, and who prices a period that names no tariff?"""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import currency
from chalicelib.domain.tariff.prepare import PreparedTariff, prepare
from chalicelib.domain.tariff.price import price, price_session
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    PriceLimit,
    Reservation,
    Restrictions,
    Tariff,
    TariffElement,
    Weekday,
)
from chalicelib.domain.tariff.usage import ChargingPeriod, Usage

_NINE = datetime(2026, 11, 20, 9, tzinfo=UTC)
_TEN_KWH = ChargingPeriod(_NINE, energy_kwh=Decimal(10), tariff_id="T1")
_SESSION = Usage(_NINE, _NINE + timedelta(hours=1), (_TEN_KWH,))


def _component(price: int, vat: int = 19) -> PriceComponent:
    return PriceComponent(Dimension.ENERGY, Decimal(price), 0, Decimal(vat))


def _tariff(*elements: TariffElement, name: str = "T1") -> Tariff:
    return Tariff("DE", "TST", name, currency("EUR"), elements, _NINE)


def _priced(price: int, name: str) -> PreparedTariff:
    return prepare(_tariff(TariffElement((_component(price),)), name=name), "UTC")


WHY = (
    (Restrictions(), ""),
    (
        Restrictions(start_time=time(8), end_time=time(19, 30)),
        "start_time 08:00, end_time 19:30",
    ),
    (Restrictions(start_date=date(2026, 11, 1)), "start_date 2026-11-01"),
    (Restrictions(max_kwh=Decimal(20)), "max_kwh 20"),
    (Restrictions(max_duration_s=3600), "max_duration 3600"),
    (
        Restrictions(day_of_week=(Weekday.FRIDAY, Weekday.SUNDAY)),
        "day_of_week FRIDAY/SUNDAY",
    ),
)


@pytest.mark.parametrize(("limits", "why"), WHY)
def test_a_line_says_which_restrictions_held(limits: Restrictions, why: str) -> None:
    tariff = _tariff(TariffElement((_component(1),), limits))
    (line,) = price(prepare(tariff, "UTC"), _SESSION).lines
    assert (line.basis.why, line.start, line.period, line.basis.tariff_id) == (why, _NINE, 0, "T1")


def test_without_a_default_the_first_tariff_that_a_period_names_prices_the_others() -> None:
    known = {"T1": _priced(1, "T1"), "T2": _priced(2, "T2")}
    later = replace(_TEN_KWH, start=_NINE + timedelta(minutes=30))
    nameless, named = replace(_TEN_KWH, tariff_id=""), replace(later, tariff_id="T2")
    found = price_session(known, replace(_SESSION, periods=(nameless, named)), None)
    assert found.excl_vat == 40


def test_without_a_default_the_only_tariff_there_is_prices_what_names_none() -> None:
    nameless = replace(_SESSION, periods=(replace(_TEN_KWH, tariff_id=""),))
    assert price_session({"T1": _priced(1, "T1")}, nameless, None).excl_vat == 10


def test_without_a_default_a_session_that_names_no_known_tariff_is_refused() -> None:
    known = {"T1": _priced(1, "T1"), "T2": _priced(2, "T2")}
    nameless = replace(_SESSION, periods=(replace(_TEN_KWH, tariff_id="T9"),))
    with pytest.raises(Invalid) as refusal:
        price_session(known, nameless, None)
    assert refusal.value.field == "charging_periods.0.tariff_id"


def test_the_net_of_a_gross_minimum_for_nothing_used_at_several_rates_is_not_guessed() -> None:
    """The net is not above the gross: that is all that can be said."""
    element = TariffElement((_component(1, 7), _component(2, 19)))
    tariff = replace(_tariff(element), min_price=PriceLimit(None, Decimal(5)))
    found = price(prepare(tariff, "UTC"), replace(_SESSION, periods=()))
    assert found.excl_vat == found.incl_vat == 5
    assert [warning.code for warning in found.warnings] == ["limit_one_side"]


def test_a_reservation_that_is_known_to_have_expired_or_not_needs_no_reading() -> None:
    fee = PriceComponent(Dimension.FLAT, Decimal(4), 0, Decimal(0))
    tariff = prepare(
        _tariff(TariffElement((fee,), Restrictions(reservation=Reservation.RESERVATION_EXPIRES))),
        "UTC",
    )
    reserved = ChargingPeriod(_NINE, reservation_time_h=Decimal(1), tariff_id="T1")
    session = replace(_SESSION, periods=(reserved,))
    for expired, cost in ((True, 4), (False, 0)):
        found = price(tariff, replace(session, expired=expired))
        assert (found.excl_vat, found.warnings) == (Decimal(cost), ())
