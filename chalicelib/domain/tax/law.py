"""Which tables does a tax decision read? Rates, reseller rules and regions, in one value."""

from dataclasses import dataclass
from datetime import date

from chalicelib.domain.tax.table import RateTable


@dataclass(frozen=True, slots=True)
class ResellerRule:
    """From `since` on, a country makes the buyer owe the VAT on electricity between resellers."""

    country: str
    since: date
    source: str


@dataclass(frozen=True, slots=True)
class TaxLaw:
    """`members` apply Directive 2006/112/EC; `oss_electricity_since` opens the One Stop Shop."""

    rates: RateTable
    members: frozenset[str]
    reseller_rules: tuple[ResellerRule, ...]
    oss_electricity_since: date

    def reseller_rule(self, country: str, day: date) -> ResellerRule | None:
        return next(
            (r for r in self.reseller_rules if r.country == country and r.since <= day), None
        )
