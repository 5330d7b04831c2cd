"""How does the channel collect a partner's top-up itself, and give unused balance back?"""

from dataclasses import replace

import pytest

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod, Role
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances
from chalicelib.domain.money import Money
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.domain.payment.top_up import TopUp, TopUpState
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import PaymentRefused
from chalicelib.usecases import keys
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner import collect
from chalicelib.usecases.partner.collect import (
    NotOursToGiveBack,
    TopUpDiffers,
    ask_top_up,
    give_balance_back,
)
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import find
from sandbox.memory.world import EUR, PARTNERS, World

PREPAID = PARTNERS[PaymentMethod.PREPAID]
SEED = 50_000  # the world's insurer begins with it


def eur(minor: int) -> Money:
    return Money(minor, EUR)


@pytest.fixture
def world() -> World:
    return World()


def asked(world: World, source: str = "pm_card_visa", key: str = "k1") -> TopUp:
    top_up = ask_top_up(world.ports, PREPAID, eur(10_000), source, key, "https://app.example/back")
    world.settle()
    return known(world, top_up.id)


def known(world: World, id_: str) -> TopUp:
    record = find(world.ports.store, keys.top_up(id_), TopUp)
    assert record is not None
    return record.value


def available(world: World) -> int:
    (purse,) = balances_of(world.ports, PREPAID)
    book = balances(world.everything())
    owed = -balance(book, Account(Purpose.PREPAID, PREPAID), EUR).minor
    assert owed == (purse.funded - purse.used).minor, "purse and books say the same"
    return purse.available.minor


def later(world: World, hours: int) -> None:
    for _ in range(hours // 6):
        world.ports.clock.forward(hours=6)
        sweep(world.ports)
        world.settle()


def test_a_card_tops_the_balance_up_once(world: World) -> None:
    top_up = asked(world)
    assert (top_up.state, asked(world)) == (TopUpState.PAID, top_up)
    assert available(world) == SEED + 10_000
    fees = balance(balances(world.everything()), Account(Purpose.PSP_FEE), EUR)
    assert fees == eur(150 + 25)


def test_the_same_key_with_another_amount_is_a_conflict(world: World) -> None:
    asked(world)
    with pytest.raises(TopUpDiffers):
        ask_top_up(world.ports, PREPAID, eur(1), "pm_card_visa", "k1")


def test_a_top_up_is_above_zero(world: World) -> None:
    with pytest.raises(Invalid):
        ask_top_up(world.ports, PREPAID, eur(0), "pm_card_visa", "k1")


def test_a_declined_card_leaves_the_balance_as_it_is(world: World) -> None:
    top_up = asked(world, "pm_card_chargeDeclinedExpiredCard")
    assert (top_up.state, top_up.reason) == (TopUpState.FAILED, "expired_card")
    assert available(world) == SEED


def test_a_debit_tops_it_up_when_it_is_paid_and_not_before(world: World) -> None:
    top_up = asked(world, "sepa:cus_1/pm_sepa_pays")
    assert (top_up.state, available(world)) == (TopUpState.PENDING, SEED)
    later(world, 6 * 24)
    assert known(world, top_up.id).state is TopUpState.PAID
    assert available(world) == SEED + 10_000


def test_a_debit_that_fails_tops_nothing_up(world: World) -> None:
    top_up = asked(world, "sepa:cus_1/pm_sepa_fails")
    later(world, 6 * 24)
    assert known(world, top_up.id).state is TopUpState.FAILED
    assert available(world) == SEED


def test_the_webhook_tops_it_up_at_once_and_once(world: World) -> None:
    top_up = asked(world, "sepa:cus_1/pm_sepa_pays")
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


def test_the_bank_s_extra_step_is_told(world: World) -> None:
    top_up = asked(world, "pm_card_authenticationRequired")
    assert top_up.state is TopUpState.ACTION
    assert top_up.action_url.startswith("https://")


def test_unused_balance_goes_back_to_its_source(world: World) -> None:
    top_up = asked(world)
    give_balance_back(world.ports, PREPAID, top_up.id, eur(4000))
    assert available(world) == SEED + 6000  # reserved at once
    world.settle()
    assert available(world) == SEED + 6000
    assert world.ports.payments.read(top_up.reference).refunded == eur(4000)
    give_balance_back(world.ports, PREPAID, top_up.id, eur(6000))
    world.settle()
    assert available(world) == SEED
    with pytest.raises(Invalid):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(1))


def test_what_is_used_does_not_go_back(world: World) -> None:
    top_up = asked(world)
    world.start(PaymentMethod.PREPAID, hold_minor=SEED + 5000)
    with pytest.raises(FundsTooLow):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(6000))


def test_a_refund_that_the_provider_refuses_is_the_partner_s_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = asked(world)

    def refused(*_: object) -> None:
        raise PaymentRefused("charge_disputed", "no")

    with monkeypatch.context() as patched:
        patched.setattr(world.ports.payments, "refund", refused)
        give_balance_back(world.ports, PREPAID, top_up.id, eur(4000))
        world.settle()
    assert available(world) == SEED + 10_000
    assert known(world, top_up.id).refunds[0].reason == "charge_disputed"


def test_where_the_channel_is_an_agent_the_money_is_not_its_to_give_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = asked(world)

    def agents(*_: object) -> list[Agreement]:
        return [
            replace(agreement, role=Role.DISCLOSED_AGENT)
            for agreement in agreements_of(world.ports, PREPAID)
        ]

    monkeypatch.setattr(collect, "agreements_of", agents)
    with pytest.raises(NotOursToGiveBack):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(4000))


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
