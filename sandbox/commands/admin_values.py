"""How does what staff type become the domain's values? Every error names what was expected."""

import argparse
from datetime import date
from decimal import Decimal, InvalidOperation

from chalicelib.domain.errors import DomainError
from chalicelib.domain.money import Money, currency, exponent
from chalicelib.domain.party.party import VatRegistration

_FLAGS = ("oss", "reseller")
_DATES_MAX = 2


def amount(text: str) -> Money:
    """`500.00 EUR` or `500.00EUR`; more decimals than the currency has are refused."""
    number, code = text[:-3].strip(), text[-3:]
    try:
        money = Money.rounded(Decimal(number), currency(code))
        exact = money.exact == Decimal(number)
    except (InvalidOperation, DomainError) as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no amount like '500.00 EUR'") from error
    if not exact:
        places = exponent(money.currency)
        raise argparse.ArgumentTypeError(f"{money.currency} has {places} decimals, not {number}")
    return money


def fraction(text: str) -> Decimal:
    """`0.08` or `8%`."""
    try:
        value = Decimal(text[:-1]).scaleb(-2) if text.endswith("%") else Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no fraction like 0.08 or 8%") from error
    if not value.is_finite():
        raise argparse.ArgumentTypeError(f"{text!r} is no fraction like 0.08 or 8%")
    return value


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day like 2026-11-20") from error


def vat(text: str) -> VatRegistration:
    """`DE:DE123456789:2024-01-01`, then what applies of `:<until>:oss:reseller:accepted=<who>`.

    `reseller` says that dated evidence lies in the files (Germany: form USt 1 TH); `accepted` names
    who accepted that our rate for the country is not confirmed.
    """
    country, _, rest = text.partition(":")
    number, *words = rest.split(":")
    dates = [word for word in words if word[:1].isdigit()]
    flags = [word for word in words if word in _FLAGS]
    names = [word.partition("=")[2] for word in words if word.startswith("accepted=")]
    understood = len(dates) + len(flags) + len(names) == len(words)
    if not (understood and number and 1 <= len(dates) <= _DATES_MAX):
        form = "COUNTRY:NUMBER:SINCE[:UNTIL][:oss][:reseller][:accepted=WHO]"
        raise argparse.ArgumentTypeError(f"{text!r} is not {form}")
    return VatRegistration(
        country=country,
        number=number,
        since=day(dates[0]),
        until=day(dates[1]) if len(dates) == _DATES_MAX else None,
        oss="oss" in flags,
        reseller="reseller" in flags,
        accepted_unconfirmed=names[0] if names else "",
    )
