"""Somebody else pays the whole price, or a fee takes all of it: is who delivered paid?"""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.agreement.terms import Bearer, DriverRebate, FeeTerms
from chalicelib.domain.ids import AgreementId
from chalicelib.domain.money import Money
from chalicelib.domain.party.party import Kyc
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.reconciliation.compare import booking_differences
from chalicelib.domain.session.session import Bill, Session
from chalicelib.domain.settlement.window import cut_off
from chalicelib.usecases.agreement.find import agreements_of
from chalicelib.usecases.agreement.make import make_agreement
from chalicelib.usecases.party.register import change
from chalicelib.usecases.reconciliation.books import reconcile_books
from chalicelib.usecases.window.measure import measure
from chalicelib.usecases.window.overdue import overdue
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS, SINCE, World
from tests.unit.dispute.credits import credit_of, pass_time, sent, sums
from tests.unit.reconciliation.booked_market import funded

Terms = dict[str, Any]
FREE = FeeTerms(EUR, per_session=Decimal(100))
BY_THE_PLATFORM: Terms = {"driver_rebate": DriverRebate(Bearer.PLATFORM, terms=FREE)}
BY_THE_PARTNER: Terms = {"driver_rebate": DriverRebate(Bearer.PARTNER, terms=FREE)}
ALL_IS_COMMISSION: Terms = {
    "commission_terms": FeeTerms(EUR, least=Decimal(100)),
    "partner_share": Decimal(0),
}


def agreed(world: World, terms: Terms, method: PaymentMethod = PaymentMethod.CARD) -> World:
    (old,) = agreements_of(world.ports, PARTNERS[method])
    new = replace(old, id=AgreementId("agr_new"), cpo_id=CPO, since=SINCE, **terms)
    make_agreement(world.ports, replace(new, signatures=()))
    return world


def bill_of(session: Session) -> Bill:
    assert session.bill is not None
    return session.bill


@pytest.mark.parametrize("method", list(PaymentMethod))
def test_a_session_that_costs_its_driver_nothing_is_a_sale_all_the_same(
    method: PaymentMethod,
) -> None:
    world = agreed(World(), BY_THE_PLATFORM, method)
    before = sums(world)
    session = world.bill(world.charge(method))
    assert bill_of(session).gross == Money(0, EUR)
    assert not (session.payment.captured and session.payment.captured.minor)
    moved = {name: n - before.get(name, 0) for name, n in sums(world).items()}
    partner = f"partner_payable:{PARTNERS[method]}"
    assert {name: n for name, n in moved.items() if n} == {
        "cpo_payable:cpo_rhein": -1609,
        partner: -70,
        "platform": 1411,
        "vat:DE": 268,
    }


def test_its_card_is_given_back_and_a_lost_sale_would_be_found() -> None:
    session = (world := agreed(World(), BY_THE_PLATFORM)).bill(world.charge())
    assert session.payment.state is PaymentState.RELEASED
    lost = replace(session, booked=())
    assert [each.kind.value for each in booking_differences(lost, {})] == ["sale_missing"]


def test_a_credit_of_it_undoes_what_was_owed() -> None:
    world = agreed(World(), BY_THE_PLATFORM)
    before = sums(world)
    session = world.charge()
    original = world.cdr(session)
    sent(world, original)
    sent(world, credit_of(original))
    pass_time(world)
    assert sums(world) == before
    sent(world, replace(original, id="CDR-again"))
    assert sums(world)["cpo_payable:cpo_rhein"] == -1609


@pytest.mark.parametrize(
    ("terms", "partner"), [(BY_THE_PLATFORM, ["accepted"]), (BY_THE_PARTNER, ["nothing_due"])]
)
def test_its_cpo_is_paid_with_the_days_window_which_counts_it(
    terms: Terms, partner: list[str]
) -> None:
    settled = funded()
    agreed(settled.world, terms)
    settled.charge()
    run = settled.settle_day()
    stages = {payout.party_id: payout.stage.value for payout in settled.payouts()}
    assert stages.pop(CPO) == "accepted"
    assert list(stages.values()) == partner
    assert (run.shares["billable"], run.shares["accepted"]) == (1, 1)
    ports = settled.world.ports
    assert measure(ports, DAY)["differences_found"] == 0
    assert reconcile_books(ports, deep=True).differences == ()


def test_while_its_cpo_is_held_it_is_overdue() -> None:
    settled = SettledWorld()
    agreed(settled.world, BY_THE_PLATFORM)
    ports = settled.world.ports
    change(ports, CPO, lambda party: replace(party, kyc=Kyc.BLOCKED))
    settled.charge()
    assert settled.settle_day().shares["missed"] == 1
    ports.clock.at = cut_off(DAY) + timedelta(hours=36)
    assert overdue(ports) == {DAY: {"kyc_blocked": 1}}


def test_a_sale_that_is_all_commission_owes_nobody_and_is_never_overdue() -> None:
    settled = SettledWorld()
    agreed(settled.world, ALL_IS_COMMISSION)
    assert bill_of(settled.charge()).platform == Money(1470, EUR)
    run = settled.settle_day()
    assert (run.shares["billable"], run.shares["missed"], settled.payouts()) == (0, 0, [])
    ports = settled.world.ports
    ports.clock.at = cut_off(DAY) + timedelta(hours=36)
    assert overdue(ports) == {}
