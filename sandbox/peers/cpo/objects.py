"""How does the simulated CPO describe a visit? OCPI's Session and CDR (mod_sessions, mod_cdrs)."""

from collections.abc import Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from sandbox.peers.cpo.charge import Period, kwh
from sandbox.peers.cpo.network import Network
from sandbox.peers.cpo.plan import Fault
from sandbox.peers.cpo.schedule import Kind, Message, cdr_made_at, updates
from sandbox.peers.cpo.tariff import Price
from sandbox.peers.cpo.visit import Visit
from sandbox.peers.serving import instant

Json = dict[str, Any]

_FOUR_DECIMALS = Decimal("0.0001")


def session_id(visit: Visit) -> str:
    return f"{visit.place['party_id']}-S{visit.number:06d}"


def site(visit: Visit, network: Network) -> Json:
    """The location with the one EVSE and connector of the visit, as 2.1.1 tells it."""
    place = visit.place
    location = network.locations[place["id"]]
    evses = [
        {**evse, "connectors": [c for c in evse["connectors"] if c["id"] == place["connector_id"]]}
        for evse in location["evses"]
        if evse["uid"] == place["evse_uid"]
    ]
    return {**location, "evses": evses}


def session(visit: Visit, as_of: int) -> Json | None:
    """The whole Session at an instant, as PUT and GET carry it; None before it exists."""
    told = [message for message in updates(visit) if message.as_of <= as_of]
    if not told:
        return None
    last = told[-1]
    return {
        **_identity(visit),
        "id": session_id(visit),
        "start_date_time": instant(visit.charge.start),
        "kwh": kwh(visit.charge.energy_at(last.as_of)),
        "cdr_token": dict(visit.token),
        "auth_method": "COMMAND" if visit.response_url else "AUTH_REQUEST",
        **_reference(visit),
        "location_id": visit.place["id"],
        "evse_uid": visit.place["evse_uid"],
        "connector_id": visit.place["connector_id"],
        "currency": visit.tariff["currency"],
        "charging_periods": _told_periods(visit, told),
        **_progress(visit, last),
    }


def status(visit: Visit, as_of: int) -> str:
    """SessionStatus at an instant; nothing before it exists."""
    told = [message for message in updates(visit) if message.as_of <= as_of]
    return _status(visit, told[-1]) if told else ""


def patch(visit: Visit, message: Message) -> Json:
    """What is new since the last update; the receiver appends the periods (#325)."""
    return {
        "kwh": kwh(visit.charge.energy_at(message.as_of)),
        "charging_periods": _wire(visit, visit.periods(message.since, message.as_of)),
        **_progress(visit, message),
    }


def cdr(visit: Visit) -> Json:
    """The sealed CDR; overcharging faults show in the costs, never in the quantities."""
    charge = visit.charge
    told = visit.periods(charge.start, charge.end)
    tariff = _dearer(visit) if visit.has(Fault.CDR_OTHER_TARIFF) else visit.tariff
    made_at = cdr_made_at(visit)
    assert made_at is not None, "asked for a CDR that never comes into being"
    return {
        **_identity(visit),
        "id": f"{visit.place['party_id']}-C{visit.number:06d}",
        "start_date_time": instant(charge.start),
        "end_date_time": instant(charge.end),
        "session_id": session_id(visit),
        "cdr_token": dict(visit.token),
        "auth_method": "COMMAND" if visit.response_url else "AUTH_REQUEST",
        **_reference(visit),
        "cdr_location": {n: v for n, v in visit.place.items() if n not in _OF_THE_CPO},
        "currency": visit.tariff["currency"],
        "tariffs": [tariff],
        "charging_periods": _wire(visit, told),
        **_costs(visit.price(charge.end, tariff), _factor(visit)),
        "total_energy": kwh(charge.energy_at(charge.end)),
        "total_time": sum((p.time_h + p.parking_time_h for p in told), Decimal(0)),
        "total_parking_time": sum((p.parking_time_h for p in told), Decimal(0)),
        "last_updated": instant(made_at),
    }


_OF_THE_CPO = {"country_code", "party_id"}


def _identity(visit: Visit) -> Json:
    return {name: visit.place[name] for name in ("country_code", "party_id")}


def _reference(visit: Visit) -> Json:
    reference = visit.authorization_reference
    return {"authorization_reference": reference} if reference else {}


def _progress(visit: Visit, last: Message) -> Json:
    """The fields that every update carries."""
    ended = {"end_date_time": instant(last.as_of)} if last.kind is Kind.COMPLETED else {}
    cost = {} if last.kind is Kind.PUT else {"total_cost": price(visit.price(last.as_of))}
    present = {"status": _status(visit, last), "last_updated": instant(last.as_of)}
    return {**ended, **cost, **present}


def _status(visit: Visit, last: Message) -> str:
    if visit.has(Fault.STUCK_PENDING):
        return "PENDING"
    return "COMPLETED" if last.kind is Kind.COMPLETED else "ACTIVE"


def _told_periods(visit: Visit, told: Iterable[Message]) -> list[Json]:
    """The very periods that the updates carried, so that GET and the pushes agree."""
    parts = (visit.periods(update.since, update.as_of) for update in told if update.since)
    return [period for part in parts for period in _wire(visit, part)]


def _wire(visit: Visit, told: Iterable[Period]) -> list[Json]:
    return [
        {
            "start_date_time": instant(period.start),
            "dimensions": _dimensions(period),
            "tariff_id": visit.tariff["id"],
        }
        for period in told
    ]


def _dimensions(period: Period) -> list[Json]:
    volumes = {
        "ENERGY": kwh(period.energy_wh),
        "TIME": period.time_h,
        "PARKING_TIME": period.parking_time_h,
    }
    told = [{"type": kind, "volume": volume} for kind, volume in volumes.items() if volume]
    return told or [{"type": "TIME", "volume": Decimal(0)}]  # at least one (cardinality +)


_COST_NAMES = {
    "FLAT": "total_fixed_cost",
    "ENERGY": "total_energy_cost",
    "TIME": "total_time_cost",
    "PARKING_TIME": "total_parking_cost",
}


def _costs(total: Price, factor: Decimal) -> Json:
    parts = {
        _COST_NAMES[kind]: price(Price(excl, incl), factor)
        for kind, (excl, incl) in total.parts.items()
    }
    return {"total_cost": price(total, factor), **parts}


def price(total: Price, factor: Decimal = Decimal(1)) -> Json:
    """OCPI's Price with four decimals."""
    wire = {"excl_vat": _rounded(total.excl_vat * factor)}
    if total.incl_vat is not None:
        wire["incl_vat"] = _rounded(total.incl_vat * factor)
    return wire


def _rounded(amount: Decimal) -> Decimal:
    return amount.quantize(_FOUR_DECIMALS, ROUND_HALF_UP)


def _factor(visit: Visit) -> Decimal:
    percent = Decimal(visit.plan.overcharge_percent)
    if visit.has(Fault.CDR_OVERCHARGED):
        return 1 + percent / 100
    if visit.has(Fault.CDR_UNDERCHARGED):
        return 1 - percent / 100
    return Decimal(1)


def _dearer(visit: Visit) -> Mapping[str, Any]:
    """The tariff as never published: every price raised (#543)."""
    raised = 1 + Decimal(visit.plan.overcharge_percent) / 100
    elements = [
        {
            **element,
            "price_components": [
                {**component, "price": Decimal(component["price"]) * raised}
                for component in element["price_components"]
            ],
        }
        for element in visit.tariff["elements"]
    ]
    return {**visit.tariff, "elements": elements}
