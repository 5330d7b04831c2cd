"""How is a driver's means of payment saved, used while the driver is away, and forgotten?"""

from dataclasses import replace

import pytest

from chalicelib.domain.access.idempotency import IdempotencyKeyReused
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import NotFound
from chalicelib.domain.ids import PartyId
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.payment.saved_method import MethodKind, MethodState, SavedMethod
from chalicelib.domain.session.session import SessionState
from chalicelib.domain.token.token import Token
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import SetupRequest
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.payment.save_method import (
    ask_method,
    detach_method,
    form_secret,
    method_changed,
)
from chalicelib.usecases.records import find
from chalicelib.usecases.token.issue import issue
from chalicelib.usecases.token.read import token_by_id
from sandbox.memory.world import PARTNERS, World

CARD = PARTNERS[PaymentMethod.CARD]


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def token(world: World) -> Token:
    return issue(world.ports, CARD, "driver-1", "")


def asked(world: World, token: Token, kind: MethodKind = MethodKind.CARD) -> SavedMethod:
    method = ask_method(world.ports, CARD, token.id, kind, "k1")
    world.settle()
    return known(world, method.id)


def known(world: World, method_id: str) -> SavedMethod:
    record = find(world.ports.store, keys.method_setup(method_id), SavedMethod)
    assert record is not None
    return record.value


def tell(world: World, method: SavedMethod) -> None:
    event = PaymentEvent("evt_1", "setup_intent.succeeded", method.reference, owner=method.id)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def source(world: World, token: Token) -> str:
    return token_by_id(world.ports, CARD, token.id).payment_source


def test_the_driver_is_offered_the_provider_s_form(world: World, token: Token) -> None:
    method = asked(world, token)
    assert method.state is MethodState.OFFERED
    events = [b for n, b in world.ports.store.dump().items() if n.startswith("events#")]
    assert [body["type"] for body in events] == ["method.action_required"]
    assert form_secret(world.ports, method).startswith("seti_")


def test_the_form_s_secret_stands_in_no_item_and_is_forgotten_with_the_form(
    world: World, token: Token
) -> None:
    method = asked(world, token)
    secret = form_secret(world.ports, method)
    assert secret not in str(world.ports.store.dump())
    world.ports.payments.confirm_setup(method.reference, "pm_card_visa")
    tell(world, method)
    assert form_secret(world.ports, known(world, method.id)) == ""
    with pytest.raises(KeyError):
        world.ports.secrets.read(f"payment-form/{method.id}")
    assert form_secret(world.ports, method) == ""  # whoever read it in between


def test_a_key_that_was_used_for_another_token_or_kind_is_refused(
    world: World, token: Token
) -> None:
    asked(world, token)
    with pytest.raises(IdempotencyKeyReused):
        ask_method(world.ports, CARD, token.id, MethodKind.SEPA_DEBIT, "k1")


def test_what_the_driver_saves_is_the_token_s_from_then_on(world: World, token: Token) -> None:
    method = asked(world, token)
    world.ports.payments.confirm_setup(method.reference, "pm_card_visa")
    tell(world, method)
    assert known(world, method.id).state is MethodState.SAVED
    assert source(world, token) == f"{known(world, method.id).customer}/pm_card_visa"


def test_a_lost_webhook_is_looked_up(world: World, token: Token) -> None:
    method = asked(world, token)
    world.ports.payments.confirm_setup(method.reference, "pm_card_visa")
    for _ in range(3):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()
    assert known(world, method.id).state is MethodState.SAVED
    assert not known(world, method.id).effects


def test_a_direct_debit_is_saved_as_one(world: World, token: Token) -> None:
    method = asked(world, token, MethodKind.SEPA_DEBIT)
    world.ports.payments.confirm_setup(method.reference, "pm_sepa_pays")
    tell(world, method)
    assert source(world, token).startswith("sepa:cus_")


def test_a_form_that_nobody_fills_in_is_over_after_a_day(world: World, token: Token) -> None:
    method = asked(world, token)
    for _ in range(27):
        world.ports.clock.forward(hours=1)
        sweep(world.ports)
        world.settle()
    assert known(world, method.id).state is MethodState.FAILED
    assert not known(world, method.id).effects
    assert source(world, token) == ""


def test_a_method_that_is_detached_starts_nothing_any_more(world: World, token: Token) -> None:
    method = asked(world, token)
    world.ports.payments.confirm_setup(method.reference, "pm_card_visa")
    tell(world, method)
    used = source(world, token)
    detach_method(world.ports, CARD, method.id)
    assert source(world, token) == ""
    world.settle()
    assert known(world, method.id).state is MethodState.DETACHED
    assert world.ports.payments._setups.is_detached(used)
    assert detach_method(world.ports, CARD, method.id).state is MethodState.DETACHED


def test_another_partner_s_method_is_not_there(world: World, token: Token) -> None:
    method = asked(world, token)
    with pytest.raises(NotFound):
        detach_method(world.ports, PartyId("par_fleet"), method.id)


def test_the_same_key_is_the_same_method(world: World, token: Token) -> None:
    assert asked(world, token).id == asked(world, token).id


def test_a_saved_method_pays_for_a_session() -> None:
    world = World(card="cus_1/pm_card_visa")
    session = world.bill(world.charge())
    assert session.state is SessionState.BILLED
    assert session.payment.state is PaymentState.CAPTURED


def test_only_the_form_that_was_offered_for_it_saves_a_method(world: World, token: Token) -> None:
    method = asked(world, token)
    other = world.ports.payments.set_up(SetupRequest(method.id, "card"), "another form")
    world.ports.payments.confirm_setup(other.reference, "pm_card_visa")
    event = PaymentEvent("evt_2", "setup_intent.succeeded", other.reference, owner=method.id)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()
    assert known(world, method.id) == method
    assert source(world, token) == ""


def test_a_form_of_another_customer_saves_nothing(world: World, token: Token) -> None:
    method = asked(world, token)
    world.ports.payments.confirm_setup(method.reference, "pm_card_visa")
    setup = world.ports.payments.read_setup(method.reference)
    strange = replace(setup, customer="cus_strange", source="cus_strange/pm_card_visa")
    method_changed(world.ports, method.id, strange)
    failed = known(world, method.id)
    assert (failed.state, failed.reason) == (MethodState.FAILED, "other_customer")
    assert source(world, token) == ""
