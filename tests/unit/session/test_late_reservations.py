"""What if a RESERVE_NOW that was given up arrives after all? No charger is kept for nobody."""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.ids import PeerId
from chalicelib.domain.network.place import public_id
from chalicelib.domain.session.reservation import (
    Commanded,
    Reservation,
    ReservationState,
    cancelling,
    renewed,
)
from chalicelib.ports.cpo import CommandAnswer, CpoUnavailable, ReserveCommand
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.reservation.ask import (
    Wanted,
    ask_reservation,
    cancel_reservation,
    read_reservation,
)
from chalicelib.usecases.reservation.run import reservation_result
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.world import PARTNERS, PEER, World

PARTNER = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    made = World()
    (location,) = made.ports.cpos.network
    evses = tuple(replace(evse, capabilities=("RESERVABLE",)) for evse in location.evses)
    accept_location(made.ports, made.connection, replace(location, evses=evses), "{}")
    return made


def ask(world: World) -> Reservation:
    (location,) = world.ports.cpos.network
    until = world.ports.clock.now() + timedelta(minutes=30)
    wanted = Wanted(public_id(location), "E1", f"tok_{PaymentMethod.CARD.value}", until)
    return ask_reservation(world.ports, PARTNER, wanted, "k")


def later(world: World) -> None:
    """A quarter of an hour, as the sweeper sees it."""
    for _ in range(3):
        world.ports.clock.forward(minutes=5)
        sweep(world.ports)
        world.settle()


def under_way(monkeypatch: pytest.MonkeyPatch) -> list[ReserveCommand]:
    """RESERVE_NOWs that nobody has answered, and that have not arrived yet."""
    sent = list[ReserveCommand]()

    def reserve(_: MemoryCpo, __: Connection, command: ReserveCommand) -> CommandAnswer:
        sent.append(command)
        raise CpoUnavailable("no answer")

    monkeypatch.setattr(MemoryCpo, "reserve", reserve)
    return sent


def test_what_arrives_after_it_was_cancelled_is_given_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(world)
    with monkeypatch.context() as net:
        (sent,) = _settled(world, under_way(net))
    cancel_reservation(world.ports, PARTNER, asked.id)
    world.settle()
    known = read_reservation(world.ports, PARTNER, asked.id)
    assert known.state is ReservationState.CANCELLED
    world.ports.cpos.reserve(world.connection, sent)
    later(world)
    assert world.ports.cpos.reserved == {}
    assert read_reservation(world.ports, PARTNER, asked.id).told == known.told == 1


def test_what_arrives_after_a_second_try_was_refused_is_given_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = ask(world)
    with monkeypatch.context() as net:
        (sent,) = _settled(world, under_way(net))
    later(world)  # it is asked for again
    reservation_result(world.ports, PEER, asked.id, "OCCUPIED")
    world.settle()
    world.ports.cpos.reserve(world.connection, sent)
    later(world)
    assert world.ports.cpos.reserved == {}


def test_one_that_was_answered_is_given_back_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, cancelled = ask(world), list[str]()
    world.settle()
    reservation_result(world.ports, PEER, asked.id, "ACCEPTED")

    def cancel(_: MemoryCpo, __: Connection, id_: str, *___: str) -> CommandAnswer:
        cancelled.append(id_)
        return CommandAnswer.ACCEPTED

    monkeypatch.setattr(MemoryCpo, "cancel_reservation", cancel)
    cancel_reservation(world.ports, PARTNER, asked.id)
    world.settle()
    later(world)
    assert cancelled == [asked.id]


def test_a_change_remembers_how_long_an_unanswered_command_may_keep_the_charger(
    world: World,
) -> None:
    command = Commanded(PeerId("peer_emsp"), "NL*EMP", "R1", "https://emsp.example/r", "hash")
    known = replace(ask(world), command=command)
    at = world.ports.clock.now()
    shorter = renewed(known, replace(known, until=at + timedelta(minutes=5)), at)
    assert shorter.unheard == known.until
    assert cancelling(shorter).unheard == known.until
    gone = replace(shorter, state=ReservationState.CANCELLED)
    assert renewed(gone, known, at).unheard == known.until
    held = replace(known, state=ReservationState.HELD)
    assert renewed(held, replace(known, until=at + timedelta(minutes=5)), at).unheard is None


def _settled(world: World, sent: list[ReserveCommand]) -> list[ReserveCommand]:
    world.settle()
    return sent
