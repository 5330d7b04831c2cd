"""What does a price consist of, and what is uncertain in it?"""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from chalicelib.domain.tariff.tariff import Dimension

_ZERO = Decimal(0)


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
    tariff_id: str = ""


@dataclass(frozen=True, slots=True)
class PeriodLine:
    """What one component costs in one period; `explain` makes these, they are not kept.

    `period` counts from 0 in order of time. `why` are the restrictions that held, "" if the element
    has none. `volume` was used (kWh, seconds, sessions), `step_extra` is what `step_size` adds to
    it here. `element` and `price` are None where nothing was priced: that costs nothing.
    """

    period: int
    start: datetime
    tariff_id: str
    dimension: Dimension
    reservation: bool = False
    element: int | None = None
    why: str = ""
    volume: Decimal = _ZERO
    step_extra: Decimal = _ZERO
    price: Decimal | None = None
    vat: Decimal | None = None
    excl_vat: Decimal = _ZERO
    incl_vat: Decimal | None = _ZERO


@dataclass(frozen=True, slots=True)
class LimitEffect:
    """What a minimum or maximum price ("min_price", "max_price") added to a tariff's total."""

    name: str
    tariff_id: str
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
    """A reading that was needed, and the most it can be off, excl. VAT.

    `can_be_more` is False where the other reading can only make the price less: it excuses no
    claim above it.
    """

    code: str
    text: str
    off: Decimal = _ZERO
    can_be_more: bool = True


@dataclass(frozen=True, slots=True)
class Price:
    """Exact and unrounded, in the tariff's currency.

    A quotient that does not terminate (a third of an hour) has 80 digits. `incl_vat` is None when
    something billed has no VAT statement, which is not the same as 0 %. `lines` add up to the total
    before `limit` ("min_price", "max_price"; `limits` say what each changed), `taxes` add up to the
    total itself. `excl_known` is False when prices include tax at a rate that nobody states: then
    `excl_vat` is the sum with tax, which the net is not above.
    """

    excl_vat: Decimal
    incl_vat: Decimal | None
    lines: tuple[PriceLine, ...] = ()
    taxes: tuple[TaxPart, ...] = ()
    warnings: tuple[PriceWarning, ...] = ()
    limit: str = ""
    limits: tuple[LimitEffect, ...] = ()
    excl_known: bool = True

    @property
    def uncertainty(self) -> Decimal:
        """The most by which the readings we had to choose can make it more, excl. VAT."""
        return sum((one.off for one in self.warnings if one.can_be_more), _ZERO)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A price with a line for each component and period; the lines add up to `price.lines`."""

    price: Price
    lines: tuple[PeriodLine, ...]
