"""How does what somebody types become a value? Every error names what was expected."""

import argparse
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from chalicelib.domain.errors import DomainError
from chalicelib.domain.money import Money, currency, exponent
from chalicelib.domain.party.party import VatRegistration

PARTNER = "par_…, see `party list`"  # says what an argument wants
_FLAGS = ("oss", "reseller")
_DATES_MAX = 2
_NUMBER_MAX = 100_000


def one_of(kinds: type[StrEnum]) -> dict[str, Any]:
    """An argument that is one of these."""
    return {"type": kinds, "choices": list(kinds)}


def identity(text: str) -> tuple[str, str]:
    """`DE*NRD`: country and party, as OCPI names who publishes."""
    country, star, party = text.upper().partition("*")
    if not (star and country and party):
        raise argparse.ArgumentTypeError(f"{text!r} is not of the form CC*PID, e.g. 'DE*NRD'")
    return country, party


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


def instant(text: str) -> datetime:
    """`2026-11-17T06:00Z`, or a day: its last moment in UTC."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no instant, as 2026-11-17T06:00Z") from None
    if len(text) == len("2026-11-17"):
        return datetime.combine(at.date(), time.max, UTC)
    if at.tzinfo is None:
        raise argparse.ArgumentTypeError(f"{text!r} names no zone: add Z, or +01:00")
    return at.astimezone(UTC)


def local_time(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no time like 2026-11-20T17:00") from error


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A whole number from `least` on."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        number = int(text) if digits.isascii() and digits.isdecimal() else None
        if number is None or number < least or (most is not None and number > most):
            bounds = f"from {least} on" if most is None else f"from {least} to {most}"
            raise argparse.ArgumentTypeError(f"{text!r} is no whole number {bounds}")
        return number

    return read


def above_zero(text: str) -> Decimal:
    try:
        value = Decimal(text)
    except InvalidOperation as error:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from error
    if not (value.is_finite() and 0 < value < _NUMBER_MAX):
        words = f"{text!r} is not more than 0 and less than {_NUMBER_MAX:,}"
        raise argparse.ArgumentTypeError(words)
    return value


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
