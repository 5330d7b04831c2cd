"""What can a fee of one session consist of? A fraction, an amount a kWh and a session, and bounds.

The fraction itself stands in the agreement; everything here may be left out. Amounts are exact, in
major units of the one currency that the terms name; the fee is rounded once, half up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import Currency

NOTHING = Decimal(0)
_TIERS_MAX = 12
_AMOUNT_MAX = Decimal(10_000)  # a kWh or a session; more is a comma in the wrong place
_PLACES_MAX = 6


class Bearer(StrEnum):
    PLATFORM = "platform"
    PARTNER = "partner"
    CPO = "cpo"


@dataclass(frozen=True, slots=True)
class Tier:
    """From this energy on (kWh of the last counted month) these rates hold instead of the first."""

    from_kwh: Decimal
    fraction: Decimal
    per_kwh: Decimal = NOTHING
    per_session: Decimal = NOTHING


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """`least` and `most` bound the fee of one session; tiers are in order of `from_kwh`."""

    currency: Currency | None = None
    per_kwh: Decimal = NOTHING
    per_session: Decimal = NOTHING
    least: Decimal | None = None
    most: Decimal | None = None
    tiers: tuple[Tier, ...] = ()

    @property
    def has_amounts(self) -> bool:
        return any(amount for amount in self.amounts())

    def amounts(self) -> Iterator[Decimal]:
        yield from (self.per_kwh, self.per_session, self.least or NOTHING, self.most or NOTHING)
        for tier in self.tiers:
            yield from (tier.per_kwh, tier.per_session)

    def tier_at(self, volume_kwh: Decimal) -> Tier | None:
        """The highest tier that a volume reaches; below the first one the base rates hold."""
        return next((t for t in reversed(self.tiers) if volume_kwh >= t.from_kwh), None)


@dataclass(frozen=True, slots=True)
class DriverRebate:
    """A discount on the driver's price. `paid_by` grants it, and is due that much less."""

    paid_by: Bearer
    fraction: Decimal = NOTHING  # of the price by the tariff, VAT included
    terms: FeeTerms | None = None


@dataclass(frozen=True, slots=True)
class ChargebackTerms:
    """Who bears what a driver's bank took back for good, by what the driver said."""

    fraud: Bearer = Bearer.PLATFORM
    not_delivered: Bearer = Bearer.CPO
    mispriced: Bearer = Bearer.CPO


def check_fee(field: str, fraction: Decimal, terms: FeeTerms | None) -> None:
    """Refuse terms that make no sense, by the field to blame. Raises Invalid."""
    check_fraction(field, fraction)
    if terms is None:
        return
    if any(not NOTHING <= amount <= _AMOUNT_MAX for amount in terms.amounts()):
        raise Invalid(field, f"an amount is not from 0 to {_AMOUNT_MAX}")
    if any(_places(amount) > _PLACES_MAX for amount in terms.amounts()):
        raise Invalid(field, f"an amount has more than {_PLACES_MAX} decimals")
    bounded = terms.least is not None or terms.most is not None
    if (terms.has_amounts or bounded) and terms.currency is None:
        raise Invalid(field, "amounts need the currency that they are in")
    if terms.least is not None and terms.most is not None and terms.least > terms.most:
        raise Invalid(field, f"the minimum {terms.least} is above the cap {terms.most}")
    starts = [tier.from_kwh for tier in terms.tiers]
    if len(starts) > _TIERS_MAX or any(start <= 0 for start in starts):
        raise Invalid(field, f"there are at most {_TIERS_MAX} tiers, each above 0 kWh")
    if starts != sorted(set(starts)):
        raise Invalid(field, "tiers are in order of their energy, each once")
    for tier in terms.tiers:
        check_fraction(field, tier.fraction)


def check_fraction(field: str, value: Decimal) -> None:
    if not value.is_finite() or not 0 <= value <= 1:
        raise Invalid(field, f"{value} is not a fraction from 0 to 1", "8 % is 0.08")


def _places(amount: Decimal) -> int:
    return max(0, -int(amount.normalize().as_tuple().exponent))
