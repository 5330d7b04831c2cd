"""What does an eMSP that knows only OCPI do for its drivers? It registers, and never sees our API.

A driver starts with its app, which commands, or holds a card to the charger. Sessions and bills are
pushed to it.
"""

from decimal import Decimal
from typing import Any

from chalicelib.domain.codec import instant_text
from chalicelib.usecases.connection.invite import invite_emsp
from sandbox.market.house import House
from sandbox.market.roles import CpoRole, EmspRole
from sandbox.market.script import Trip
from sandbox.market.taken import Taken
from sandbox.peers.processes import Running

_GOOD = {"ACCEPTED", "ALLOWED"}
_PLUG = "1"  # the only one of each simulated EVSE


def join(house: House, role: EmspRole) -> None:
    """Staff invites it; its system registers with ours as with any CPO."""
    identity = f"{role.country_code}*{role.party_code}"
    invitation = invite_emsp(house.ports, role.partner.party.id, [identity])
    emsp = _peer(house)
    said = {"versions_url": invitation.versions_url, "token": invitation.token}
    house.tell(emsp, "connect", **said, url=f"{emsp.url}/ocpi/emsp/versions")


def take(house: House, trip: Trip) -> Taken:
    """Start by the app or by the card. A refusal is noted with OCPI's word."""
    emsp, cpo, uid = _peer(house), house.cpos[trip.cpo], f"CARD{trip.number}"
    house.tell(emsp, "tick", now=instant_text(house.now()))
    house.tell(emsp, "token", uid=uid)
    house.tell(cpo, "plan", token_uid=uid, energy_kwh=float(trip.energy_kwh), update_s=600)
    reference, where = {"authorization_reference": _reference(trip)}, _where(house, trip)
    if trip.by_card:
        house.tell(emsp, "says", uid=uid, info=reference)
        house.tell(cpo, "pull-tokens")
        word = house.tell(cpo, "card", uid=uid, **where)["data"]["allowed"]
    else:
        said = {"uid": uid, **_commands(house, trip), **reference, **where}
        word = house.tell(emsp, "start", **said)["data"]["result"]
    return Taken(trip, refused="" if word in _GOOD else word)


def stop(house: House, taken: Taken) -> None:
    learn_sessions(house, [taken])
    said = {"session_id": taken.session_id, **_commands(house, taken.trip)}
    house.tell(_peer(house), "stop", **said)


def learn_sessions(house: House, taken: list[Taken]) -> None:
    """Our ids of its sessions, as they were pushed to it."""
    pushed = _state(house)["kept"].get("sessions", {}).values()
    ids = {one["authorization_reference"]: one["id"] for one in pushed}
    for each in taken:
        each.session_id = ids.get(_reference(each.trip), "")


def bills(house: House) -> dict[str, Decimal]:
    """What each session cost by the CDR that was pushed to it, in cents, taxes included."""
    found = {}
    for cdr in _state(house)["kept"].get("cdrs", {}).values():
        cost = cdr["total_cost"]
        parts = [cost["before_taxes"], *(tax["amount"] for tax in cost["taxes"])]
        found[cdr["session_id"]] = 100 * sum(Decimal(str(part)) for part in parts)
    return dict(sorted(found.items()))


def complaints(house: House) -> list[str]:
    """What it was told against the specification."""
    found: list[str] = _state(house)["complaints"]
    return found


def _state(house: House) -> Any:  # noqa: ANN401 - JSON
    return house.http.get(f"{_peer(house).url}/sim/state").json()


def _peer(house: House) -> Running:
    assert house.emsp is not None, "the cast has an eMSP"
    return house.emsp


def _commands(house: House, trip: Trip) -> dict[str, str]:
    """Where its results go, and to which of the CPOs behind us it is said."""
    assert house.emsp_role is not None, "the cast has an eMSP"
    url = f"{_peer(house).url}/ocpi/emsp/{house.emsp_role.version}"
    role = _cpo(house, trip)
    return {"url": url, "to": f"{role.country_code}*{role.party_code}"}


def _cpo(house: House, trip: Trip) -> CpoRole:
    return next(r for r in house.cpo_roles if r.party.id == f"cpo_{trip.cpo}")


def _where(house: House, trip: Trip) -> dict[str, str]:
    id_ = _cpo(house, trip).cities[trip.city][0]
    return {"location_id": id_, "evse_uid": f"{id_}-{trip.evse + 1}", "connector_id": _PLUG}


def _reference(trip: Trip) -> str:
    return f"trip-{trip.number}"
