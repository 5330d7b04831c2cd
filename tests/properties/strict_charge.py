"""What are Session and CDR in OCPI 2.2.1 and 2.3.0? And the shapes of a version, by object."""

from collections.abc import Iterable
from typing import Any

from chalicelib.ocpi.strict import words
from tests.properties import strict_network
from tests.properties.strict_shapes import (
    COUNTRY,
    CURRENCY,
    GEO,
    MOMENT,
    NUMBER,
    Opened,
    ci,
    many,
    may,
    one_of,
    shape,
    some,
    string,
)

IDS = {"country_code": ci(2), "party_id": ci(3)}
TOKEN = shape(
    "CdrToken",
    **IDS,
    uid=ci(36),
    type=one_of(("AD_HOC_USER", "APP_USER", "EMAID", "OTHER", "RFID")),
    contract_id=ci(36),
)
DIMENSIONS = {
    *("CURRENT", "ENERGY", "ENERGY_EXPORT", "ENERGY_IMPORT", "MAX_CURRENT", "MIN_CURRENT"),
    *("MAX_POWER", "MIN_POWER", "PARKING_TIME", "POWER", "RESERVATION_TIME"),
    *("STATE_OF_CHARGE", "TIME"),
}
VOLUME = shape("CdrDimension", type=one_of(DIMENSIONS), volume=NUMBER)
PERIODS = some(
    shape("ChargingPeriod", start_date_time=MOMENT, dimensions=some(VOLUME), tariff_id=may(ci(36)))
)
VALUE = shape("SignedValue", nature=ci(32), plain_data=str, signed_data=str)  # as it was signed
SIGNED = shape(
    "SignedData",
    encoding_method=ci(36),
    encoding_method_version=may(int),
    public_key=may(str),
    signed_values=some(VALUE),
    url=may(str),
)
OF_BOTH: dict[str, Any] = {
    **IDS,
    "start_date_time": MOMENT,
    "cdr_token": TOKEN,
    "auth_method": one_of(("AUTH_REQUEST", "COMMAND", "WHITELIST")),
    "authorization_reference": may(ci(36)),
    "meter_id": may(string(255)),
    "currency": CURRENCY,
    "last_updated": MOMENT,
}


def shapes(version: str) -> dict[str, Any]:
    """By object, in a version in which we are CPOs."""
    newer = version == "2.3.0"

    def opened(known: Iterable[str]) -> Any:
        return ci(255) if newer else one_of(known)

    limit = price(newer=False)
    if newer:
        limit = shape("PriceLimit", before_taxes=NUMBER, after_taxes=may(NUMBER))
    tariff = strict_network.tariff(opened, limit, newer=newer)
    return {
        "location": strict_network.location(opened, newer=newer),
        "tariff": tariff,
        "session": session(price(newer=newer)),
        "cdr": cdr(opened, tariff, price(newer=newer)),
    }


def price(*, newer: bool) -> Any:
    if not newer:
        return shape("Price", excl_vat=NUMBER, incl_vat=may(NUMBER))
    tax = shape("TaxAmount", name=string(255), amount=NUMBER, percentage=may(NUMBER))
    return shape("Price", before_taxes=NUMBER, taxes=may(many(tax)))


def session(cost: Any) -> Any:
    return shape(
        "Session",
        **OF_BOTH,
        **dict.fromkeys(("id", "location_id", "evse_uid", "connector_id"), ci(36)),
        end_date_time=may(MOMENT),
        kwh=NUMBER,
        charging_periods=may(PERIODS),
        total_cost=may(cost),
        status=one_of(("ACTIVE", "COMPLETED", "INVALID", "PENDING", "RESERVATION")),
    )


def cdr(opened: Opened, tariff: Any, cost: Any) -> Any:
    parts = ("fixed", "energy", "time", "parking", "reservation")
    return shape(
        "CDR",
        **OF_BOTH,
        **{f"total_{part}_cost": may(cost) for part in parts},
        id=ci(39),
        end_date_time=MOMENT,
        session_id=may(ci(36)),
        cdr_location=place(opened),
        tariffs=may(some(tariff)),
        charging_periods=PERIODS,
        signed_data=may(SIGNED),
        total_cost=cost,
        total_energy=NUMBER,
        total_time=NUMBER,
        total_parking_time=may(NUMBER),
        remark=may(string(255)),
        credit=may(bool),
        credit_reference_id=may(ci(39)),
        home_charging_compensation=may(bool),
    )


def place(opened: Opened) -> Any:
    return shape(
        "CdrLocation",
        **dict.fromkeys(("id", "evse_uid", "connector_id"), ci(36)),
        name=may(string(255)),
        address=string(45),
        city=string(45),
        postal_code=may(string(10)),
        state=may(string(20)),
        country=COUNTRY,
        coordinates=GEO,
        evse_id=ci(48),
        connector_standard=opened(words.STANDARD),
        connector_format=one_of(words.FORMAT),
        connector_power_type=one_of(words.POWER),
    )
