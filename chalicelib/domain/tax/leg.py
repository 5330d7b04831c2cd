"""What is one leg of a sale to the tax office: who sells what to whom, and who owes the VAT?"""

from dataclasses import dataclass
from decimal import Decimal, localcontext
from enum import StrEnum

from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import EXACT, Money
from chalicelib.domain.tax.table import Supply

DRIVER = PartyId("driver")


class LegName(StrEnum):
    DRIVER = "driver"  # the charging, to the driver
    ENERGY = "energy"  # the electricity, from the CPO to the channel
    COMMISSION = "commission"  # the channel's service to the CPO
    PARTNER_SHARE = "partner_share"  # the partner's service to the channel


class Treatment(StrEnum):
    CHARGED = "charged"  # the seller charges the VAT and owes it
    REVERSE_CHARGE = "reverse_charge"  # the buyer accounts for it, and deducts it
    NOT_REGISTERED = "not_registered"  # the seller may not show any
    OUTSIDE_EU = "outside_eu"  # taxed, if at all, where the buyer is


@dataclass(frozen=True, slots=True)
class Ruling:
    """How one leg is taxed. `rate` (a fraction) is also what a buyer accounts for in reverse."""

    rate: Decimal
    jurisdiction: str
    treatment: Treatment
    reason: str
    source: str


@dataclass(frozen=True, slots=True)
class Leg:
    """`vat` is what the seller puts on top of `net`: zero unless the VAT is charged."""

    name: LegName
    supply: Supply
    seller: PartyId
    buyer: PartyId
    net: Money
    vat: Money
    rate: Decimal
    jurisdiction: str
    treatment: Treatment
    reason: str
    source: str

    @property
    def gross(self) -> Money:
        return self.net + self.vat

    @property
    def reverse_vat(self) -> Money:
        """What the buyer accounts for and deducts in its own return."""
        if self.treatment is not Treatment.REVERSE_CHARGE:
            return Money.zero(self.net.currency)
        return vat_on(self.net, self.rate)


def vat_on(net: Money, rate: Decimal) -> Money:
    """The VAT on top of a net amount, half up (EN 16931: per document and rate group)."""
    with localcontext(EXACT):
        return Money.rounded(net.exact * rate, net.currency)


def vat_within(gross: Money, rate: Decimal) -> Money:
    """The VAT inside a gross amount: gross x r / (1 + r), half up; the net is what is left."""
    with localcontext(EXACT):
        return Money.rounded(gross.exact * rate / (1 + rate), gross.currency)
