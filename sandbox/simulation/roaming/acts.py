"""What do eMSPs ask beside a charge? A charger is to be kept free, and a driver has wishes."""

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, cast

from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.ids import external_id
from chalicelib.domain.session.preferences import Preferences
from chalicelib.ports.bundle import Ports
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.hub.prefer import prefer_for_emsp
from chalicelib.usecases.hub.reserve import Wanted, cancel_for_emsp, reserve_for_emsp
from sandbox.simulation.acts_of_help_desks import Asking, manner_of, want, wish_of
from sandbox.simulation.roaming.emsp import SimulatedEmsp
from sandbox.simulation.trip import Act

if TYPE_CHECKING:
    from sandbox.simulation.acts import Acts
    from sandbox.simulation.roaming.history import RoamingHistory

_E1 = "E1"


def reserve(acts: "Acts", act: Act) -> None:
    """RESERVE_NOW. Another one of the same trip replaces what it named: it has the same id."""
    emsp, theirs = _emsp(acts, act), f"R{act.trip}"
    place, token = acts.history.asked[act.trip - 1].place, emsp.issued[act.trip]
    id_ = external_id("res", emsp.connection.id, theirs.lower())
    number = 1 + sum(one.about == id_ for one in acts.wanted if one.what == "emsp_reserve")
    manners = acts.history.cpos[place.peer].manners
    manners[id_ if number == 1 else f"{id_}/result-{number}"] = manner_of(act.word)
    until = acts.history.clock.at + timedelta(minutes=act.minor or 60)
    wanted = Wanted(
        token=token,
        location_id=place.location.id,
        evse_uid=_E1,
        until=until,
        reservation_id=theirs,
        response_url=f"https://emsp.example/results/reserve/{act.trip}/{number}",
        hash=f"reserve {act.trip} {number}",
    )

    def call(ports: Ports) -> object:
        return reserve_for_emsp(ports, _connection(ports, emsp), "*".join(place.party), wanted)

    want(acts, Asking("emsp_reserve", id_, (_E1, until, wanted.response_url)), call)


def give_back(acts: "Acts", act: Act) -> None:
    """CANCEL_RESERVATION."""
    emsp, theirs = _emsp(acts, act), f"R{act.trip}"
    id_ = external_id("res", emsp.connection.id, theirs.lower())
    url = f"https://emsp.example/results/cancel/{act.trip}"

    def call(ports: Ports) -> object:
        return cancel_for_emsp(ports, _connection(ports, emsp), theirs, url)

    want(acts, Asking("emsp_give_back", id_, url), call)


def prefer(acts: "Acts", act: Act) -> None:
    """PUT charging_preferences, of a session that the eMSP was told of."""
    emsp = _emsp(acts, act)
    session_id = emsp.session_of(emsp.issued[act.trip])
    if session_id:
        wish = wish_of(acts, act, session_id)
        want(
            acts,
            Asking("emsp_prefer", session_id, wish),
            partial(_tell, emsp, session_id, wish),
        )


def _tell(emsp: SimulatedEmsp, session_id: str, wish: Preferences, ports: Ports) -> object:
    return prefer_for_emsp(ports, _connection(ports, emsp), session_id, wish)


def _emsp(acts: "Acts", act: Act) -> SimulatedEmsp:
    history = cast("RoamingHistory", acts.history)
    return history.emsp_of(history.scenario.trips[act.trip - 1])


def _connection(ports: Ports, emsp: SimulatedEmsp) -> Connection:
    return connection_of(ports, emsp.connection.id)
