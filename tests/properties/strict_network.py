"""What are Location and Tariff in OCPI 2.2.1 and 2.3.0? (mod_locations 8.3, mod_tariffs 11.3)"""

from typing import Annotated, Any

from pydantic import AfterValidator

from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.tariff.tariff import Dimension, Reservation, TaxIncluded, Weekday
from chalicelib.ocpi.strict import words
from tests.properties.strict_shapes import (
    CLOCK,
    COUNTRY,
    CURRENCY,
    DAY,
    GEO,
    MOMENT,
    NUMBER,
    SPOT,
    TEXT,
    URL,
    WHOLE,
    Opened,
    ci,
    many,
    may,
    one_of,
    shape,
    some,
    string,
    within,
)

SPAN = {"period_begin": MOMENT, "period_end": MOMENT}
EXCEPTIONS = may(some(shape("ExceptionalPeriod", **SPAN)))
REGULAR = shape("RegularHours", weekday=within(1, 7), period_begin=CLOCK, period_end=CLOCK)


def hours_make_sense(told: Any) -> Any:
    assert told.twentyfourseven is not bool(told.regular_hours), "either of the two"
    assert all(one.period_begin < one.period_end for one in told.regular_hours or ())
    return told


HOURS: Any = Annotated[
    shape(
        "Hours",
        twentyfourseven=bool,
        regular_hours=may(some(REGULAR)),
        exceptional_openings=EXCEPTIONS,
        exceptional_closings=EXCEPTIONS,
    ),
    AfterValidator(hours_make_sense),
]


def image(opened: Opened) -> Any:
    pixels = may(within(0, 99_999))
    kinds = {"category": opened(words.IMAGE), "type": ci(4)}
    return shape("Image", url=URL, thumbnail=may(URL), width=pixels, height=pixels, **kinds)


def energy_mix(opened: Opened) -> Any:
    source = shape("EnergySource", source=one_of(words.SOURCE), percentage=NUMBER)
    impact = shape("EnvironmentalImpact", category=opened(words.IMPACT), amount=NUMBER)
    return shape(
        "EnergyMix",
        is_green_energy=bool,
        energy_sources=may(some(source)),
        environ_impact=may(some(impact)),
        supplier_name=may(string(64)),
        energy_product_name=may(string(64)),
    )


def location(opened: Opened, *, newer: bool) -> Any:
    pictures = may(some(image(opened)))
    business = may(
        shape("BusinessDetails", name=string(100), website=may(URL), logo=may(image(opened)))
    )
    return shape(
        "Location",
        country_code=ci(2),
        party_id=ci(3),
        id=ci(36),
        publish=bool,
        name=may(string(255)),
        address=string(255),
        city=string(45),
        postal_code=may(string(10)),
        state=may(string(45)),
        country=COUNTRY,
        coordinates=GEO,
        related_locations=may(some(shape("Related", **SPOT, name=may(TEXT)))),
        parking_type=may(opened(words.PARKING)),
        evses=may(many(evse(opened, newer=newer))),
        directions=may(some(TEXT)),
        **dict.fromkeys(("operator", "suboperator", "owner"), business),
        facilities=may(some(opened(words.FACILITY))),
        time_zone=string(255),
        opening_times=may(HOURS),
        charging_when_closed=may(bool),
        images=pictures,
        energy_mix=may(energy_mix(opened)),
        last_updated=MOMENT,
        **(
            {"help_phone": may(ci(25)), "parking_places": may(some(parking(opened)))}
            if newer
            else {}
        ),
    )


def parking(opened: Opened) -> Any:
    flags = dict.fromkeys(("restricted_to_type", "reservation_required"), bool)
    more = {"time_limit": may(NUMBER), "roofed": may(bool), "images": may(some(image(opened)))}
    return shape("Parking", id=ci(36), vehicle_types=some(ci(255)), **flags, **more)


def evse(opened: Opened, *, newer: bool) -> Any:
    where = shape("EVSEParking", parking_id=ci(36), evse_position=may(one_of(words.POSITION)))
    planned = {**SPAN, "period_end": may(MOMENT), "status": one_of(EvseStatus)}
    return shape(
        "EVSE",
        uid=ci(36),
        evse_id=may(ci(48)),
        status=one_of(EvseStatus),
        status_schedule=may(some(shape("StatusSchedule", **planned))),
        capabilities=may(some(opened(words.CAPABILITY))),
        connectors=some(connector(opened)),
        floor_level=may(string(4)),
        coordinates=may(GEO),
        physical_reference=may(string(16)),
        directions=may(some(TEXT)),
        parking_restrictions=may(some(opened(words.RESTRICTION))),
        images=may(some(image(opened))),
        last_updated=MOMENT,
        **({"parking": may(some(where))} if newer else {}),
    )


def connector(opened: Opened) -> Any:
    return shape(
        "Connector",
        id=ci(36),
        standard=opened(words.STANDARD),
        format=one_of(words.FORMAT),
        power_type=one_of(words.POWER),
        max_voltage=WHOLE,
        max_amperage=WHOLE,
        max_electric_power=may(WHOLE),
        tariff_ids=may(some(ci(36))),
        terms_and_conditions=may(URL),
        last_updated=MOMENT,
    )


def tariff(opened: Opened, limit: Any, *, newer: bool) -> Any:
    newest = {"tax_included": one_of(TaxIncluded), "preauthorize_amount": may(NUMBER)}
    return shape(
        "Tariff",
        country_code=ci(2),
        party_id=ci(3),
        id=ci(36),
        currency=CURRENCY,
        type=may(opened(words.TARIFF)),
        tariff_alt_text=may(some(TEXT)),
        tariff_alt_url=may(URL),
        min_price=may(limit),
        max_price=may(limit),
        elements=some(element()),
        start_date_time=may(MOMENT),
        end_date_time=may(MOMENT),
        energy_mix=may(energy_mix(opened)),
        last_updated=MOMENT,
        **(newest if newer else {}),
    )


def element() -> Any:
    kind = {"type": one_of(Dimension), "price": NUMBER, "vat": may(NUMBER), "step_size": WHOLE}
    numbers = ("min_kwh", "max_kwh", "min_current", "max_current", "min_power", "max_power")
    restrictions = shape(
        "TariffRestrictions",
        **dict.fromkeys(("start_time", "end_time"), may(CLOCK)),
        **dict.fromkeys(("start_date", "end_date"), may(DAY)),
        **dict.fromkeys(numbers, may(NUMBER)),
        **dict.fromkeys(("min_duration", "max_duration"), may(WHOLE)),
        day_of_week=may(some(one_of(Weekday))),
        reservation=may(one_of(Reservation)),
    )
    components = some(shape("PriceComponent", **kind))
    return shape("TariffElement", price_components=components, restrictions=may(restrictions))
