"""Which VAT rate held in a country on a day, and who says so?"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from chalicelib.domain.errors import Rejected


class Supply(StrEnum):
    """What is supplied.

    CHARGING is one supply of goods with its access and app services (CJEU C-282/22); idle time
    billed in the same price is part of it (there is no CJEU authority on parking fees).
    """

    CHARGING = "charging"
    SERVICE = "service"  # commission, referral: the standard rate


class NoVatRate(Rejected):
    code = "vat_rate_unknown"

    def __init__(self, country: str, supply: Supply, day: date) -> None:
        super().__init__(f"no VAT rate for {supply.value} in {country} on {day} is recorded")
        self.country, self.supply, self.day = country, supply, day


class RateUnconfirmed(Rejected):
    code = "vat_rate_unconfirmed"
    how_to_fix = "have staff accept the rate by name in the channel's VAT registration there"

    def __init__(self, row: "RateRow") -> None:
        super().__init__(
            f"the rate {row.percent} % for {row.supply.value} in {row.country} is not confirmed: "
            f"{row.source}"
        )
        self.country, self.supply, self.source = row.country, row.supply, row.source


@dataclass(frozen=True, slots=True)
class RateRow:
    """One dated row. `until` is exclusive; `source` names law, case or where we read it."""

    country: str  # ISO 3166-1 alpha-2; Greece is GR
    supply: Supply
    percent: Decimal
    since: date
    until: date | None
    source: str
    confirmed: bool = True

    @property
    def fraction(self) -> Decimal:
        return self.percent.scaleb(-2)

    def holds_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day < self.until)


@dataclass(frozen=True, slots=True)
class RateTable:
    rows: tuple[RateRow, ...]

    def highest(self) -> Decimal:
        """The fraction that none of the rates exceeds, on any day."""
        return max(row.fraction for row in self.rows)

    def on(self, country: str, supply: Supply, day: date, accepted_by: str = "") -> RateRow:
        """The row that held. An unconfirmed one needs the name of who accepted it."""
        found = [
            row
            for row in self.rows
            if row.country == country and row.supply is supply and row.holds_on(day)
        ]
        if not found:
            raise NoVatRate(country, supply, day)
        (row,) = found  # overlaps are a bug in the table, shown by tests/unit/tax
        if not row.confirmed and not accepted_by:
            raise RateUnconfirmed(row)
        return row


def overlaps(rows: Sequence[RateRow]) -> list[tuple[RateRow, RateRow]]:
    """Pairs of rows that claim the same country, supply and day: none, in a sound table."""
    return [
        (earlier, later)
        for number, earlier in enumerate(rows)
        for later in _same(earlier, rows[number + 1 :])
        if earlier.holds_on(later.since) or later.holds_on(earlier.since)
    ]


def _same(row: RateRow, rows: Iterable[RateRow]) -> Iterable[RateRow]:
    return (r for r in rows if r.country == row.country and r.supply is row.supply)
