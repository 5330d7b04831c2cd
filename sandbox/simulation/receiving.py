"""Which use case takes what a CPO sends?"""

from collections.abc import Callable
from typing import Any

from chalicelib.domain.session.charged import ReceivedCdr, ReportedSession
from chalicelib.usecases.cdr.pull import accept_pulled_cdr
from chalicelib.usecases.charger_session.accept_report import (
    SessionName,
    accept_patch,
    accept_whole,
)
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.unlocking import unlock_result
from chalicelib.usecases.reservation.run import reservation_result
from chalicelib.usecases.session.start_result import command_result
from sandbox.simulation.asked import Said
from sandbox.simulation.charger import received
from sandbox.simulation.market import Place


def receiving(place: Place, told: Any) -> tuple[str, Callable[[Any], Any]]:  # noqa: ANN401 - any report
    """Its name, and its call as the handler makes it."""
    if isinstance(told, ReceivedCdr):
        return "accept_cdr", lambda ports: accept_pulled_cdr(
            ports, connection_of(ports, place.peer), received(told)
        )
    if isinstance(told, ReportedSession):
        return "accept_report", lambda ports: accept_whole(
            ports, connection_of(ports, place.peer), told, "{}"
        )
    if isinstance(told, Said):
        return _answer(place, told)
    if isinstance(told[0], ReportedSession):
        name = SessionName(told[0].country_code, told[0].party_id, told[0].id)
        return "accept_change", lambda ports: accept_patch(
            ports, connection_of(ports, place.peer), name, told[1], "{}"
        )
    reference, result = told
    return "command_result", lambda ports: command_result(
        ports, place.peer, "START_SESSION", reference, result
    )


def _answer(place: Place, said: Said) -> tuple[str, Callable[[Any], Any]]:
    """As handlers/ocpi/commands.py does it."""

    def act(ports: Any) -> object:  # noqa: ANN401 - the guarded bundle
        about = ports, place.peer, said.about
        if said.command == "UNLOCK_CONNECTOR":
            came: object = unlock_result(*about, said.nonce, said.result)
        else:
            came = reservation_result(*about, said.result, said.nonce)
        said.heard = ports.clock.now()
        return came

    return "unlock_result" if said.command == "UNLOCK_CONNECTOR" else "reservation_result", act
