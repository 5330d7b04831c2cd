"""What does an amount of money say: 2.1.1's bare number, 2.2.1's Price, or 2.3.0's with its taxes?

Source: types.asciidoc, Price; of 2.3.0 also TaxAmount and mod_tariffs' PriceLimit. All three are
understood wherever one may stand; what is not of the version that is spoken is noted.
"""

from decimal import Decimal
from enum import Enum

from chalicelib.domain.errors import Invalid
from chalicelib.domain.tariff.tariff import PriceLimit
from chalicelib.domain.tariff.usage import Cost, TaxAmount
from chalicelib.ocpi.lenient.place import Place

_TAXES_MAX = 100


class Shape(Enum):
    """How a version writes money: the name of the amount without tax, none for a bare number."""

    NUMBER = ""
    PRICE = "excl_vat"
    TAXED = "before_taxes"


def _bare(value: object) -> bool:
    return isinstance(value, int | str | Decimal) and not isinstance(value, bool)


def cost_at(place: Place, name: str, shape: Shape) -> Cost | None:
    """A cost; None if it is absent or has no amount without tax."""
    value = place.members.get(name)
    if type(value) is dict:
        own = value.get(shape.value)
        price = Place(value, place.notes, place, name)
        if shape is Shape.PRICE and own is not None:
            return Cost(price.number("excl_vat"), price.maybe_number("incl_vat"))
        if shape is Shape.TAXED and own is not None:
            return _taxed(price)
        return _of_another_version(place, price, name)
    if value is None:
        return None
    if not _bare(value):
        raise place.invalid(name, "is not an amount of money")
    if shape is not Shape.NUMBER:
        place.note("bare_price", name, "a bare number was taken as the amount without tax")
    return Cost(place.number(name))


def part_at(place: Place, name: str, shape: Shape) -> Cost | None:
    """A cost that is told for information: without a reading it is left out and noted."""
    if place.members.get(name) is None:
        return None
    try:
        return cost_at(place, name, shape)
    except Invalid as error:
        place.notes.add("cost_left_out", error.field, error.reason)
        return None


def _of_another_version(place: Place, price: Place, name: str) -> Cost | None:
    words = "was read as the version reads it that has this form"
    if price.has("before_taxes"):
        place.note("price_of_another_version", name, words)
        return _taxed(price)
    if price.has("excl_vat"):
        place.note("price_of_another_version", name, words)
        return Cost(price.number("excl_vat"), price.maybe_number("incl_vat"))
    return None


def _taxed(price: Place) -> Cost:
    """The sum with tax is known where a list of taxes was sent, be it an empty one."""
    before = price.number("before_taxes")
    if not price.has("taxes"):
        return Cost(before)
    taxes = tuple(
        TaxAmount(
            tax.text("name"),
            tax.text("account_number"),
            tax.maybe_number("percentage"),
            tax.number("amount"),
        )
        for tax in price.objects("taxes", _TAXES_MAX)
    )
    return Cost(before, before + sum(tax.amount for tax in taxes), taxes)


_LIMIT_NAMES = {Shape.PRICE: ("excl_vat", "incl_vat"), Shape.TAXED: ("before_taxes", "after_taxes")}


def limit_at(place: Place, name: str, shape: Shape) -> PriceLimit | None:
    """A min_price, max_price or preauthorisation; None if neither side is told."""
    value = place.members.get(name)
    if value is None:
        return None
    if not isinstance(value, dict):
        if not _bare(value):
            raise place.invalid(name, "is not an amount of money")
        if shape is not Shape.NUMBER:
            place.note("bare_price", name, "a bare number was taken as the amount without tax")
        return PriceLimit(place.number(name))
    limit = Place(value, place.notes, place, name)
    for spoken, (excl, incl) in _LIMIT_NAMES.items():
        if limit.has(excl) or limit.has(incl):
            if spoken is not shape:
                words = "was read as the version reads it that has this form"
                place.note("price_of_another_version", name, words)
            return PriceLimit(limit.maybe_number(excl), limit.maybe_number(incl))
    return None
