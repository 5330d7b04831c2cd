"""What was used in a charging period? (mod_cdrs: ChargingPeriod and CdrDimension, all versions)"""

from decimal import Decimal
from typing import Any

from chalicelib.domain.tariff.usage import ChargingPeriod
from chalicelib.ocpi.lenient.basic import FITTING, ID_CHARACTERS_MAX, plain_instant
from chalicelib.ocpi.lenient.place import Place

PERIODS_MAX = 5_000  # a month of quarters of an hour has 2,976
_DIMENSIONS_MAX = 100
_MICRO = Decimal("1e-6")  # a thousandth of a Wh; OCPI asks for 4 decimals
_ENERGY = "ENERGY"


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
_KNOWN = {**_ADDED, **_READINGS}


def periods_at(place: Place, name: str, tariff_id: str = "") -> list[ChargingPeriod]:
    """As they were sent; `tariff_id` is taken where a period names none."""
    found: list[ChargingPeriod] = []
    for number, value in enumerate(place.values(name, PERIODS_MAX)):
        period = plain_period(value, tariff_id) if type(value) is dict else None
        if period is not None:
            found.append(period)
        elif value is not None:
            found.append(_period(place.inside(f"{name}.{number}", value), tariff_id))
    return found


def plain_period(members: dict[str, Any], tariff_id: str) -> ChargingPeriod | None:
    """The period if it is told just as OCPI asks: no place, no path, no note. Else None."""
    start, own = members.get("start_date_time"), members.get("tariff_id", "")
    if type(start) is not str or type(own) is not str or len(own) > ID_CHARACTERS_MAX:
        return None
    at, volumes = plain_instant(start), _plain_volumes(members.get("dimensions"))
    if at is None or volumes is None:
        return None
    return ChargingPeriod(at, tariff_id=own or tariff_id, **volumes)


def _plain_volumes(told: object) -> dict[str, Decimal] | None:
    if type(told) is not list or len(told) > _DIMENSIONS_MAX:
        return None
    volumes: dict[str, Decimal] = {}
    for dimension in told:
        if type(dimension) is not dict:
            return None
        kind, volume = dimension.get("type"), dimension.get("volume")
        if type(volume) is int:
            volume = Decimal(volume)
        if type(kind) is not str or type(volume) is not Decimal or not volume > 0:
            return None
        name = _KNOWN.get(kind)
        if name is None or name in volumes or volume.quantize(_MICRO, None, FITTING) != volume:
            return None
        volumes[name] = volume
    return volumes


def _period(place: Place, tariff_id: str) -> ChargingPeriod:
    """Dimensions that no tariff prices are left out; one that is told twice is added up."""
    volumes: dict[str, Decimal] = {}
    for dimension in place.objects("dimensions", _DIMENSIONS_MAX):
        _read(dimension, volumes)
    told = place.text("tariff_id")
    return ChargingPeriod(place.instant("start_date_time"), tariff_id=told or tariff_id, **volumes)


def _read(dimension: Place, volumes: dict[str, Decimal]) -> None:
    kind = dimension.upper("type")
    name = _KNOWN.get(kind)
    if name is None:
        dimension.note("dimension_left_out", "type", f"{kind} is not priced")
        return
    volume = dimension.number("volume")
    if kind == _ENERGY:
        volume = _measured(dimension, volume)
    elif volume < 0 and kind in _ADDED:
        raise dimension.invalid("volume", f"a {kind} of {volume} is below zero")
    _enter(volumes, name, volume, dimension)


def _enter(volumes: dict[str, Decimal], name: str, volume: Decimal, dimension: Place) -> None:
    """One dimension told twice is added up, or the furthest reading of the two."""
    before = volumes.get(name)
    if before is not None:
        if name.startswith("min_"):
            volume = min(before, volume)
        elif name.startswith("max_"):
            volume = max(before, volume)
        else:
            volume += before
        dimension.note("dimension_twice", "type", "came twice in a period")
    volumes[name] = volume


def _measured(dimension: Place, volume: Decimal) -> Decimal:
    """Binary fractions leave 20.000000000000004 kWh behind, which a step would make 21."""
    rounded = volume.quantize(_MICRO, None, FITTING)
    if rounded == volume:
        return volume
    dimension.note("energy_rounded", "volume", "an ENERGY was sent with more than 6 decimals")
    return rounded
