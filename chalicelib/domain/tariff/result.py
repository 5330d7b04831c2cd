"""What does a price consist of, and what is uncertain in it?"""

from dataclasses import dataclass
from decimal import Decimal

from chalicelib.domain.tariff.tariff import Dimension


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What one component of the tariff costs: `quantity` x `price`, in kWh, seconds or sessions.

    `price` is per kWh, hour or session, excl. VAT. `step_extra` is the part of `quantity` that was
    not used but billed by `step_size`. `element` counts from 0 in the published tariff.
    """

    dimension: Dimension
    element: int
    reservation: bool
    quantity: Decimal
    step_extra: Decimal
    price: Decimal
    vat: Decimal | None
    excl_vat: Decimal
    incl_vat: Decimal | None


@dataclass(frozen=True, slots=True)
class TaxPart:
    """What is billed at one VAT rate (percent; None: the tariff makes no VAT statement)."""

    vat: Decimal | None
    excl_vat: Decimal
    incl_vat: Decimal | None


@dataclass(frozen=True, slots=True)
class PriceWarning:
    """A reading that was needed, and the most it can be off, excl. VAT, either way."""

    code: str
    text: str
    off: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Price:
    """Exact and unrounded, in the tariff's currency.

    A quotient that does not terminate (a third of an hour) has 60 digits. `incl_vat` is None when
    something billed has no VAT statement, which is not the same as 0 %. `lines` add up to the total
    before `limit` ("min_price", "max_price"), `taxes` add up to the total itself.
    """

    excl_vat: Decimal
    incl_vat: Decimal | None
    lines: tuple[PriceLine, ...] = ()
    taxes: tuple[TaxPart, ...] = ()
    warnings: tuple[PriceWarning, ...] = ()
    limit: str = ""

    @property
    def uncertainty(self) -> Decimal:
        """The most that the readings we had to choose can change the price, excl. VAT."""
        return sum((warning.off for warning in self.warnings), Decimal(0))
