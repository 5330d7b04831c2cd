"""How many decimals has a currency, which exist, and what can a card move of them?"""

import pytest

from chalicelib.domain.iso4217 import ENDED, MINOR_UNITS
from chalicelib.domain.money import (
    Currency,
    CurrencyUnknown,
    Money,
    card_amount,
    currency,
    exponent,
)


@pytest.mark.parametrize(
    ("code", "decimals"),
    [
        ("EUR", 2),
        ("HUF", 2),
        ("CZK", 2),
        ("JPY", 0),
        ("ISK", 0),
        ("CLP", 0),
        ("KWD", 3),
        ("TND", 3),
    ],
)
def test_minor_units_are_iso_4217s(code: str, decimals: int) -> None:
    assert exponent(currency(code.lower())) == decimals


@pytest.mark.parametrize("text", ["EURO", "XYZ", "", "E1R", "ANG", "CYP"])
def test_what_is_no_currency_is_refused_since_its_unit_is_unknown(text: str) -> None:
    with pytest.raises(CurrencyUnknown):
        currency(text)


def test_a_currency_that_ended_can_still_be_named() -> None:
    assert set(ENDED) <= set(MINOR_UNITS)
    assert currency("hrk") == "HRK"


@pytest.mark.parametrize(
    ("minor", "code", "charged", "held"),
    [
        (1234, "KWD", 1230, 1240),
        (1230, "KWD", 1230, 1230),
        (1239, "BHD", 1230, 1240),
        (1234, "EUR", 1234, 1234),
        (1234, "JPY", 1234, 1234),
    ],
)
def test_a_card_moves_no_thousandths(minor: int, code: str, charged: int, held: int) -> None:
    money = Money(minor, Currency(code))
    assert card_amount(money).minor == charged
    assert card_amount(money, up=True).minor == held
