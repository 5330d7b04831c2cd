"""What does a Tariff say, in any version that we read? (mod_tariffs)

The members of all versions are understood wherever they stand; a `Dialect` says which of them the
spoken version has, and what it means by leaving one out. Members that nobody knows are left out and
noted; in restrictions they keep the tariff from being priced.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import NamedTuple

from chalicelib.domain.canonical import canonical_bytes
from chalicelib.domain.errors import Invalid
from chalicelib.domain.money import Currency, CurrencyUnknown, currency
from chalicelib.domain.tariff.tariff import (
    Dimension,
    DisplayText,
    FirstMatch,
    PriceComponent,
    Tariff,
    TariffElement,
    TaxIncluded,
)
from chalicelib.ocpi.lenient.cost import Shape, limit_at
from chalicelib.ocpi.lenient.place import Place
from chalicelib.ocpi.lenient.restriction import restrictions_of, whole

ELEMENTS_MAX = 1_000  # a week by the hour has 168, a day by the minute 1,440 and is no tariff
_COMPONENTS_MAX = 100
_TEXTS_MAX = 100
_VAT_MAX = 100
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_DIMENSIONS = {kind.value: kind for kind in Dimension}
_TAXES = {one.value: one for one in TaxIncluded}
_MEMBERS = frozenset(
    {
        *("country_code", "party_id", "id", "currency", "type", "tariff_alt_text"),
        *("tariff_alt_url", "min_price", "max_price", "preauthorize_amount", "elements"),
        *("tax_included", "start_date_time", "end_date_time", "energy_mix", "last_updated"),
    }
)
_IN_ELEMENT = frozenset({"price_components", "restrictions"})
_IN_COMPONENT = frozenset({"type", "price", "vat", "step_size"})
_FOREIGN = "is a member of another version, and was read as that version reads it"


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is particular to a version; `foreign` are the members it does not have."""

    money: Shape
    names_owner: bool
    first_match: FirstMatch
    tells_tax: bool
    foreign: frozenset[str] = frozenset()
    foreign_in_component: frozenset[str] = frozenset()
    foreign_in_restrictions: frozenset[str] = frozenset()


class Owner(NamedTuple):
    """Whose an object is where it does not say so: 2.1.1 tells it in the URL, CDRs around it."""

    country_code: str = ""
    party_id: str = ""


def tariff_of(place: Place, dialect: Dialect, owner: Owner | None = None) -> Tariff:
    """Raises Invalid naming the member to blame. Without an `owner` the tariff must name it."""
    place.only(_MEMBERS)
    place.foreign(dialect.foreign, "foreign_member", _FOREIGN)
    unsupported: list[str] = []
    elements = tuple(
        _element(element, number, dialect, unsupported)
        for number, element in enumerate(place.objects("elements", ELEMENTS_MAX))
    )
    if not elements:
        raise place.invalid("elements", "a tariff has at least one element")
    return Tariff(
        country_code=_owned(place, "country_code", dialect, owner and owner.country_code),
        party_id=_owned(place, "party_id", dialect, owner and owner.party_id),
        id=place.id("id"),
        currency=currency_at(place),
        elements=elements,
        last_updated=_last_updated(place),
        type=place.maybe_upper("type"),
        min_price=limit_at(place, "min_price", dialect.money),
        max_price=limit_at(place, "max_price", dialect.money),
        start_date_time=place.maybe_instant("start_date_time"),
        end_date_time=place.maybe_instant("end_date_time"),
        unsupported=tuple(dict.fromkeys(unsupported)),
        tax_included=_tax_included(place, dialect),
        first_match=dialect.first_match,
        preauthorize_amount=limit_at(place, "preauthorize_amount", Shape.NUMBER),
        texts=tuple(
            DisplayText(text.text("language"), text.text("text"))
            for text in place.objects("tariff_alt_text", _TEXTS_MAX)
        ),
        url=place.text("tariff_alt_url"),
        energy_mix=_energy_mix(place),
    )


def currency_at(place: Place) -> Currency:
    try:
        return currency(place.upper("currency"))
    except CurrencyUnknown as error:
        raise place.invalid("currency", str(error)) from error


def _owned(place: Place, name: str, dialect: Dialect, owner: str | None) -> str:
    if place.has(name) or (dialect.names_owner and owner is None):
        return place.upper(name)
    if dialect.names_owner:
        place.note("owner_missing", name, f"is missing: {owner} was taken from around it")
    return owner or ""


def _last_updated(place: Place) -> datetime:
    at = place.maybe_instant("last_updated")
    if at is not None:
        return at
    place.note("last_updated_missing", "last_updated", "is missing: older than any that is told")
    return _NEVER


def _tax_included(place: Place, dialect: Dialect) -> TaxIncluded:
    name = place.maybe_upper("tax_included")
    if not name:
        if dialect.tells_tax:
            place.note("tax_included_missing", "tax_included", "is missing: NO was taken")
        return TaxIncluded.NO
    if name == "NA":
        place.note("tax_included_form", "tax_included", "NA was sent for N/A")
        name = "N/A"
    found = _TAXES.get(name)
    if found is None:
        raise place.invalid("tax_included", f"{name!r} is none of YES, NO, N/A")
    return found


def _element(place: Place, number: int, dialect: Dialect, unsupported: list[str]) -> TariffElement:
    place.only(_IN_ELEMENT)
    components: list[PriceComponent] = []
    for count, component in enumerate(place.objects("price_components", _COMPONENTS_MAX)):
        component.only(_IN_COMPONENT)
        component.foreign(dialect.foreign_in_component, "foreign_member", _FOREIGN)
        name = component.upper("type")
        kind = _DIMENSIONS.get(name)
        if kind is None:
            unsupported.append(f"elements.{number}.price_components.{count}.type {name}")
        else:
            components.append(_component(component, kind))
    limits = place.object("restrictions")
    limits.foreign(dialect.foreign_in_restrictions, "foreign_member", _FOREIGN)
    inside = f"elements.{number}.restrictions"
    return TariffElement(tuple(components), restrictions_of(limits, inside, unsupported))


def _component(place: Place, kind: Dimension) -> PriceComponent:
    step = place.maybe_number("step_size")
    if step is None:
        step = Decimal(0)
        if kind is not Dimension.FLAT:
            place.note("step_size_missing", "step_size", "is missing: nothing is rounded up")
    vat = place.maybe_number("vat")
    if vat is not None and not 0 <= vat <= _VAT_MAX:
        raise place.invalid("vat", f"{vat} is not a percentage of VAT")
    return PriceComponent(kind, place.number("price"), whole(place, "step_size", step), vat)


def _energy_mix(place: Place) -> str | None:
    """Carried as canonical JSON, its numbers as text; a mix that is no object is left out."""
    value = place.members.get("energy_mix")
    if value is None:
        return None
    if not isinstance(value, dict):
        place.note("energy_mix_left_out", "energy_mix", "is not an object")
        return None
    return canonical_bytes(_numbers_as_text(value)).decode()


def _numbers_as_text(value: object) -> object:
    if isinstance(value, Mapping):
        return {name: _numbers_as_text(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_numbers_as_text(part) for part in value]
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    return value


def tariffs_in(place: Place, dialect: Dialect, owner: Owner) -> tuple[Tariff, ...]:
    """Those of a CDR that have a reading; what is left out is noted with its reason."""
    found: list[Tariff] = []
    for number, value in enumerate(place.values("tariffs", ELEMENTS_MAX)):
        if value is None:
            continue
        where = f"tariffs.{number}"
        if not isinstance(value, dict):
            place.note("tariff_left_out", where, "an object is expected")
            continue
        try:
            found.append(tariff_of(Place(value, place.notes, place, where), dialect, owner))
        except Invalid as error:
            place.notes.add("tariff_left_out", error.field, error.reason)
    return tuple(found)
