"""Are an element's restrictions and components put together as OCPI means them?"""

from collections.abc import Iterator
from datetime import datetime, time, timedelta

from chalicelib.domain.tariff.lint.finding import Code, Finding, component_place, element_place
from chalicelib.domain.tariff.tariff import Dimension, Reservation, Tariff, TariffElement

_MIDNIGHT, _LAST_MINUTE = time(0), time(23, 59)
_RESERVABLE = (Dimension.TIME, Dimension.FLAT)


def window_findings(tariff: Tariff, at: datetime) -> Iterator[Finding]:
    for number, element in enumerate(tariff.elements):
        yield from _components(number, element)
        yield from _restrictions(number, element, at)
    yield from _reservations(tariff)
    yield from _flats(tariff)


def _components(number: int, element: TariffElement) -> Iterator[Finding]:
    if not element.price_components:
        text = "the element has no price component that is read: add one or drop the element"
        yield Finding(Code.ELEMENT_EMPTY, element_place(number), text)
    seen: set[Dimension] = set()
    for count, one in enumerate(element.price_components):
        place = component_place(number, count)
        if one.type in seen:
            text = f"a second {one.type} in one element is never billed: drop one of the two"
            yield Finding(Code.COMPONENT_TWICE, place, text)
        seen.add(one.type)
        if element.restrictions.reservation is not None and one.type not in _RESERVABLE:
            text = (
                f"a reservation has no {one.type}, only TIME and FLAT: drop it or the restriction"
            )
            yield Finding(Code.COMPONENT_UNUSED, place, text)


def _restrictions(number: int, element: TariffElement, at: datetime) -> Iterator[Finding]:
    limits = element.restrictions
    inside = element_place(number, "restrictions")
    if limits.start_time is not None and limits.start_time == limits.end_time != _MIDNIGHT:
        text = (
            "a window that ends when it starts was read as the whole day: leave both times out for"
            " the whole day, or correct them"
        )
        yield Finding(Code.WINDOW_ZERO, f"{inside}.end_time", text)
    if limits.end_time == _LAST_MINUTE:
        text = "ends are exclusive, so the minute from 23:59 to 24:00 is left out: write 00:00"
        yield Finding(Code.ENDS_AT_2359, f"{inside}.end_time", text)
    # No location's day is further behind UTC than twelve hours.
    if limits.end_date is not None and limits.end_date <= (at - timedelta(hours=12)).date():
        text = f"the element ended with {limits.end_date}: drop it when you next publish the tariff"
        yield Finding(Code.ELEMENT_PAST, f"{inside}.end_date", text)
    measured = [
        name
        for name in ("min_power", "max_power", "min_current", "max_current")
        if getattr(limits, name) is not None
    ]
    if measured:
        text = (
            "drivers cannot see this, and a CDR proves it only with the power or current of each"
            " period: send them, or restrict by time, energy or connector"
        )
        yield Finding(Code.POWER_OR_CURRENT, f"{inside}.{measured[0]}", text)


def _reservations(tariff: Tariff) -> Iterator[Finding]:
    uses = [element.restrictions.reservation for element in tariff.elements]
    if Reservation.RESERVATION in uses and Reservation.RESERVATION_EXPIRES not in uses:
        text = (
            "there is no RESERVATION_EXPIRES: a reservation that nobody uses costs what a used one"
            " costs. Add an element if it shall not"
        )
        place = element_place(uses.index(Reservation.RESERVATION), "restrictions.reservation")
        yield Finding(Code.RESERVATION_WITHOUT_EXPIRY, place, text)
    if Reservation.RESERVATION_EXPIRES in uses and Reservation.RESERVATION not in uses:
        text = (
            "only a reservation that expires has a price, one that is used is free: is that meant?"
        )
        place = element_place(
            uses.index(Reservation.RESERVATION_EXPIRES), "restrictions.reservation"
        )
        yield Finding(Code.EXPIRY_ALONE, place, text)


def _flats(tariff: Tariff) -> Iterator[Finding]:
    """OCPI does not say what a second FLAT means (T 16)."""
    for use in (None, *Reservation):
        places = [
            component_place(number, count)
            for number, element in enumerate(tariff.elements)
            for count, one in enumerate(element.price_components)
            if one.type is Dimension.FLAT and element.restrictions.reservation is use
        ]
        if len(places) > 1:
            text = f"one FLAT is billed a session, the first of {len(places)} that becomes active"
            yield Finding(Code.SEVERAL_FLATS, places[1], text)
