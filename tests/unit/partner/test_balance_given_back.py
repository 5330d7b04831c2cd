"""How does a partner get unused balance back, once, and only what is unused and its own?"""

from dataclasses import replace

import pytest

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod, Role
from chalicelib.domain.errors import Invalid
from chalicelib.domain.payment.allotment import FundsTooLow
from chalicelib.domain.payment.top_up import TopUpDiffers
from chalicelib.ports.payments import PaymentRefused, ProviderUnavailable
from chalicelib.usecases.agreement import find
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.partner.collect import ask_top_up
from chalicelib.usecases.partner.give_back import NotOursToGiveBack, give_balance_back
from chalicelib.usecases.reconciliation.books import reconcile_books
from sandbox.memory.world import World
from tests.unit.partner.own_methods import PREPAID, SEED, asked, available, eur, known, later


@pytest.fixture
def world() -> World:
    return World()


def test_unused_balance_goes_back_to_its_source(world: World) -> None:
    top_up = asked(world)
    give_balance_back(world.ports, PREPAID, top_up.id, eur(4000), "g1")
    assert available(world) == SEED + 6000  # reserved at once
    world.settle()
    assert available(world) == SEED + 6000
    assert world.ports.payments.read(top_up.reference).refunded == eur(4000)
    give_balance_back(world.ports, PREPAID, top_up.id, eur(6000), "g2")
    world.settle()
    assert available(world) == SEED
    with pytest.raises(Invalid):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(1), "g3")


def test_the_same_request_to_give_back_is_one_refund_however_often_it_is_sent(world: World) -> None:
    top_up = asked(world)
    for _ in range(3):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(4000), "g1")
        world.settle()
    assert available(world) == SEED + 6000
    with pytest.raises(TopUpDiffers):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(1), "g1")


def test_two_refunds_whose_answers_were_lost_for_a_day_are_each_made_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first reached the provider and the second did not: their sums tell them apart only in
    their order.
    """
    top_up = asked(world)
    world.ports.payments.lose_next("refund")
    give_balance_back(world.ports, PREPAID, top_up.id, eur(4000), "g1")
    world.settle()

    def away(*_: object) -> None:
        raise ProviderUnavailable("away")

    with monkeypatch.context() as patched:
        for call in ("refund", "read"):
            patched.setattr(world.ports.payments, call, away)
        give_balance_back(world.ports, PREPAID, top_up.id, eur(1000), "g2")
        later(world, 30)
    later(world, 12)
    assert world.ports.payments.read(top_up.reference).refunded == eur(5000)
    assert available(world) == SEED + 5000


def test_what_is_used_does_not_go_back(world: World) -> None:
    top_up = asked(world)
    world.start(PaymentMethod.PREPAID, hold_minor=SEED + 5000)
    with pytest.raises(FundsTooLow):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(6000), "g2")


def test_a_refund_that_the_provider_refuses_is_the_partner_s_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    top_up = asked(world)

    def refused(*_: object) -> None:
        raise PaymentRefused("charge_disputed", "no")

    with monkeypatch.context() as patched:
        patched.setattr(world.ports.payments, "refund", refused)
        give_balance_back(world.ports, PREPAID, top_up.id, eur(4000), "g1")
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

    monkeypatch.setattr(find, "agreements_of", agents)  # agreed before that was refused
    with pytest.raises(NotOursToGiveBack):
        give_balance_back(world.ports, PREPAID, top_up.id, eur(4000), "g1")
    assert asked(world) == top_up  # the same key again
    with pytest.raises(Invalid, match="agent"):
        ask_top_up(world.ports, PREPAID, eur(1000), top_up.method_id, "another")


def test_what_was_collected_and_given_back_is_found_at_the_provider(world: World) -> None:
    top_up = asked(world)
    give_balance_back(world.ports, PREPAID, top_up.id, eur(4000), "g1")
    give_balance_back(world.ports, PREPAID, top_up.id, eur(1000), "g2")
    world.settle()
    later(world, 72)
    found = reconcile_books(world.ports, deep=True).differences
    ours = [each.difference for each in found if "cash" not in each.difference.kind.value]
    (seeded,) = ours  # the world's insurer begins with it, at no provider
    assert seeded.detail == "500.00 EUR"
