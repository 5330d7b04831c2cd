"""What do an OCPI 2.2.1 ChargingPeriod and a Price say? (mod_cdrs 10.4, types 16.5)"""

from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, ValidationInfo

from chalicelib.domain.tariff.usage import ChargingPeriod, Cost
from chalicelib.ocpi.envelope.fields import Instant, Listed, Number, Text, Upper, Wire, note

_ADDED = {
    "ENERGY": "energy_kwh",
    "TIME": "time_h",
    "PARKING_TIME": "parking_time_h",
    "RESERVATION_TIME": "reservation_time_h",
}
_READINGS = {
    "MIN_CURRENT": "min_current_a",
    "MAX_CURRENT": "max_current_a",
    "MIN_POWER": "min_power_kw",
    "MAX_POWER": "max_power_kw",
}


_ENERGY_PLACES = 6  # a thousandth of a Wh; OCPI asks for 4


class WireDimension(Wire):
    type: Upper
    volume: Number


class WirePeriod(Wire):
    start_date_time: Instant
    dimensions: Annotated[tuple[WireDimension, ...], Listed] = ()
    tariff_id: Text = ""  # feeds also send an empty one


class WirePrice(Wire):
    excl_vat: Number | None = None
    incl_vat: Number | None = None


def _priced(value: Any, info: ValidationInfo) -> Any:  # noqa: ANN401 - any JSON
    if isinstance(value, int | str | Decimal) and not isinstance(value, bool):
        note(info, "a bare number was sent where a Price belongs, and taken excl. VAT")
        return {"excl_vat": value}
    return value


Priced = Annotated[WirePrice, BeforeValidator(_priced)]


def period_of(wire: WirePeriod, mended: list[str]) -> ChargingPeriod:
    """Dimensions that no tariff prices are left out; one told twice is added up."""
    volumes: dict[str, Decimal] = {}
    for dimension in wire.dimensions:
        added, reading = _ADDED.get(dimension.type), _READINGS.get(dimension.type)
        if added is not None:
            volume = _measured(dimension, mended)
            if added in volumes:
                mended.append(f"dimensions: {dimension.type} came twice in a period: added up")
            volumes[added] = volumes.get(added, Decimal(0)) + volume
        elif reading is not None:
            volumes[reading] = dimension.volume
        else:
            mended.append(f"dimensions: {dimension.type} is not priced and left out")
    return ChargingPeriod(start=wire.start_date_time, tariff_id=wire.tariff_id, **volumes)


def _measured(dimension: WireDimension, mended: list[str]) -> Decimal:
    """Binary fractions leave 20.000000000000004 kWh behind, which a step would make 21."""
    volume = dimension.volume
    if dimension.type == "ENERGY" and volume != round(volume, _ENERGY_PLACES):
        mended.append(f"dimensions: an ENERGY was sent with more than {_ENERGY_PLACES} decimals")
        return round(volume, _ENERGY_PLACES)
    return volume


def cost_of(wire: WirePrice | None) -> Cost | None:
    if wire is None or wire.excl_vat is None:
        return None
    return Cost(wire.excl_vat, wire.incl_vat)
