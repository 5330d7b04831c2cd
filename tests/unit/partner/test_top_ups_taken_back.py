"""What if a bank takes a partner's top-up back? Purse and book have the money no more."""

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.chargeback import Chargeback
from chalicelib.domain.errors import Invalid
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.ledger.book import balance, balances, journal_sum
from chalicelib.domain.money import Money
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.domain.payment.top_up import TopUp
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.collect import ask_top_up, read_top_up
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.partner.give_back import give_balance_back
from chalicelib.usecases.payment.chargeback import follow_dispute
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import find
from sandbox.memory.fragile import Fragile
from sandbox.memory.machine import Killed
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.partner.own_methods import saved

PREPAID = PARTNERS[PaymentMethod.PREPAID]
SEED, ASKED, FEE = 50_000, 10_000, 2_000


def eur(minor: int) -> Money:
    return Money(minor, EUR)


@pytest.fixture
def world() -> World:
    return World()


@pytest.fixture
def top_up(world: World) -> TopUp:
    method = saved(world, PREPAID, "pm_card_visa").id
    asked = ask_top_up(world.ports, PREPAID, eur(ASKED), method, "k1")
    world.settle()
    return read_top_up(world.ports, PREPAID, asked.id)


def tell(world: World, dispute: str, number: int = 1) -> None:
    event = PaymentEvent(f"evt_{dispute}_{number}", "charge.dispute.updated", dispute)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def taken(world: World, top_up: TopUp, reason: str = "fraudulent") -> str:
    dispute = world.ports.payments.open_dispute(top_up.reference, reason)
    tell(world, dispute)
    return dispute


def closed(world: World, dispute: str, state: DisputeState) -> Chargeback:
    world.ports.payments.close_dispute(dispute, state)
    tell(world, dispute, 2)
    record = find(world.ports.store, keys.chargeback(dispute), Chargeback)
    assert record is not None
    return record.value


def has(world: World) -> int:
    """What the partner has, the same in purse and book; negative: it owes it."""
    book = balances(world.everything())
    assert not any(journal_sum(book).values())
    (purse,) = balances_of(world.ports, PREPAID)
    owed = -balance(book, Account(Purpose.PREPAID, PREPAID), EUR).minor
    assert owed == (purse.funded - purse.used).minor
    return owed


def told(world: World) -> list[str]:
    dump = world.ports.store.dump()
    return [body["type"] for name, body in dump.items() if name.startswith("events#")]


def test_the_balance_has_it_no_more_from_the_moment_that_the_bank_takes_it(
    world: World, top_up: TopUp
) -> None:
    cash = balance(balances(world.everything()), Account(Purpose.CASH, "stripe"), EUR)
    taken(world, top_up)
    assert has(world) == SEED
    after = balance(balances(world.everything()), Account(Purpose.CASH, "stripe"), EUR)
    assert after == cash - eur(ASKED + FEE)
    with pytest.raises(FundsTooLow):
        world.start(PaymentMethod.PREPAID, hold_minor=SEED + 1)
    assert "balance.disputed" in told(world)


def test_what_was_used_meanwhile_is_the_partner_s_debt_and_the_next_top_up_pays_it(
    world: World, top_up: TopUp
) -> None:
    session = world.start(PaymentMethod.PREPAID, hold_minor=SEED + ASKED)
    world.bill(session, kwh="1000", excl="490.00")  # 583.10
    taken(world, top_up)
    assert has(world) == SEED - 58_310
    with pytest.raises(FundsTooLow):
        world.start(PaymentMethod.PREPAID, hold_minor=1)
    ask_top_up(world.ports, PREPAID, eur(20_000), top_up.method_id, "k2")
    world.settle()
    assert has(world) == SEED - 58_310 + 20_000


@pytest.mark.parametrize("state", [DisputeState.WON, DisputeState.LOST])
def test_what_is_won_fills_it_again_and_what_is_lost_changes_nothing_more(
    world: World, top_up: TopUp, state: DisputeState
) -> None:
    dispute = taken(world, top_up)
    end = closed(world, dispute, state)
    assert (end.state.value, end.effects) == (state.value, ())
    assert has(world) == SEED + (ASKED if state is DisputeState.WON else 0)
    assert balance(balances(world.everything()), Account(Purpose.LOSS), EUR).minor == 0
    assert told(world).count("balance.dispute_closed") == 1
    assert not world.ports.store.query(keys.chargebacks_open())


def test_our_evidence_goes_to_the_bank_but_for_a_debit_that_came_back(world: World) -> None:
    method = saved(world, PREPAID, "pm_card_visa").id
    for number, reason in enumerate(("fraudulent", "insufficient_funds")):
        asked = ask_top_up(world.ports, PREPAID, eur(ASKED), method, f"e{number}")
        world.settle()
        taken(world, read_top_up(world.ports, PREPAID, asked.id), reason)
    (evidence,) = world.ports.payments._disputes.evidence.values()
    assert "Prepaid balance of a business customer" in evidence


def test_what_the_bank_has_does_not_go_back_to_its_source_as_well(
    world: World, top_up: TopUp
) -> None:
    dispute = taken(world, top_up)
    with pytest.raises(Invalid):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(1), "g1")
    closed(world, dispute, DisputeState.WON)
    give_balance_back(world.ports, PREPAID, top_up.id, eur(ASKED), "g2")


def test_news_again_and_late_ones_take_nothing_twice(world: World, top_up: TopUp) -> None:
    dispute = taken(world, top_up)
    for number in range(3, 6):
        tell(world, dispute, number)
    for _ in range(30):
        world.ports.clock.forward(hours=6)
        sweep(world.ports)
        world.settle()
    assert has(world) == SEED


@pytest.mark.parametrize("after", [False, True])
def test_a_kill_at_any_write_leaves_purse_and_book_alike(
    world: World, top_up: TopUp, *, after: bool
) -> None:
    dispute = world.ports.payments.open_dispute(top_up.reference)
    said, killed = world.ports.payments.read_dispute(dispute), 0
    for at in range(1, 9):
        try:
            follow_dispute(Fragile(world.ports, at, after=after), said)
        except Killed:
            killed += 1
    assert killed >= 2
    assert has(world) == SEED
