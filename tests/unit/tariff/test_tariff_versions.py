"""Does a tariff version keep its name, and has each version its own?"""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

from chalicelib.domain.tariff.tariff import (
    DisplayText,
    FirstMatch,
    PriceLimit,
    Tariff,
    TaxIncluded,
)
from chalicelib.domain.tariff.version import tariff_hash
from chalicelib.ocpi.v2_2_1.tariff import read_tariff
from tests.golden.tariff_notation import tariff_object


def _tariff(text: str) -> Tariff:
    return read_tariff(tariff_object(text))[0]


def test_names_that_were_given_once_stay() -> None:
    """Records refer to versions by them: a change here is a change of every stored name."""
    plain = _tariff("ENERGY 0.25 vat 19")
    assert tariff_hash(plain) == "3ee6946563a828c7aa23819bfa668bc1798a60ba07798c207a696299105d1e80"
    every = _tariff(
        "min_price 1 1.19\nFLAT -0.00 vat 0\n"
        "TIME 1E+1 vat 7 step 60 + ENERGY 0.5 when start_time 08:00 start_date 2026-11-20"
        " max_kwh 50 min_duration 60 day_of_week MONDAY,SUNDAY reservation RESERVATION"
    )
    every = replace(
        every,
        tax_included=TaxIncluded.YES,
        first_match=FirstMatch.PER_ELEMENT,
        end_date_time=datetime(2027, 1, 1, tzinfo=UTC),
        preauthorize_amount=PriceLimit(Decimal(50)),
        texts=(DisplayText("en", "cheap"),),
        url="https://example.com",
        energy_mix="{}",
        unsupported=("elements.0.moon",),
    )
    assert tariff_hash(every) == "47907b11b4206e4fb27b06b15c3b96058758e93e6b37f3c12eeaad224c69ebf8"


def test_a_version_is_named_by_what_it_says() -> None:
    first, _ = read_tariff(tariff_object("ENERGY 0.25 vat 19"))
    same, _ = read_tariff(
        {**tariff_object("ENERGY 0.250 vat 19.0"), "last_updated": "2030-01-01T00:00:00Z"}
    )
    other, _ = read_tariff(tariff_object("ENERGY 0.26 vat 19"))
    timed, _ = read_tariff(tariff_object("ENERGY 0.25 vat 19 when start_time 09:00"))
    assert tariff_hash(first) == tariff_hash(same)
    free, below = (replace(first, min_price=PriceLimit(Decimal(zero))) for zero in ("0.00", "-0.0"))
    assert tariff_hash(free) == tariff_hash(below)
    assert len({tariff_hash(one) for one in (first, other, timed)}) == 3


def test_members_that_came_later_leave_the_names_of_older_versions() -> None:
    tariff = _tariff("ENERGY 1")
    assert tariff_hash(tariff) == tariff_hash(replace(tariff, texts=(), url="", energy_mix=None))
    others = (
        replace(tariff, tax_included=TaxIncluded.YES),
        replace(tariff, first_match=FirstMatch.PER_ELEMENT),
        replace(tariff, texts=(DisplayText("en", "cheap"),)),
    )
    assert len({tariff_hash(one) for one in (tariff, *others)}) == 4
