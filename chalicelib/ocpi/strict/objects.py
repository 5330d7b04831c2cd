"""Which form has each member of a location, tariff or CDR that we only pass on, by version?"""

from dataclasses import dataclass

from chalicelib.ocpi.strict import words
from chalicelib.ocpi.strict.forms import (
    FLAG,
    LATITUDE,
    LONGITUDE,
    NUMBER,
    Form,
    Forms,
    country,
    group,
    ident,
    instant,
    language,
    listed,
    text,
    url,
    whole,
    word,
)

_AMOUNT_MOST, _WATTS_MOST, _PIXELS_MOST = 100_000, 10_000_000, 99_999
_SPOT: Forms = {"latitude": LATITUDE, "longitude": LONGITUDE}
_GEO = group(_SPOT)
_PLANNED: Forms = {"period_begin": instant, "status": word(words.STATUS)}
_WORDS = group({"language": language, "text": text(512)})


@dataclass(frozen=True, slots=True)
class Objects:
    """The forms of a version; its closed enums have no other words than those we know."""

    location: Forms
    evse: Forms
    connector: Forms
    tariff: Forms
    cdr: Forms
    cdr_location: Forms
    standard: Form
    capability: Form
    restriction: Form


_PLACE: Forms = {"postal_code": text(10), "state": text(20), "coordinates": _GEO}


def _objects(*, more: bool) -> Objects:
    image = group(
        {"url": url, "category": word(words.IMAGE, more=more), "type": ident(4)},
        {"thumbnail": url, "width": whole(_PIXELS_MOST), "height": whole(_PIXELS_MOST)},
    )
    mix, standard = _mix(more=more), word(words.STANDARD, more=more)
    return Objects(
        location=_location(image, mix, more=more),
        evse=_evse(image),
        connector=_CONNECTOR,
        tariff={
            "type": word(words.TARIFF, more=more),
            "tariff_alt_text": listed(_WORDS),
            "tariff_alt_url": url,
            "energy_mix": mix,
        },
        cdr={
            "meter_id": text(255),
            "remark": text(255),
            "home_charging_compensation": FLAG,
            "signed_data": _SIGNED,
        },
        cdr_location={
            **_PLACE,
            "name": text(255),
            "address": text(45),
            "city": text(45),
            "country": country,
            "evse_id": ident(48),
            "connector_standard": standard,
            "connector_format": word(words.FORMAT),
            "connector_power_type": word(words.POWER),
        },
        standard=standard,
        capability=word(words.CAPABILITY, more=more),
        restriction=word(words.RESTRICTION, more=more),
    )


def _location(image: Form, mix: Form, *, more: bool) -> Forms:
    business = group({"name": text(100)}, {"website": url, "logo": image})
    return {
        **_PLACE,
        "related_locations": listed(group(_SPOT, {"name": _WORDS})),
        "parking_type": word(words.PARKING, more=more),
        "directions": listed(_WORDS),
        **dict.fromkeys(("operator", "suboperator", "owner"), business),
        "facilities": listed(word(words.FACILITY, more=more)),
        "charging_when_closed": FLAG,
        "images": listed(image),
        "energy_mix": mix,
        "help_phone": ident(25),
        "parking_places": listed(_parking(image)),
    }


def _evse(image: Form) -> Forms:
    return {
        "status_schedule": listed(group(_PLANNED, {"period_end": instant})),
        "floor_level": text(4),
        "coordinates": _GEO,
        "physical_reference": text(16),
        "directions": listed(_WORDS),
        "images": listed(image),
        "parking": listed(
            group({"parking_id": ident(36)}, {"evse_position": word(words.POSITION)})
        ),
        "accepted_service_providers": listed(text(50)),
    }


_CONNECTOR: Forms = {
    **dict.fromkeys(("voltage", "amperage", "max_voltage", "max_amperage"), whole(_AMOUNT_MOST)),
    "max_electric_power": whole(_WATTS_MOST),
    "terms_and_conditions": url,
    "last_updated": instant,
    "capabilities": listed(word(more=True)),
}


def _mix(*, more: bool) -> Form:
    source = group({"source": word(words.SOURCE), "percentage": NUMBER})
    impact = group({"category": word(words.IMPACT, more=more), "amount": NUMBER})
    return group(
        {"is_green_energy": FLAG},
        {
            "energy_sources": listed(source),
            "environ_impact": listed(impact),
            "supplier_name": text(64),
            "energy_product_name": text(64),
        },
    )


def _parking(image: Form) -> Form:
    """A parking place of 2.3.0."""
    sizes = ("max_vehicle_weight", "max_vehicle_height", "max_vehicle_length", "max_vehicle_width")
    spaces = ("parking_space_length", "parking_space_width", "time_limit")
    flags = ("drive_through", "roofed", "lighting", "refrigeration_outlet")
    return group(
        {
            "id": ident(36),
            "vehicle_types": listed(word(more=True)),
            "restricted_to_type": FLAG,
            "reservation_required": FLAG,
        },
        {
            "physical_reference": text(12),
            **dict.fromkeys((*sizes, *spaces), NUMBER),
            **dict.fromkeys(("dangerous_goods_allowed", *flags), FLAG),
            "direction": word(words.DIRECTION),
            "images": listed(image),
            "standards": listed(ident(36)),
            "apds_reference": ident(255),
        },
    )


def _as_told(value: object) -> object:
    """What was signed may not be changed, not even cut."""
    if not isinstance(value, str):
        raise ValueError("is not a text")  # noqa: TRY004 - as all readers
    return value


_SIGNED = group(
    {
        "encoding_method": ident(36),
        "signed_values": listed(
            group({"nature": ident(32), "plain_data": _as_told, "signed_data": _as_told})
        ),
    },
    {"encoding_method_version": whole(_AMOUNT_MOST), "public_key": _as_told, "url": _as_told},
)

OF_2_2_1, OF_2_3_0 = _objects(more=False), _objects(more=True)
