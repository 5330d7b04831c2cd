"""What happens at the provider and no webhook tells: is it found, each once, and nothing passed?"""

from datetime import datetime, timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.chargeback import Chargeback, ChargebackState
from chalicelib.domain.errors import DomainError
from chalicelib.domain.money import Money
from chalicelib.domain.payment.saved_method import MethodKind, MethodState, SavedMethod
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.payment import pull_events as pulling
from chalicelib.usecases.payment.pull_events import EVERY, Reached, pull_events
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.payment.save_method import ask_method
from chalicelib.usecases.records import find
from chalicelib.usecases.token.issue import issue
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.dispute.credits import sums


@pytest.fixture
def world() -> World:
    world = World()
    pull_events(world.ports)
    return world


def paid(world: World) -> Session:
    return world.bill(world.charge())


def pulled(world: World, after: timedelta = EVERY) -> dict[str, int]:
    world.ports.clock.at += after
    found = pull_events(world.ports)
    world.settle()
    return found


def known(world: World, dispute: str) -> ChargebackState | None:
    record = find(world.ports.store, keys.chargeback(dispute), Chargeback)
    return record.value.state if record else None


def reached(world: World) -> Reached:
    record = find(world.ports.store, keys.provider_events_reached("stripe"), Reached)
    assert record is not None
    return record.value


def _inquiries(world: World, number: int) -> list[str]:
    found = []
    for _ in range(number):
        reference = paid(world).payment.reference
        found.append(world.ports.payments.open_dispute(reference, "general", DisputeState.INQUIRY))
        world.ports.clock.forward(seconds=1)
    return found


def test_an_inquiry_of_which_every_webhook_is_lost_is_known_within_the_hour(world: World) -> None:
    (inquiry,) = _inquiries(world, 1)
    assert known(world, inquiry) is None
    assert pulled(world)["events_lost"] == 1
    assert known(world, inquiry) is ChargebackState.INQUIRY
    world.ports.payments.close_dispute(inquiry, DisputeState.CLOSED)
    pulled(world)
    assert known(world, inquiry) is ChargebackState.CLOSED


def test_a_chargeback_a_refund_and_a_saved_method_are_found_too(world: World) -> None:
    payments, session, other = world.ports.payments, paid(world), paid(world)
    token = issue(world.ports, PARTNERS[PaymentMethod.CARD], "driver-1", "")
    method = ask_method(world.ports, token.partner_id, token.id, MethodKind.CARD, "k1")
    world.settle()
    payments.refund(session.payment.reference, Money(500, EUR), "by hand")
    before = sums(world)
    lost = payments.open_dispute(other.payment.reference)
    payments.close_dispute(lost, DisputeState.LOST)
    payments.fail_refund(session.payment.reference)
    record = find(world.ports.store, keys.method_setup(method.id), SavedMethod)
    assert record is not None
    payments.confirm_setup(record.value.reference, "pm_card_visa")
    assert pulled(world)["events_lost"] == 4
    assert known(world, lost) is ChargebackState.LOST
    assert sums(world)["cash:stripe"] != before["cash:stripe"]
    saved = find(world.ports.store, keys.method_setup(method.id), SavedMethod)
    assert saved is not None
    assert saved.value.state is MethodState.SAVED


def test_what_a_webhook_has_brought_is_not_found_again(world: World) -> None:
    (inquiry,) = _inquiries(world, 1)
    (event,) = world.ports.payments.told.every()
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()
    assert pulled(world)["events_lost"] == 0
    assert known(world, inquiry) is ChargebackState.INQUIRY


def test_a_webhook_that_comes_after_all_changes_nothing(world: World) -> None:
    _inquiries(world, 1)
    pulled(world)
    (event,) = world.ports.payments.told.every()
    assert not receive_event(world.ports, "stripe", event, b"{}")


def test_what_happened_in_the_second_of_the_last_pull_is_found_by_the_next(world: World) -> None:
    pulled(world)
    reference = paid(world).payment.reference
    world.ports.payments.open_dispute(reference, "general", DisputeState.INQUIRY)
    assert pulled(world)["events_lost"] == 1


def test_the_provider_is_asked_once_an_hour(world: World) -> None:
    reference = paid(world).payment.reference
    pulled(world)
    world.ports.payments.open_dispute(reference, "general", DisputeState.INQUIRY)
    assert pulled(world, timedelta(minutes=5))["events_lost"] == 0
    assert pulled(world, EVERY)["events_lost"] == 1


def test_a_provider_that_does_not_answer_is_asked_again_and_the_lag_grows(world: World) -> None:
    _inquiries(world, 1)
    for hours in (1, 2, 3):
        world.ports.payments.lose_next("events", after=False)
        assert pulled(world)["events_lag_s"] >= hours * 3600
    assert pulled(world, timedelta(minutes=5)) == {"events_lost": 1, "events_lag_s": 0}


@pytest.mark.parametrize("after", [False, True])
def test_the_place_never_passes_what_was_not_kept(world: World, *, after: bool) -> None:
    inquiries = _inquiries(world, 7)  # three pages
    since = reached(world).since
    pulling_second = _dies_at_second_page(world, after=after)
    assert pulling_second["events_lost"] == 3
    assert reached(world).since == since
    assert pulled(world, timedelta(minutes=5))["events_lost"] == 4
    assert {known(world, each) for each in inquiries} == {ChargebackState.INQUIRY}


def _dies_at_second_page(world: World, *, after: bool) -> dict[str, int]:
    """The first page is kept, and the second has no answer."""
    page, payments = world.ports.payments.events, world.ports.payments
    asked = []

    def events(
        types: tuple[str, ...], since: datetime, until: datetime, beyond: str = ""
    ) -> object:
        asked.append(beyond)
        if len(asked) == 2:
            payments.lose_next("events", after=after)
        return page(types, since, until, beyond)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(payments, "events", events)
        return pulled(world)


def test_a_run_is_bounded_and_the_next_goes_on_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pulling, "_PAGES", 1)
    _inquiries(world, 7)
    runs = [pulled(world), *(pulled(world, timedelta(minutes=5)) for _ in range(3))]
    assert [run["events_lost"] for run in runs] == [3, 3, 1, 0]
    assert [run["events_lag_s"] >= EVERY.total_seconds() for run in runs] == [
        True,
        True,
        False,
        False,
    ]


def test_an_event_that_cannot_be_kept_holds_the_place_and_stops_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    _inquiries(world, 1)

    def refused(*_args: object) -> bool:
        raise DomainError("the table is full")

    with monkeypatch.context() as patched:
        patched.setattr(pulling, "receive_event", refused)
        assert pulled(world)["events_lag_s"] >= EVERY.total_seconds()
    assert pulled(world, timedelta(minutes=5))["events_lost"] == 1


def test_two_sweeps_at_once_keep_each_event_once(world: World) -> None:
    (inquiry,) = _inquiries(world, 1)
    page, payments = world.ports.payments.events, world.ports.payments
    twin = list[dict[str, int]]()

    def events(*args: object) -> object:
        found = page(*args)  # type: ignore[arg-type] # as they came
        if not twin:
            twin.append({})
            twin[0] = pull_events(world.ports)
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(payments, "events", events)
        mine = pulled(world)
    assert twin[0]["events_lost"] + mine["events_lost"] == 1
    assert known(world, inquiry) is ChargebackState.INQUIRY


def test_an_event_of_nothing_that_we_know_is_kept(world: World) -> None:
    stranger = PaymentEvent("evt_x", "charge.dispute.created", "dp_unknown")
    world.ports.payments.told.add(stranger)
    assert pulled(world)["events_lost"] == 1
    kept = world.ports.store.get(keys.provider_event("stripe", "evt_x"))
    assert kept is not None
