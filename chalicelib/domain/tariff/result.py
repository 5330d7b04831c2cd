"""What does a price consist of, and what is uncertain in it?"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext

from chalicelib.domain.money import EXACT
from chalicelib.domain.tariff.tariff import Dimension

_ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class Basis:
    """What a line stands on: a component of a published tariff, and why it was active.

    `price` is per kWh, hour or session, as published. `element` counts from 0. `why` are the
    restrictions that held, "" if the element has none.
    """

    tariff_id: str
    element: int
    dimension: Dimension
    reservation: bool
    price: Decimal
    vat: Decimal | None
    why: str = ""


@dataclass(frozen=True, slots=True)
class PriceLine:
    """What one component costs in one period; `period` counts from 0 in order of time.

    `volume` was used, in kWh, seconds or sessions; `step_extra` is what `step_size` adds to it, on
    the line in which its component was used last.
    """

    period: int
    start: datetime
    basis: Basis
    volume: Decimal
    step_extra: Decimal
    excl_vat: Decimal
    incl_vat: Decimal | None


@dataclass(frozen=True, slots=True)
class ComponentSum:
    """What one component costs in all periods; `quantity` is what is billed, `step_extra` in it."""

    basis: Basis
    quantity: Decimal
    step_extra: Decimal
    excl_vat: Decimal
    incl_vat: Decimal | None


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
    total itself. What no component prices costs nothing and has no line. `excl_known` is False when
    prices include tax at a rate that nobody states: then `excl_vat` is the sum with tax, which the
    net is not above.
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
    def components(self) -> tuple[ComponentSum, ...]:
        """The lines added up over the periods, in order of first use."""
        return tuple(_component_sums(self.lines))

    @property
    def uncertainty(self) -> Decimal:
        """The most by which the readings we had to choose can make it more, excl. VAT."""
        return sum((one.off for one in self.warnings if one.can_be_more), _ZERO)


def _component_sums(lines: Sequence[PriceLine]) -> Iterator[ComponentSum]:
    by_basis: dict[Basis, list[PriceLine]] = {}
    for line in lines:
        by_basis.setdefault(line.basis, []).append(line)
    with localcontext(EXACT):
        for basis, own in by_basis.items():
            extra = sum((one.step_extra for one in own), _ZERO)
            gross = [one.incl_vat for one in own if one.incl_vat is not None]
            yield ComponentSum(
                basis=basis,
                quantity=sum((one.volume for one in own), extra),
                step_extra=extra,
                excl_vat=sum((one.excl_vat for one in own), _ZERO),
                incl_vat=sum(gross, _ZERO) if len(gross) == len(own) else None,
            )
