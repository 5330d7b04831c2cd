"""How is a CPO's tariff told to an eMSP? As 2.2.1 writes it, where 2.2.1 can say it at all."""

from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.hub.offered import ID_MAX
from chalicelib.domain.tariff.tariff import (
    FirstMatch,
    PriceComponent,
    PriceLimit,
    Restrictions,
    Tariff,
    TariffElement,
    TaxIncluded,
)
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.strict.forms import in_form
from chalicelib.ocpi.strict.objects import OF_2_2_1, Objects

_NEWER = {"tax_included", "preauthorize_amount"}  # 2.3.0 alone has them
_NUMBERS = ("min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power")


def sayable(tariff: Tariff) -> bool:
    """Whether 2.2.1 says exactly the same: else an eMSP would reckon another price than we do.

    It has no prices with tax, no limit without tax, and an element in it decides for its own
    dimensions only. What cannot be priced here cannot be started either.
    """
    limits = [one for one in (tariff.min_price, tariff.max_price) if one is not None]
    kinds = {frozenset(c.type for c in one.price_components) for one in tariff.elements}
    return (
        not tariff.unsupported
        and len(tariff.id) <= ID_MAX
        and any(one.price_components for one in tariff.elements)
        and tariff.tax_included is not TaxIncluded.YES
        and all(one.excl_vat is not None for one in limits)
        and (tariff.first_match is FirstMatch.PER_DIMENSION or len(kinds) == 1)
    )


def write_tariff(tariff: Tariff, raw: str, forms: Objects = OF_2_2_1) -> dict[str, Any]:
    """A Tariff of 2.2.1; members that we do not know stay as the CPO told them."""
    told = in_form(parse_object(raw), forms.tariff) if raw else {}
    kept = {name: value for name, value in told.items() if name not in _NEWER}
    found: dict[str, Any] = {
        **kept,
        "country_code": tariff.country_code,
        "party_id": tariff.party_id,
        "id": tariff.id,
        "currency": tariff.currency,
        "elements": [_element(one) for one in tariff.elements if one.price_components],
        "last_updated": instant_text(tariff.last_updated),
    }
    for name, limit in (("min_price", tariff.min_price), ("max_price", tariff.max_price)):
        if limit is not None:
            found[name] = _limit(limit)
    for name, at in (
        ("start_date_time", tariff.start_date_time),
        ("end_date_time", tariff.end_date_time),
    ):
        if at is not None:
            found[name] = instant_text(at)
    return found


def _limit(limit: PriceLimit) -> dict[str, Any]:
    incl = {} if limit.incl_vat is None else {"incl_vat": limit.incl_vat}
    return {"excl_vat": limit.excl_vat, **incl}


def _element(element: TariffElement) -> dict[str, Any]:
    found: dict[str, Any] = {
        "price_components": [_component(one) for one in element.price_components]
    }
    restrictions = _restrictions(element.restrictions)
    if restrictions:
        found["restrictions"] = restrictions
    return found


def _component(component: PriceComponent) -> dict[str, Any]:
    vat = {} if component.vat is None else {"vat": component.vat}
    found = {"type": component.type.value, "price": component.price, **vat}
    return {**found, "step_size": component.step_size}


def _restrictions(told: Restrictions) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in ("start_time", "end_time"):
        clock = getattr(told, name)
        if clock is not None:
            found[name] = f"{clock:%H:%M}"
    for name in ("start_date", "end_date"):
        day = getattr(told, name)
        if day is not None:
            found[name] = day.isoformat()
    numbers = {name: getattr(told, name) for name in _NUMBERS}
    numbers |= {"min_duration": told.min_duration_s, "max_duration": told.max_duration_s}
    found |= {name: value for name, value in numbers.items() if value is not None}
    if told.day_of_week:
        found["day_of_week"] = [day.value for day in told.day_of_week]
    if told.reservation is not None:
        found["reservation"] = told.reservation.value
    return found
