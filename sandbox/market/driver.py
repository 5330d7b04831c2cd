"""What does a partner's system do for a driver? It uses /v1 as anybody would, over HTTP.

An eMSP's does what roaming.py says.
"""

from datetime import datetime, timedelta
from typing import Any

from chalicelib.domain.ids import external_id
from sandbox.market.cast import PARTNERS
from sandbox.market.house import House
from sandbox.market.opening import Opened
from sandbox.market.script import Trip
from sandbox.market.taken import Taken

_KM_AROUND_M = 5000
_MINUTES_PLANNED = 60


def take(house: House, opened: Opened, trip: Trip) -> Taken:
    """Token, search, quote, start. A refusal is noted with its code."""
    taken = Taken(trip)
    call = _Caller(house, opened.keys[trip.partner])
    token = call.post(
        "/v1/tokens",
        {"driver_reference": f"driver-{trip.number}", **_source(trip)},
    )
    location = _location(house, call, trip)
    evse = location["evses"][trip.evse % len(location["evses"])]
    _plan(house, trip, token["uid"])
    quote = call.post(
        "/v1/quotes",
        {
            "location_id": location["id"],
            "evse_uid": evse["uid"],
            "connector_id": evse["connectors"][0]["id"],
            "energy_kwh": trip.quoted_kwh,
            "duration_s": _MINUTES_PLANNED * 60,
        },
    )
    if trip.outage:
        _outage(house, trip)
    answer = call.send(
        "POST",
        "/v1/sessions",
        {
            "quote_id": quote["id"],
            "token_id": token["id"],
            "return_url": "https://app.example/back",
        },
        {"Idempotency-Key": f"trip-{trip.number}"},
    )
    if answer.is_error:
        taken.refused = answer.json()["code"]
    else:
        taken.session_id = answer.json()["id"]
    return taken


def read(house: House, opened: Opened, taken: Taken) -> dict[str, Any]:
    call = _Caller(house, opened.keys[taken.trip.partner])
    return call.get(f"/v1/sessions/{taken.session_id}")


def stop(house: House, opened: Opened, taken: Taken) -> None:
    call = _Caller(house, opened.keys[taken.trip.partner])
    call.post(f"/v1/sessions/{taken.session_id}/stop", {})


def stops_at(trip: Trip) -> datetime | None:
    return trip.at + timedelta(minutes=trip.stops_after_min) if trip.stops_after_min else None


def _source(trip: Trip) -> dict[str, str]:
    return {"payment_source": trip.card} if trip.partner == "app" else {}


def _location(house: House, call: "_Caller", trip: Trip) -> dict[str, Any]:
    role = next(r for r in house.cpo_roles if r.party.id == f"cpo_{trip.cpo}")
    _, _, latitude, longitude = role.cities[trip.city % len(role.cities)]
    query = f"latitude={latitude}&longitude={longitude}&radius_m={_KM_AROUND_M}"
    found = call.get(f"/v1/locations?{query}")["data"]
    location: dict[str, Any] = found[0]
    return location


def _plan(house: House, trip: Trip, token_uid: str) -> None:
    """Tell the CPO's simulator how this driver's visit will go."""
    plan: dict[str, Any] = {"token_uid": token_uid, "fault": trip.fault, "update_s": 600}
    plan["energy_kwh"] = float(trip.energy_kwh)
    if trip.planned_kwh:
        plan["update_s"] = 120
    house.tell(house.cpos[trip.cpo], "plan", **plan)


def _outage(house: House, trip: Trip) -> None:
    """The provider does what it is asked, and its answer is lost."""
    # The session's id is the hash of the partner and its key, so that the fault is for this trip.
    partner = next(role.party.id for role in PARTNERS if role.name == trip.partner)
    session_id = external_id("ses", partner, f"trip-{trip.number}")
    call = {"hold": "payment_intents.create", "capture": "payment_intents.capture"}[trip.outage]
    house.tell(house.provider, "fault", call=call, kind="timeout_after", match=session_id)


class _Caller:
    def __init__(self, house: House, key: str) -> None:
        self._house = house
        self._headers = {"Authorization": f"Bearer {key}"}

    def send(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: dict[str, str] | None = None,
    ) -> Any:  # noqa: ANN401 - httpx.Response
        return self._house.http.request(
            method,
            self._house.url + path,
            json=body,
            headers={**self._headers, **(headers or {})},
        )

    def get(self, path: str) -> dict[str, Any]:
        return self._good(self.send("GET", path))

    def post(self, path: str, body: object) -> dict[str, Any]:
        return self._good(self.send("POST", path, body))

    @staticmethod
    def _good(answer: Any) -> dict[str, Any]:  # noqa: ANN401
        if answer.is_error:
            raise RuntimeError(f"{answer.request.url}: {answer.status_code} {answer.text}")
        result: dict[str, Any] = answer.json()
        return result
