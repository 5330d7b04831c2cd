from datetime import date
from decimal import Decimal

import pytest

from chalicelib.domain.tax.rates.europe import EUROPE
from chalicelib.domain.tax.table import NoVatRate, RateUnconfirmed, Supply, overlaps

DAY = date(2026, 11, 20)
CHARGING, SERVICE = Supply.CHARGING, Supply.SERVICE


@pytest.mark.parametrize(
    ("country", "supply", "day", "percent"),
    [
        ("DE", CHARGING, DAY, "19"),
        ("NL", CHARGING, DAY, "21"),
        ("SE", CHARGING, DAY, "25"),
        ("GR", CHARGING, DAY, "6"),
        ("GR", SERVICE, DAY, "24"),
        ("IE", CHARGING, date(2030, 12, 31), "9"),
        ("PT", CHARGING, DAY, "23"),
        ("FI", SERVICE, date(2024, 8, 31), "24"),
        ("FI", SERVICE, date(2024, 9, 1), "25.5"),
        ("EE", CHARGING, date(2025, 6, 30), "22"),
        ("EE", CHARGING, date(2025, 7, 1), "24"),
    ],
)
def test_the_rate_is_that_of_the_country_the_supply_and_the_day(
    country: str, supply: Supply, day: date, percent: str
) -> None:
    assert EUROPE.rates.on(country, supply, day).percent == Decimal(percent)


def test_no_two_rows_claim_the_same_day() -> None:
    assert overlaps(EUROPE.rates.rows) == []


def test_every_row_has_a_source_and_a_rate_that_can_be() -> None:
    for row in EUROPE.rates.rows:
        assert row.source
        assert 0 < row.percent < 30
        assert row.until is None or row.since < row.until


def test_every_member_state_has_a_rate_for_both_supplies() -> None:
    charging = {row.country for row in EUROPE.rates.rows if row.supply is CHARGING}
    service = {row.country for row in EUROPE.rates.rows if row.supply is SERVICE}
    assert charging == service
    assert charging >= EUROPE.members
    assert len(EUROPE.members) == 27


@pytest.mark.parametrize("country", ["CH", "CY", "GB", "IT", "MT", "NO", "PL", "SK"])
def test_an_unconfirmed_rate_is_refused_until_somebody_accepts_it_by_name(country: str) -> None:
    with pytest.raises(RateUnconfirmed) as refused:
        EUROPE.rates.on(country, CHARGING, DAY)
    assert refused.value.country == country
    assert EUROPE.rates.on(country, CHARGING, DAY, "Ada Lovelace").country == country


@pytest.mark.parametrize(("country", "day"), [("US", DAY), ("DE", date(2019, 1, 1)), ("el", DAY)])
def test_a_rate_that_is_not_recorded_is_refused_not_guessed(country: str, day: date) -> None:
    with pytest.raises(NoVatRate):
        EUROPE.rates.on(country, CHARGING, day)


def test_irelands_reduced_rate_ends_with_2030_and_nothing_is_assumed_after_it() -> None:
    with pytest.raises(NoVatRate):
        EUROPE.rates.on("IE", CHARGING, date(2031, 1, 1))
