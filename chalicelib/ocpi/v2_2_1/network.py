"""How are a CPO's locations told to an eMSP? In OCPI's own forms, whatever the CPO's were.

What we understood is written anew; what we only hand on is brought into form, or left out
(`ocpi.strict`): an eMSP's software need not be as lenient as we are. Members that OCPI does not
know stay as the CPO told them.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.hub.offered import ID_MAX, Offered
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.domain.network.opening import DAY_MIN, Exceptional, OpeningTimes, RegularHours
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.lenient.countries import alpha_3
from chalicelib.ocpi.strict.forms import Form, degrees_text, in_form, printable
from chalicelib.ocpi.strict.objects import OF_2_2_1, Objects
from chalicelib.ocpi.strict.words import FORMAT, POWER

TariffIds = Mapping[tuple[str, str], tuple[str, ...]]  # by EVSE and connector, in lower case
_RENAMED = {"voltage": "max_voltage", "amperage": "max_amperage"}  # since 2.2
_AC_V, _DC_V = 230, 400  # of a connector whose CPO tells its power alone
_PHASES = {"AC_1_PHASE": 1, "AC_2_PHASE": 2, "AC_2_PHASE_SPLIT": 2, "AC_3_PHASE": 3}
_TETHERED = ("CHADEMO", "CHAOJI", "GBT_DC", "IEC_62196_T1_COMBO", "IEC_62196_T2_COMBO", "TESLA")


def write_offered(offered: Offered, forms: Objects = OF_2_2_1) -> dict[str, Any]:
    return write_location(offered.location, offered.raw, offered.tariff_ids, forms)


def write_location(
    location: Location, raw: str, tariff_ids: TariffIds, forms: Objects = OF_2_2_1
) -> dict[str, Any]:
    """A Location. `last_updated` is the CPO's: a hub does not change it."""
    raw_object = parse_object(raw) if raw else {}
    told = in_form(raw_object, forms.location)
    for name in ("type", "publish_allowed_to", "opening_times"):  # of 2.1.1; of others; ours
        told.pop(name, None)
    if "type" in raw_object and "parking_type" not in told:
        told |= in_form({"parking_type": raw_object["type"]}, forms.location)
    evses = {_id(one.get("uid")): one for one in _objects(raw_object.get("evses"))}
    written = (
        write_evse(evse, evses.get(evse.uid.lower(), {}), tariff_ids, forms)
        for evse in location.evses
        if len(evse.uid) <= ID_MAX
    )
    return {
        **told,
        "country_code": location.country_code,
        "party_id": location.party_id,
        "id": location.id,
        "publish": location.publish,
        "name": printable(location.name or location.address, 255),
        "address": printable(location.address, 255),
        "city": printable(location.city, 45),
        "country": alpha_3(location.country),
        "coordinates": {
            "latitude": degrees_text(location.latitude, 10),
            "longitude": degrees_text(location.longitude, 11),
        },
        "time_zone": location.time_zone,
        **_opening(location.opening_times),
        "evses": [evse for evse in written if evse["connectors"]],
        "last_updated": instant_text(location.last_updated),
    }


def _opening(times: OpeningTimes | None) -> dict[str, Any]:
    """Hours (mod_locations): regular ones exactly where the place is not open all the time."""
    if times is None or not (times.twentyfourseven or times.regular):
        return {}
    found: dict[str, Any] = {"twentyfourseven": times.twentyfourseven}
    if not times.twentyfourseven:
        found["regular_hours"] = [part for one in times.regular for part in _regular(one)]
    for name, periods in (
        ("exceptional_openings", times.openings),
        ("exceptional_closings", times.closings),
    ):
        if periods:
            found[name] = [_exceptional(one) for one in periods]
    return {"opening_times": found}


def _regular(hours: RegularHours) -> Iterator[dict[str, Any]]:
    """Periods end later than they begin, and 24:00 cannot be said: the night is divided."""
    if hours.begin_min < hours.end_min:
        yield _period(hours.weekday, hours.begin_min, hours.end_min)
        return
    if hours.begin_min < DAY_MIN - 1:
        yield _period(hours.weekday, hours.begin_min, DAY_MIN - 1)
    if hours.end_min:
        yield _period(hours.weekday % 7 + 1, 0, hours.end_min)


def _period(weekday: int, begin_min: int, end_min: int) -> dict[str, Any]:
    begin, end = (f"{at // 60:02}:{at % 60:02}" for at in (begin_min, end_min))
    return {"weekday": weekday, "period_begin": begin, "period_end": end}


def _exceptional(period: Exceptional) -> dict[str, Any]:
    return {
        "period_begin": instant_text(period.begin),
        "period_end": instant_text(period.end),
    }


def write_evse(
    evse: Evse, told: Mapping[str, Any], tariff_ids: TariffIds, forms: Objects
) -> dict[str, Any]:
    """Without connectors when none of them can be told: such an EVSE is no EVSE to OCPI."""
    plugs = {_id(one.get("id")): one for one in _objects(told.get("connectors"))}
    written = (
        write_connector(evse, plug, plugs.get(plug.id.lower(), {}), tariff_ids, forms)
        for plug in evse.connectors
    )
    kept = in_form(told, forms.evse)
    for name, values, one in (
        ("capabilities", evse.capabilities, forms.capability),
        ("parking_restrictions", evse.parking_restrictions, forms.restriction),
        ("evse_id", (evse.evse_id,), forms.cdr_location["evse_id"]),
    ):
        kept.pop(name, None)
        spoken = [word for value in values for word in _said(one, value)]
        if spoken:
            kept[name] = spoken[0] if name == "evse_id" else spoken
    return {
        **kept,
        "uid": evse.uid,
        "status": evse.status.value,
        "connectors": [plug for plug in written if plug],
        "last_updated": instant_text(evse.last_updated),
    }


def _said(form: Form, value: object) -> Iterator[Any]:
    """The value in form, or nothing."""
    with suppress(ValueError):
        yield form(value)


def write_connector(
    evse: Evse,
    plug: Connector,
    told: Mapping[str, Any],
    tariff_ids: TariffIds,
    forms: Objects,
) -> dict[str, Any]:
    """Nothing where OCPI has no words for what it is."""
    standards = list(_said(forms.standard, plug.standard))
    if not standards or plug.power_type not in POWER or len(plug.id) > ID_MAX:
        return {}
    kept = {_RENAMED.get(name, name): one for name, one in in_form(told, forms.connector).items()}
    for name in ("tariff_id", "tariff_ids"):
        kept.pop(name, None)
    offered = tariff_ids.get((evse.uid.lower(), plug.id.lower()), ())
    named = [id_ for id_ in offered if len(id_) <= ID_MAX]
    return {
        **_from_power(plug),
        "last_updated": instant_text(evse.last_updated),
        **kept,
        "id": plug.id,
        "standard": standards[0],
        "format": format_of(plug),
        "power_type": plug.power_type,
        **({"tariff_ids": named} if named else {}),
    }


def format_of(plug: Connector) -> str:
    """Where it is not told: fast chargers have a cable; else the driver had better bring one."""
    if plug.format in FORMAT:
        return plug.format
    return "CABLE" if plug.standard.startswith(_TETHERED) else "SOCKET"


def _from_power(plug: Connector) -> dict[str, int]:
    """OCPI wants both; where its CPO tells one or none, they come from the power."""
    volts = _AC_V if plug.power_type in _PHASES else _DC_V
    phases = _PHASES.get(plug.power_type, 1)
    return {"max_voltage": volts, "max_amperage": round(plug.max_power_w / volts / phases)}


def _objects(value: object) -> list[dict[str, Any]]:
    values = value if isinstance(value, list) else [value]
    return [one for one in values if isinstance(one, dict)]


def _id(value: object) -> str:
    return str(value).lower()
