"""Can these prices and limits be meant? The bounds are far beyond what charging ever cost."""

from collections.abc import Iterator
from decimal import Decimal

from chalicelib.domain.tariff.lint.finding import Code, Finding, component_place
from chalicelib.domain.tariff.tariff import Dimension, PriceComponent, PriceLimit, Tariff

# Roughly how many units are a euro: the bounds are so wide that rates of any year do.
_EURO = {"EUR": 1, "CHF": 1, "GBP": 1, "USD": 1, "CAD": 1, "BGN": 2, "PLN": 4, "RON": 5, "DKK": 7,
         "SEK": 11, "NOK": 11, "CZK": 25, "ISK": 150, "HUF": 400}  # fmt: skip
_HIGH = {
    Dimension.ENERGY: Decimal(5),
    Dimension.TIME: Decimal(60),
    Dimension.PARKING_TIME: Decimal(60),
    Dimension.FLAT: Decimal(100),
}
_LOW = {
    Dimension.ENERGY: Decimal("0.02"),
    Dimension.TIME: Decimal("0.3"),
    Dimension.PARKING_TIME: Decimal("0.3"),
}
_CENTS = Decimal(10)  # a kWh for more than this is a price in cents
_DECIMALS_MAX = 4
_UNIT = {
    Dimension.ENERGY: "a kWh",
    Dimension.TIME: "an hour",
    Dimension.PARKING_TIME: "an hour",
    Dimension.FLAT: "a session",
}


def amount_findings(tariff: Tariff) -> Iterator[Finding]:
    every = [one for element in tariff.elements for one in element.price_components]
    declared = [one.type for one in every] == [Dimension.FLAT]  # OCPI's way to say free of charge
    free = bool(every) and not any(one.price for one in every) and not declared
    if free:
        text = "every price is 0. If charging is free, say so by one FLAT of 0; else correct them"
        yield Finding(Code.ALL_FREE, "elements", text)
    for number, element in enumerate(tariff.elements):
        for count, one in enumerate(element.price_components):
            place = component_place(number, count, "price")
            if one.price == 0 and not free and not declared:
                text = f"{one.type} is free here; nothing to do if that is meant"
                yield Finding(Code.PRICE_ZERO, place, text)
            yield from _price(place, one, tariff)
    yield from _limits(tariff)


def _price(place: str, one: PriceComponent, tariff: Tariff) -> Iterator[Finding]:
    said = f"{one.price} {tariff.currency} {_UNIT[one.type]}"
    if one.price < 0:
        text = f"{said} is a rebate, which few systems bill alike: correct the sign or drop it"
        yield Finding(Code.PRICE_NEGATIVE, place, text)
    exponent = one.price.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -_DECIMALS_MAX:
        text = f"{said} has more than OCPI's 4 decimals: others will round it, do it yourself"
        yield Finding(Code.PRICE_PRECISION, place, text)
    units = _EURO.get(tariff.currency)
    if units is None:
        return
    if one.type is Dimension.ENERGY and one.price > _CENTS * units:
        text = f"{said}: prices are in whole {tariff.currency}. If hundredths are meant, write "
        yield Finding(Code.PRICE_IN_CENTS, place, text + str(one.price / 100))
    elif one.price > _HIGH[one.type] * units:
        yield Finding(Code.PRICE_HIGH, place, f"{said} is more than anybody pays: correct it")
    elif 0 < one.price < _LOW.get(one.type, Decimal(0)) * units:
        yield Finding(Code.PRICE_LOW, place, f"{said} is hardly meant: {_low(one)}")


def _low(one: PriceComponent) -> str:
    if one.type is Dimension.ENERGY:
        return "the unit is a kWh, not a Wh, and the currency's main unit"
    return f"the unit is an hour; if it is the price of a minute, write {one.price * 60}"


def _limits(tariff: Tariff) -> Iterator[Finding]:
    low, high = tariff.min_price, tariff.max_price
    for side in ("excl_vat", "incl_vat"):
        least, most = _side(low, side), _side(high, side)
        if least is not None and most is not None and least > most:
            text = f"the least, {least}, is more than max_price, {most} ({side}): correct one"
            yield Finding(Code.LIMITS_CROSSED, "min_price", text)
    for name, limit in (("min_price", low), ("max_price", high)):
        excl, incl = _side(limit, "excl_vat"), _side(limit, "incl_vat")
        if excl is not None and incl is not None and excl > incl:
            text = f"{excl} without VAT is more than {incl} with it: they are the wrong way round"
            yield Finding(Code.LIMITS_CROSSED, name, text)
        if name == "max_price" and 0 in (excl, incl):
            text = "a greatest price of 0 makes every session free: leave it out or correct it"
            yield Finding(Code.LIMIT_ZERO, name, text)


def _side(limit: PriceLimit | None, side: str) -> Decimal | None:
    if limit is None:
        return None
    return limit.excl_vat if side == "excl_vat" else limit.incl_vat
