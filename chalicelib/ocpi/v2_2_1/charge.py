"""How are sessions, CDRs and results told to an eMSP? (mod_sessions 9.3, mod_cdrs 10.3)

A CDR is the CPO's, with the price that the partner pays. Members that we do not know stay as the
CPO told them; its costs stay where they are what is paid.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.domain.hub.offered import ID_MAX
from chalicelib.domain.hub.session import CommandResult, Paid, ToldCdr, ToldSession
from chalicelib.domain.money import Money
from chalicelib.domain.network.location import Connector, Evse, Location
from chalicelib.domain.session.charged import Cost, ReceivedCdr
from chalicelib.domain.tariff.usage import ChargingPeriod
from chalicelib.ocpi.envelope.body import parse_object
from chalicelib.ocpi.strict.forms import in_form, short
from chalicelib.ocpi.strict.objects import OF_2_2_1, Objects
from chalicelib.ocpi.v2_2_1.emsp_token import write_cdr_token
from chalicelib.ocpi.v2_2_1.network import format_of, write_location
from chalicelib.ocpi.v2_2_1.price import sayable, write_tariff

_REMARK = "The published price counts: {claimed} {currency} without tax was claimed."
PARTS = (
    *("total_fixed_cost", "total_energy_cost", "total_time_cost"),
    *("total_parking_cost", "total_reservation_cost"),
)
# What another version calls otherwise, or what we say ourselves.
_NOT_KEPT = {
    *PARTS,
    *("tariffs", "location", "auth_id", "stop_date_time", "evse_uid", "connector_id"),
    *("credit", "credit_reference_id", "invoice_reference_id", "total_parking_time"),
}
_CDR_ID_MAX, _ADDRESS_MAX = 39, 45
_DIMENSIONS = {
    "ENERGY": "energy_kwh",
    "TIME": "time_h",
    "PARKING_TIME": "parking_time_h",
    "RESERVATION_TIME": "reservation_time_h",
    "MIN_CURRENT": "min_current_a",
    "MAX_CURRENT": "max_current_a",
    "MIN_POWER": "min_power_kw",
    "MAX_POWER": "max_power_kw",
}


def write_session(told: ToldSession) -> dict[str, Any]:
    found = {
        **_owner(told),
        "id": told.id,
        "start_date_time": instant_text(told.start),
        "kwh": told.energy_kwh,
        "cdr_token": write_cdr_token(told.token),
        "auth_method": told.begun.auth_method.value,
        "location_id": short(told.location_id, ID_MAX),
        "evse_uid": short(told.evse_uid, ID_MAX),
        "connector_id": short(told.connector_id, ID_MAX),
        "currency": told.currency,
        "status": told.status,
        "last_updated": instant_text(told.last_updated),
    }
    if told.end is not None:
        found["end_date_time"] = instant_text(told.end)
    if told.begun.reference:
        found["authorization_reference"] = told.begun.reference
    if periods := _periods(told.periods):
        found["charging_periods"] = periods
    if told.paid is not None:
        found["total_cost"] = _price(told.paid)
    return found


def write_cdr(told: ToldCdr, forms: Objects = OF_2_2_1) -> dict[str, Any]:
    cdr, session = told.cdr, told.session
    raw = parse_object(told.raw)
    kept = {name: value for name, value in in_form(raw, forms.cdr).items() if name not in _NOT_KEPT}
    found = {
        **kept,
        **_owner(session),
        "id": short(cdr.id, _CDR_ID_MAX),
        "start_date_time": instant_text(cdr.start),
        "end_date_time": instant_text(cdr.end),
        "session_id": session.id,
        "cdr_token": write_cdr_token(session.token),
        "auth_method": session.begun.auth_method.value,
        "cdr_location": _location(told, raw.get("cdr_location"), forms),
        "currency": cdr.currency,
        "charging_periods": _periods(cdr.periods)
        or [_period(ChargingPeriod(cdr.start, energy_kwh=cdr.total_energy_kwh))],
        "total_cost": _price(told.paid),
        "total_energy": cdr.total_energy_kwh,
        "total_time": cdr.total_time_h,
        "last_updated": instant_text(told.last_updated),
    }
    found.pop("authorization_reference", None)
    if session.begun.reference:
        found["authorization_reference"] = session.begun.reference
    if cdr.total_parking_time_h:
        found["total_parking_time"] = cdr.total_parking_time_h
    if sayable(told.tariff):
        found["tariffs"] = [write_tariff(told.tariff, "")]
    return {**found, **(_credit(told) if told.credit_id else _parts(cdr, told.paid))}


def _credit(told: ToldCdr) -> dict[str, Any]:
    """What makes it the credit of a CDR (mod_cdrs 10.3.1.1): its id, and the cost taken back."""
    paid = told.paid
    cost = {"excl_vat": -paid.net.exact, "incl_vat": -paid.gross.exact}
    credit_id, id_ = (short(one, _CDR_ID_MAX) for one in (told.credit_id, told.cdr.id))
    named = {"id": credit_id, "credit": True, "credit_reference_id": id_}
    return {**named, "total_cost": cost}


def write_result(result: CommandResult) -> dict[str, Any]:
    said = [{"language": "en", "text": result.message}] if result.message else []
    return {"result": result.result.value, **({"message": said} if said else {})}


def _parts(cdr: ReceivedCdr, paid: Paid) -> dict[str, Any]:
    """The CPO's own costs by part, where they add up to what is paid; else why they do not."""
    claimed = cdr.total_cost
    incl = claimed.excl_vat if claimed.incl_vat is None else claimed.incl_vat
    if Money.rounded(incl, cdr.currency) != paid.gross:
        return {"remark": _REMARK.format(claimed=claimed.excl_vat, currency=cdr.currency)}
    parts = {name: getattr(cdr, name) for name in PARTS}
    return {name: _cost(cost) for name, cost in parts.items() if cost is not None}


def _owner(told: ToldSession) -> dict[str, Any]:
    country, _, party = told.begun.identity.partition("*")
    return {"country_code": country, "party_id": party}


def _price(paid: Paid) -> dict[str, Any]:
    return {"excl_vat": paid.net.exact, "incl_vat": paid.gross.exact}


def _cost(cost: Cost) -> dict[str, Any]:
    incl = {} if cost.incl_vat is None else {"incl_vat": cost.incl_vat}
    return {"excl_vat": cost.excl_vat, **incl}


def _periods(told: Sequence[ChargingPeriod]) -> list[dict[str, Any]]:
    """Those in which something was measured: OCPI has no others."""
    written = (_period(one) for one in told)
    return [one for one in written if one["dimensions"]]


def _period(period: ChargingPeriod) -> dict[str, Any]:
    volumes = {kind: getattr(period, name) for kind, name in _DIMENSIONS.items()}
    return {
        "start_date_time": instant_text(period.start),
        "dimensions": [
            {"type": kind, "volume": volume}
            for kind, volume in volumes.items()
            if volume is not None
        ],
        **({"tariff_id": period.tariff_id} if 0 < len(period.tariff_id) <= ID_MAX else {}),
    }


def _location(told: ToldCdr, raw: object, forms: Objects) -> dict[str, Any]:
    """CdrLocation (mod_cdrs 10.4.2): the CPO's, and where it said too little, what we know."""
    session = told.session
    known = in_form(raw, forms.cdr_location) if isinstance(raw, dict) else {}
    ours = {} if told.location is None else _known_location(told, told.location, forms)
    return {
        **ours,
        **known,
        "id": short(session.location_id, ID_MAX),
        "evse_uid": short(session.evse_uid, ID_MAX),
        "connector_id": short(session.connector_id, ID_MAX),
    }


def _known_location(told: ToldCdr, location: Location, forms: Objects) -> dict[str, Any]:
    written: Mapping[str, Any] = write_location(location, told.location_raw, {}, forms)
    names = ("name", "address", "city", "postal_code", "country", "coordinates")
    found = {name: written[name] for name in names if name in written}
    found["address"] = written["address"][:_ADDRESS_MAX]
    for evse in location.evses:
        if evse.uid.lower() == told.session.evse_uid.lower():
            found |= _known_evse(evse, told.session.connector_id, forms)
    return found


def _known_evse(evse: Evse, connector_id: str, forms: Objects) -> dict[str, Any]:
    plugs = [one for one in evse.connectors if one.id.lower() == connector_id.lower()]
    known = {"evse_id": evse.evse_id, **(_known_plug(plugs[0]) if plugs else {})}
    return {"evse_id": "#NA", **in_form(known, forms.cdr_location)}


def _known_plug(plug: Connector) -> dict[str, Any]:
    return {
        "connector_standard": plug.standard,
        "connector_format": format_of(plug),
        "connector_power_type": plug.power_type,
    }
