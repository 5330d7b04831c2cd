"""Bugs in what chargers are asked beside a charge: a cable freed twice, one kept for nobody."""

from dataclasses import replace
from datetime import timedelta
from itertools import count
from typing import Any

from chalicelib.domain.payment.waiting import settled
from chalicelib.domain.session import effects
from chalicelib.domain.session.reservation import Reservation, ReservationState
from chalicelib.usecases import keys
from chalicelib.usecases.effect.outcome import Outcome
from chalicelib.usecases.effect.waiting import Came
from chalicelib.usecases.records import load
from sandbox.simulation.planted.plant import Planted, instead

_USE = "chalicelib.usecases."
_DOMAIN = "chalicelib.domain.session."
_RUN = f"{_USE}reservation.run:"
_numbers = count()
_ANOTHER_ID = instead(lambda *_parts: f"id_{next(_numbers)}")


def _sent_at_once(right: Any) -> Any:
    """The command is sent before it is written that it was."""

    def unlock(ports: Any, session: Any, effect: Any) -> Any:
        outcome = right(ports, session, effect)
        if outcome.after is not None:
            outcome.after()
        return Outcome(outcome.session, outcome.writes)

    return unlock


def _yes_whatever(right: Any) -> Any:
    def answered(reservation: Any, result: str) -> Any:
        return right(reservation, "ACCEPTED" if result == "OCCUPIED" else result)

    return answered


def _only_written(ports: Any, reservation: Any, effect: Any) -> Any:
    del ports
    return Came(replace(settled(reservation, effect), state=ReservationState.CANCELLED))


def _of_any_command(right: Any) -> Any:
    def result(ports: Any, peer_id: Any, id_: str, said: str, _nonce: str = "") -> Any:
        known = load(ports.store, keys.reservation(id_), Reservation, "reservation").value
        return right(ports, peer_id, id_, said, known.nonce)

    return result


def _the_first(right: Any) -> Any:
    told = list[Any]()

    def of_detail(detail: Any) -> Any:
        told.append(right(detail))
        return told[0]

    return of_detail


ASKING = (
    Planted(
        "what is held is not counted in a budget",
        f"{_USE}token.limit:_counts",
        instead(lambda *_row: 0),
        by="a budget for one of two",
    ),
    Planted(
        "an unlock is sent before it is written",
        f"{_USE}effect.unlocking:unlock_connector",
        _sent_at_once,
        by="cable is freed: crash_after run_effects:session cpos.unlock 1",
    ),
    Planted(
        "a charger's answer to an unlock is not heard",
        f"{_USE}effect.unlocking:unlock_result",
        instead(lambda *_said: None),
        by="cable is freed",
    ),
    Planted(
        "an unlock that is asked for again is another",
        f"{_USE}session.unlock:external_id",
        _ANOTHER_ID,
        here=True,
        by="cable stays locked: crash_after unlock store.write 3",
    ),
    Planted(
        "nobody says that a charger does not answer",
        f"{_USE}effect.unlocking:ANSWER_WITHIN",
        instead(timedelta(days=99)),
        by="cable, and nobody answers",
    ),
    Planted(
        "a reservation that is asked for again is another",
        f"{_USE}reservation.ask:external_id",
        _ANOTHER_ID,
        here=True,
        by="reserved: crash_after reserve store.write 3",
    ),
    Planted(
        "a charger that says no is taken to keep free",
        f"{_DOMAIN}reservation:answered",
        _yes_whatever,
        by="eMSP reserves, and is refused",
    ),
    Planted(
        "what is given back is only written down",
        f"{_RUN}_cancel",
        instead(_only_written),
        by="reserved, and given back",
    ),
    Planted(
        "a command that comes late keeps its charger",
        f"{_DOMAIN}reservation:given_up",
        instead(lambda _reservation: None),
        by="reserved late, and given back at once",
    ),
    Planted(
        "a change that is refused loses what was held",
        f"{_DOMAIN}reservation:fallen_back",
        instead(lambda reservation: reservation),
        by="eMSP reserves, and may not for longer",
    ),
    Planted(
        "an answer to one command counts for the next",
        f"{_RUN}reservation_result",
        _of_any_command,
        by="eMSP reserves, and at once for longer, in vain",
    ),
    Planted(
        "open reservations are not counted",
        f"{_USE}reservation.room:OPEN_MAX",
        instead(99),
        by="reserved four times",
    ),
    Planted(
        "an eMSP hears nothing of what it reserves",
        f"{_USE}hub.push:results_of_reservation",
        instead(lambda *_event: []),
        here=True,
        by="eMSP reserves",
    ),
    Planted(
        "the first wish is told again",
        f"{_DOMAIN}preferences:of_detail",
        _the_first,
        by="wishes",
    ),
    Planted(
        "a wish is not passed on",
        f"{_USE}effect.charging:send_preferences",
        instead(lambda _ports, session, effect: Outcome(effects.settled(session, effect))),
        by="eMSP's driver wishes",
    ),
)
