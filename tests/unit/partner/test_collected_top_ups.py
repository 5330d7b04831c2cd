"""How does the channel collect a partner's top-up itself?"""

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment.top_up import TopUpDiffers, TopUpState
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import ProviderUnavailable
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.collect import MethodNotUsable, ask_top_up
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.payment.save_method import detach_method
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.partner.own_methods import (
    PREPAID,
    SEED,
    asked,
    available,
    eur,
    known,
    later,
    saved,
)


@pytest.fixture
def world() -> World:
    return World()


def test_a_card_tops_the_balance_up_once(world: World) -> None:
    top_up = asked(world)
    assert (top_up.state, asked(world)) == (TopUpState.PAID, top_up)
    assert available(world) == SEED + 10_000
    fees = balance(balances(world.everything()), Account(Purpose.PSP_FEE), EUR)
    assert fees == eur(150 + 25)


def test_a_charge_whose_process_died_and_that_a_webhook_told_first_is_collected_once(
    world: World,
) -> None:
    world.ports.payments.lose_next("charge")
    top_up = asked(world)
    hold = world.ports.payments.find(top_up.id)
    assert (top_up.state, hold is None) == (TopUpState.ASKED, False)
    assert hold is not None
    event = PaymentEvent("evt_1", "payment_intent.succeeded", hold.reference, "", top_up.id)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()
    later(world, 12)
    after = known(world, top_up.id)
    assert (after.state, after.effects) == (TopUpState.PAID, ())
    assert available(world) == SEED + 10_000
    assert world.ports.store.query("quarantine") == []


def test_the_same_key_with_another_amount_is_a_conflict(world: World) -> None:
    top_up = asked(world)
    with pytest.raises(TopUpDiffers):
        ask_top_up(world.ports, PREPAID, eur(1), top_up.method_id, "k1")


def test_a_top_up_is_above_zero(world: World) -> None:
    with pytest.raises(Invalid):
        ask_top_up(world.ports, PREPAID, eur(0), "mth_1", "k1")
    with pytest.raises(Invalid):  # no card moves a thousandth
        ask_top_up(world.ports, PREPAID, Money(1001, Currency("KWD")), "mth_1", "k1")


def test_only_a_method_that_the_partner_saved_for_itself_tops_up(world: World) -> None:
    driver = saved(world, PREPAID, "pm_card_visa", token_id="tok_prepaid")
    theirs = saved(world, PARTNERS[PaymentMethod.INVOICE], "pm_card_visa")
    gone = saved(world, PREPAID, "pm_sepa_pays")
    detach_method(world.ports, PREPAID, gone.id)
    for method in (driver.id, theirs.id, gone.id, "mth_none", driver.source):
        with pytest.raises(MethodNotUsable):
            ask_top_up(world.ports, PREPAID, eur(1000), method, "k1")
    assert world.ports.payments.calls == []


def test_a_declined_card_leaves_the_balance_as_it_is(world: World) -> None:
    world.ports.payments.declining = "expired_card"
    top_up = asked(world)
    assert (top_up.state, top_up.reason) == (TopUpState.FAILED, "expired_card")
    assert available(world) == SEED


def test_a_debit_tops_it_up_when_it_is_paid_and_not_before(world: World) -> None:
    top_up = asked(world, "pm_sepa_pays")
    assert (top_up.state, available(world)) == (TopUpState.PENDING, SEED)
    later(world, 6 * 24)
    assert known(world, top_up.id).state is TopUpState.PAID
    assert available(world) == SEED + 10_000


def test_a_debit_that_fails_tops_nothing_up(world: World) -> None:
    top_up = asked(world, "pm_sepa_fails")
    later(world, 6 * 24)
    assert known(world, top_up.id).state is TopUpState.FAILED
    assert available(world) == SEED


def test_the_webhook_tops_it_up_at_once_and_once(world: World) -> None:
    top_up = asked(world, "pm_sepa_pays")
    world.ports.clock.forward(days=5)
    for n in range(2):
        event = PaymentEvent(
            f"evt_{n}", "payment_intent.succeeded", top_up.reference, owner=top_up.id
        )
        receive_event(world.ports, "stripe", event, b"{}")
        world.settle()
    assert available(world) == SEED + 10_000
    later(world, 24)
    assert available(world) == SEED + 10_000


def test_an_answer_that_was_lost_for_a_day_is_looked_up(world: World) -> None:
    world.ports.payments.lose_next("charge")
    top_up = asked(world)
    assert top_up.state is TopUpState.ASKED
    world.ports.clock.forward(hours=30)
    sweep(world.ports)
    world.settle()
    assert known(world, top_up.id).state is TopUpState.PAID
    assert available(world) == SEED + 10_000
    assert [name for name, _ in world.ports.payments.calls] == ["charge"]


def test_a_fee_that_the_provider_tells_late_is_waited_for_and_not_for_a_day(world: World) -> None:
    world.ports.payments.fees_late = True
    top_up = asked(world)
    assert (top_up.state, available(world)) == (TopUpState.ASKED, SEED)
    world.ports.payments.fees_late = False
    later(world, 6)
    assert known(world, top_up.id).state is TopUpState.PAID
    assert available(world) == SEED + 10_000


def test_what_never_reached_the_provider_in_a_day_is_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise ProviderUnavailable("away")

    with monkeypatch.context() as patched:
        for call in ("charge", "find"):
            patched.setattr(world.ports.payments, call, away)
        top_up = asked(world)
        later(world, 30)
    later(world, 6)
    assert known(world, top_up.id).state is TopUpState.PAID
    assert available(world) == SEED + 10_000


def test_what_was_given_up_and_is_taken_after_all_is_the_partner_s(world: World) -> None:
    top_up = asked(world, "pm_card_authenticationRequired")
    later(world, 22 * 24)
    assert known(world, top_up.id).state is TopUpState.FAILED
    reference = known(world, top_up.id).reference
    world.ports.payments.complete_action(reference)
    world.ports.payments.capture(reference, eur(10_000), "by itself")
    event = PaymentEvent("evt_9", "payment_intent.succeeded", reference, owner=top_up.id)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()
    assert known(world, top_up.id).state is TopUpState.PAID
    assert available(world) == SEED + 10_000


def test_the_bank_s_extra_step_is_told(world: World) -> None:
    top_up = asked(world, "pm_card_authenticationRequired")
    assert top_up.state is TopUpState.ACTION
    assert top_up.action_url.startswith("https://")


def test_a_bill_beyond_the_balance_is_owed_alike_in_purse_and_books_and_paid_by_the_next_top_up(
    world: World,
) -> None:
    session = world.start(PaymentMethod.PREPAID, hold_minor=SEED)
    world.bill(session, kwh="1000", excl="490.00")  # 583.10
    assert available(world) == 0
    session = world.session(session.id)
    assert (session.payment.captured, session.payment.reason) == (eur(58_310), "funds_too_low")
    asked(world)
    assert available(world) == SEED + 10_000 - 58_310
