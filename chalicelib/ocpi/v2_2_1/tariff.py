"""What does an OCPI 2.2.1 Tariff say? (mod_tariffs 11.3 and 11.4)

Unknown members are ignored, except in restrictions: a restriction that is not understood cannot be
left out without inventing a price, so the tariff is read, kept, and named as not supported.
"""

import re
from collections.abc import Sequence
from datetime import date, time
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, ValidationInfo

from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import CurrencyUnknown, currency
from chalicelib.domain.tariff.tariff import (
    Dimension,
    PriceComponent,
    PriceLimit,
    Reservation,
    Restrictions,
    Tariff,
    TariffElement,
    Weekday,
)
from chalicelib.ocpi.envelope.fields import (
    Id,
    Instant,
    Listed,
    Number,
    Upper,
    Wire,
    mended_once,
    note,
    read,
)
from chalicelib.ocpi.v2_2_1.period import Priced, WirePrice

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?")
_VAT_MAX = 100


def _clock(value: Any, info: ValidationInfo) -> time:  # noqa: ANN401 - any JSON
    """HH:MM. Feeds also send seconds, 24:00, and 19:59:59 where they mean 20:00."""
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        message = "is not a time of day such as 17:30"
        raise ValueError(message)
    minutes = int(found[1]) * 60 + int(found[2])
    if found[3] is not None or len(found[1]) == 1:
        note(info, f"{value!r} was sent for HH:MM")
    if found[3] == "59":
        minutes += 1
    elif found[3] not in (None, "00"):
        message = f"{value[:20]!r} is not a whole minute"
        raise ValueError(message)
    hour, minute = divmod(minutes, 60)
    if (hour, minute) == (24, 0):
        hour = 0
    return time(hour, minute)


def _date(value: Any) -> date:  # noqa: ANN401 - any JSON
    if not isinstance(value, str):
        message = "is not a date such as 2026-11-20"
        raise ValueError(message)  # noqa: TRY004 - pydantic reports ValueErrors with their path
    return date.fromisoformat(value.strip())


def _single(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, list) and len(value) <= 1:
        note(info, "a list was sent where one object belongs")
        return value[0] if value else {}
    return value


Clock = Annotated[time, BeforeValidator(_clock)]
Day = Annotated[date, BeforeValidator(_date)]


class _Component(Wire):
    type: Upper
    price: Number
    vat: Number | None = None
    step_size: Number = Decimal(0)


class _Restrictions(Wire):
    model_config = ConfigDict(extra="allow")

    start_time: Clock | None = None
    end_time: Clock | None = None
    start_date: Day | None = None
    end_date: Day | None = None
    min_kwh: Number | None = None
    max_kwh: Number | None = None
    min_current: Number | None = None
    max_current: Number | None = None
    min_power: Number | None = None
    max_power: Number | None = None
    min_duration: Number | None = None
    max_duration: Number | None = None
    day_of_week: Annotated[tuple[Upper, ...], Listed] = ()
    reservation: Upper | None = None


class _Element(Wire):
    price_components: Annotated[tuple[_Component, ...], Listed]
    restrictions: Annotated[_Restrictions, BeforeValidator(_single)] = Field(
        default_factory=_Restrictions
    )


class _Tariff(Wire):
    country_code: Upper
    party_id: Upper
    id: Id
    currency: Upper
    type: Upper = ""
    min_price: Priced | None = None
    max_price: Priced | None = None
    elements: Annotated[tuple[_Element, ...], Listed]
    start_date_time: Instant | None = None
    end_date_time: Instant | None = None
    tax_included: Upper = ""  # of 2.3.0; a feed that says it here means it
    last_updated: Instant


def read_tariff(value: Any) -> tuple[Tariff, tuple[str, ...]]:  # noqa: ANN401 - any JSON
    """A Tariff, and what was mended in it. Raises Invalid naming the member to blame."""
    mended: list[str] = []
    wire = read(_Tariff, value, mended)
    if not wire.elements:
        raise Invalid("elements", "a tariff has at least one element")
    try:
        code = currency(wire.currency)
    except CurrencyUnknown as error:
        raise Invalid("currency", str(error)) from error
    unsupported: list[str] = []
    if wire.tax_included == "YES":
        unsupported.append("tax_included")
    tariff = Tariff(
        country_code=wire.country_code,
        party_id=wire.party_id,
        id=wire.id,
        currency=code,
        elements=tuple(
            _element(element, f"elements.{number}", unsupported)
            for number, element in enumerate(wire.elements)
        ),
        last_updated=wire.last_updated,
        type=wire.type,
        min_price=_limit(wire.min_price),
        max_price=_limit(wire.max_price),
        start_date_time=wire.start_date_time,
        end_date_time=wire.end_date_time,
        unsupported=tuple(dict.fromkeys(unsupported)),
    )
    return tariff, mended_once(mended)


def read_tariffs(values: Sequence[Any], mended: list[str]) -> tuple[Tariff, ...]:
    """The tariffs of a list that have a reading; what is left out is noted with its reason."""
    found: list[Tariff] = []
    for number, value in enumerate(values):
        try:
            tariff, notes = read_tariff(value)
        except Invalid as error:
            mended.append(f"tariffs.{number}: left out, {error}")
        else:
            found.append(tariff)
            mended.extend(f"tariffs.{number}.{what}" for what in notes)
    return tuple(found)


def _element(wire: _Element, path: str, unsupported: list[str]) -> TariffElement:
    components: list[PriceComponent] = []
    for number, component in enumerate(wire.price_components):
        where = f"{path}.price_components.{number}"
        try:
            kind = Dimension(component.type)
        except ValueError:
            unsupported.append(f"price component {component.type}")
            continue
        step = _whole(f"{where}.step_size", component.step_size)
        vat = component.vat
        if vat is not None and not 0 <= vat <= _VAT_MAX:
            raise Invalid(f"{where}.vat", f"{vat} is not a percentage of VAT")
        components.append(PriceComponent(kind, component.price, step, vat))
    limits = _restrictions(wire.restrictions, f"{path}.restrictions", unsupported)
    return TariffElement(tuple(components), limits)


def _restrictions(wire: _Restrictions, path: str, unsupported: list[str]) -> Restrictions:
    unsupported.extend(f"restriction {name}" for name in wire.model_extra or {})
    days: list[Weekday] = []
    for name in wire.day_of_week:
        if name in Weekday.__members__:
            days.append(Weekday(name))
        else:
            unsupported.append(f"day_of_week {name}")
    reservation = None
    if wire.reservation is not None and wire.reservation in Reservation.__members__:
        reservation = Reservation(wire.reservation)
    elif wire.reservation is not None:
        unsupported.append(f"reservation {wire.reservation}")
    order = list(Weekday)
    return Restrictions(
        start_time=wire.start_time,
        end_time=wire.end_time,
        start_date=wire.start_date,
        end_date=wire.end_date,
        min_kwh=wire.min_kwh,
        max_kwh=wire.max_kwh,
        min_current=wire.min_current,
        max_current=wire.max_current,
        min_power=wire.min_power,
        max_power=wire.max_power,
        min_duration_s=_seconds(f"{path}.min_duration", wire.min_duration),
        max_duration_s=_seconds(f"{path}.max_duration", wire.max_duration),
        day_of_week=tuple(sorted(set(days), key=order.index)),
        reservation=reservation,
    )


def _whole(path: str, number: Decimal) -> int:
    if number < 0 or number != int(number):
        raise Invalid(path, f"{number} is not a whole number of at least 0")
    return int(number)


def _seconds(path: str, number: Decimal | None) -> int | None:
    return None if number is None else _whole(path, number)


def _limit(wire: WirePrice | None) -> PriceLimit | None:
    if wire is None or (wire.excl_vat is None and wire.incl_vat is None):
        return None
    return PriceLimit(wire.excl_vat, wire.incl_vat)
