"""Does a charger stay free for a driver, and does everyone know when it does not?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.connection.connection import Connection
from chalicelib.domain.connection.refusals import LocationUnknown
from chalicelib.domain.errors import Forbidden, Invalid, NotFound
from chalicelib.domain.ids import PartyId, PeerId
from chalicelib.domain.network.place import public_id
from chalicelib.domain.party.party import Kyc, Party
from chalicelib.domain.session.reservation import (
    OPEN_MAX,
    CpoOffline,
    NotReservable,
    Reservation,
    ReservationCosts,
    ReservationIsOver,
    ReservationState,
    TooMany,
)
from chalicelib.domain.tariff.tariff import Reservation as When
from chalicelib.domain.tariff.tariff import Restrictions, Tariff
from chalicelib.ports.cpo import CommandAnswer
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import NoAgreement
from chalicelib.usecases.connection.client_info import accept_client_info
from chalicelib.usecases.effect.run import run_owner
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.network.read import location_by_id
from chalicelib.usecases.records import create, load
from chalicelib.usecases.reservation.ask import (
    Wanted,
    ask_reservation,
    cancel_reservation,
    read_reservation,
)
from chalicelib.usecases.reservation.run import reservation_result
from chalicelib.usecases.token.issue import issue, withdraw
from sandbox.memory.world import PARTNERS, PEER, World

PARTNER = PARTNERS[PaymentMethod.CARD]
S = ReservationState


@pytest.fixture
def world() -> World:
    made = World()
    (location,) = made.ports.cpos.network
    evses = tuple(replace(evse, capabilities=("RESERVABLE",)) for evse in location.evses)
    accept_location(made.ports, made.connection, replace(location, evses=evses), "{}")
    return made


def wanted(world: World, *, minutes: int = 30) -> Wanted:
    (location,) = world.ports.cpos.network
    until = world.ports.clock.now() + timedelta(minutes=minutes)
    return Wanted(public_id(location), "E1", f"tok_{PaymentMethod.CARD.value}", until)


def ask(world: World) -> Reservation:
    asked = ask_reservation(world.ports, PARTNER, wanted(world), "k")
    return settled(world, asked.id)


def settled(world: World, id_: str) -> Reservation:
    world.settle()
    return read_reservation(world.ports, PARTNER, id_)


def events(world: World) -> list[str]:
    return [
        str(body["type"])
        for name, body in world.ports.store.dump().items()
        if name.startswith("event") and "reservation." in str(body)
    ]


def test_a_charger_is_asked_for_and_says_yes(world: World) -> None:
    asked = ask(world)
    assert asked.state is S.ASKED
    command = world.ports.cpos.reserved[asked.id]
    assert (command.evse_uid, command.until, command.owner) == ("E1", asked.until, "DE*RHE")
    reservation_result(world.ports, PEER, asked.id, "ACCEPTED")
    assert settled(world, asked.id).state is S.HELD
    assert events(world) == ["reservation.held"]


@pytest.mark.parametrize("result", ["REJECTED", "EVSE_OCCUPIED", "SOMETHING_NEW"])
def test_a_charger_that_says_no_ends_it(world: World, result: str) -> None:
    asked = ask(world)
    reservation_result(world.ports, PEER, asked.id, result)
    known = settled(world, asked.id)
    assert (known.state, known.reason) == (S.REFUSED, result.lower())
    assert events(world) == ["reservation.refused"]


def test_a_cpo_that_says_no_at_once_ends_it(world: World) -> None:
    world.ports.cpos.answer = CommandAnswer.NOT_SUPPORTED
    assert ask(world).reason == "not_supported"


def test_a_silent_cpo_is_asked_again_and_not_after_its_time(world: World) -> None:
    world.ports.cpos.down = True
    asked = ask(world)
    assert asked.state is S.ASKED
    world.ports.cpos.down = False
    world.ports.clock.forward(minutes=1)
    run_owner(world.ports, keys.reservation(asked.id).pk)
    assert list(world.ports.cpos.reserved) == [asked.id]
    late = ask_reservation(world.ports, PARTNER, wanted(world, minutes=5), "k2")
    world.ports.clock.forward(minutes=6)
    assert settled(world, late.id).reason == "too_late"


def test_a_cpo_may_take_it_back_later(world: World) -> None:
    asked = ask(world)
    reservation_result(world.ports, PEER, asked.id, "ACCEPTED")
    reservation_result(world.ports, PEER, asked.id, "CANCELED_RESERVATION")
    reservation_result(world.ports, PEER, asked.id, "CANCELED_RESERVATION")
    known = settled(world, asked.id)
    assert (known.state, known.reason) == (S.CANCELLED, "cancelled_by_cpo")
    assert sorted(events(world)) == ["reservation.cancelled", "reservation.held"]


def test_a_partner_gives_it_back(world: World) -> None:
    asked = ask(world)
    assert cancel_reservation(world.ports, PARTNER, asked.id).state is S.CANCELLING
    known = settled(world, asked.id)
    assert (known.state, known.reason, world.ports.cpos.reserved) == (S.CANCELLED, "", {})
    with pytest.raises(ReservationIsOver):
        cancel_reservation(world.ports, PARTNER, asked.id)


def test_only_its_own_people_see_and_change_it(world: World) -> None:
    asked = ask(world)
    with pytest.raises(NotFound):
        read_reservation(world.ports, PartyId("par_other"), asked.id)
    with pytest.raises(NotFound):
        reservation_result(world.ports, PeerId("peer_other"), asked.id, "ACCEPTED")


def test_the_same_key_is_the_same_reservation(world: World) -> None:
    first = ask_reservation(world.ports, PARTNER, wanted(world), "k")
    assert ask_reservation(world.ports, PARTNER, wanted(world), "k").id == first.id
    with pytest.raises(IdempotencyKeyReused):
        ask_reservation(world.ports, PARTNER, wanted(world, minutes=40), "k")


@pytest.mark.parametrize("minutes", [0, -1, 241])
def test_it_is_for_the_next_hours(world: World, minutes: int) -> None:
    with pytest.raises(Invalid):
        ask_reservation(world.ports, PARTNER, wanted(world, minutes=minutes), "k")


def test_an_evse_that_takes_none_or_prices_them_is_refused(world: World) -> None:
    (location,) = world.ports.cpos.network
    later = location.last_updated + timedelta(days=1)
    accept_location(world.ports, world.connection, replace(location, last_updated=later), "{}")
    with pytest.raises(NotReservable):
        ask_reservation(world.ports, PARTNER, wanted(world), "k")


def test_a_reservation_that_costs_is_refused(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    (element,) = world.tariff.elements
    limits = Restrictions(reservation=When.RESERVATION)
    priced = replace(world.tariff, elements=(replace(element, restrictions=limits), element))

    def in_force(*_: object) -> tuple[str, Tariff]:
        return "h", priced

    monkeypatch.setattr("chalicelib.usecases.reservation.ask.in_force", in_force)
    with pytest.raises(ReservationCosts):
        ask_reservation(world.ports, PARTNER, wanted(world), "k")


def test_a_partner_without_terms_reserves_nothing(world: World) -> None:
    stranger = PartyId("par_stranger")
    known = load(world.ports.store, keys.party(PARTNER), Party, "party").value
    world.ports.store.write(create(keys.party(stranger), replace(known, id=stranger)))
    token = issue(world.ports, stranger, "driver")
    with pytest.raises(NoAgreement):
        ask_reservation(world.ports, stranger, replace(wanted(world), token_id=token.id), "k")


def test_a_withdrawn_token_reserves_nothing(world: World) -> None:
    withdraw(world.ports, PARTNER, wanted(world).token_id)
    with pytest.raises(Invalid, match="withdrawn"):
        ask(world)


def test_a_blocked_partner_reserves_nothing(world: World) -> None:
    record = load(world.ports.store, keys.party(PARTNER), Party, "party")
    world.ports.store.write(record.put(replace(record.value, kyc=Kyc.BLOCKED)))
    with pytest.raises(Forbidden, match="blocked"):
        ask(world)


def test_a_place_that_is_not_published_is_not_there(world: World) -> None:
    location = location_by_id(world.ports, wanted(world).place_id)
    accept_location(world.ports, world.connection, replace(location, publish=False), "{}")
    with pytest.raises(LocationUnknown):
        ask(world)


def test_a_party_that_its_hub_calls_offline_is_not_asked(world: World) -> None:
    record = load(world.ports.store, keys.peer(PEER), Connection, "peer")
    world.ports.store.write(record.put(replace(record.value, hub="DE*HUB")))
    at = world.ports.clock.now()
    info = ClientInfo("DE", "RHE", "CPO", ConnectionStatus.OFFLINE, at)
    accept_client_info(world.ports, world.connection, info)
    with pytest.raises(CpoOffline):
        ask(world)


def test_a_token_keeps_a_few_chargers_at_a_time(world: World) -> None:
    first = [
        ask_reservation(world.ports, PARTNER, wanted(world), f"k{number}")
        for number in range(OPEN_MAX)
    ]
    for _ in range(2):
        with pytest.raises(TooMany):
            ask_reservation(world.ports, PARTNER, wanted(world), "more")
    again_ = ask_reservation(world.ports, PARTNER, wanted(world), "k0")
    assert again_.id == first[0].id
    world.settle()
    cancel_reservation(world.ports, PARTNER, first[0].id)
    world.settle()
    ask_reservation(world.ports, PARTNER, wanted(world), "more")
    with pytest.raises(TooMany):
        ask_reservation(world.ports, PARTNER, wanted(world), "yet more")
    world.ports.clock.forward(minutes=31)
    ask_reservation(world.ports, PARTNER, wanted(world), "later")
