"""Who is paid when the sum is small or our money is short, and do people hear of it in time?"""

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.errors import Invalid
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.party.party import Kyc, Party
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.domain.settlement.window import ALARM_AFTER, opens
from chalicelib.usecases.channel.forecast import forecast, forecast_hourly
from chalicelib.usecases.party.register import change
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.window.overdue import overdue
from sandbox.memory.settled import DAY, SettledWorld
from sandbox.memory.world import CPO, EUR

PARTNER = PartyId("par_app")


def least(settled: SettledWorld, minor: int, code: Currency = EUR) -> None:
    def changed(party: Party) -> Party:
        return replace(party, payout_minimum=Money(minor, code))

    change(settled.world.ports, CPO, changed)


def stages(settled: SettledWorld) -> dict[PartyId, tuple[PayoutStage, str]]:
    return {payout.party_id: (payout.stage, payout.reason) for payout in settled.payouts()}


def test_a_sum_below_the_payees_minimum_is_carried_with_its_reason_until_it_is_enough() -> None:
    settled = SettledWorld()
    least(settled, 3000)
    settled.charge()
    run = settled.settle_day()
    assert stages(settled)[CPO] == (PayoutStage.HELD, "below_minimum")
    assert [missed["reason"] for missed in run.shares["exceptions"]] == ["below_minimum"]
    settled.charge()
    settled.settle_day(settled.next_day())
    paid = [p.money for p in settled.payouts() if p.stage is PayoutStage.ACCEPTED]
    assert Money(3218, EUR) in paid


def test_exactly_the_minimum_is_paid_and_a_minimum_is_in_the_payees_currency() -> None:
    settled = SettledWorld()
    least(settled, 1609)
    settled.charge()
    settled.settle_day()
    assert stages(settled)[CPO] == (PayoutStage.ACCEPTED, "")
    with pytest.raises(Invalid):
        least(settled, 1609, Currency("CHF"))


def test_short_money_goes_to_cpos_first_and_to_whom_it_suffices_for() -> None:
    settled = SettledWorld(funded=Money(1000, EUR))
    settled.charge()
    settled.settle_day()
    assert stages(settled) == {
        CPO: (PayoutStage.HELD, "unfunded"),
        PARTNER: (PayoutStage.ACCEPTED, ""),  # the CPO's does not fit and is passed over
    }


def test_what_was_held_for_lack_of_money_comes_before_what_is_new() -> None:
    settled = SettledWorld(funded=Money(1000, EUR))
    settled.charge()
    settled.settle_day()
    settled.world.ports.payouts.fund(Money(700, EUR))  # 16.30: the CPO's 16.09, not 0.70 too
    settled.settle_day(settled.next_day())
    latest = max(settled.payouts(), key=lambda payout: payout.window)
    assert (latest.party_id, latest.stage) == (CPO, PayoutStage.ACCEPTED)


def test_sessions_that_no_rail_accepted_36_hours_after_their_end_are_counted_by_reason() -> None:
    settled = SettledWorld(funded=Money(0, EUR))
    session = settled.charge()
    settled.settle_day()
    assert session.ended_at is not None
    clock = settled.world.ports.clock
    clock.at = opens(DAY) + ALARM_AFTER
    assert overdue(settled.world.ports) == {}  # it ended later in the day
    clock.at = session.ended_at + ALARM_AFTER
    assert overdue(settled.world.ports) == {DAY: {"unfunded": 1}}
    clock.forward(minutes=29)
    assert overdue(settled.world.ports) == {}  # people know; asked again in a minute
    clock.forward(minutes=1)
    assert overdue(settled.world.ports) == {DAY: {"unfunded": 1}}
    settled.world.ports.payouts.fund(Money(9000, EUR))
    settled.settle_day(settled.next_day())
    clock.forward(minutes=30)
    assert overdue(settled.world.ports) == {}


def test_what_is_told_after_the_proof_is_overdue_too() -> None:
    """Its CDR came hours after its window was closed, and its CPO may not be paid."""
    settled = SettledWorld()
    settled.charge()
    silent = settled.world.report(settled.world.start(), ChargerStatus.ACTIVE, "5", 10)
    run = settled.settle_day()
    assert run.shares["exceptions"] == []
    change(settled.world.ports, CPO, lambda party: replace(party, kyc=Kyc.BLOCKED))
    settled.world.bill(silent)
    settled.settle_day(settled.next_day())
    settled.world.ports.clock.forward(hours=2)
    assert overdue(settled.world.ports) == {DAY: {"kyc_blocked": 1}}


def test_what_a_bank_sends_back_after_the_proof_is_overdue_too() -> None:
    settled = SettledWorld()
    settled.world.ports.payouts.fail_next_payout("account_closed")
    session = settled.charge()
    settled.settle_day()
    assert session.ended_at is not None
    clock = settled.world.ports.clock
    clock.at = session.ended_at + ALARM_AFTER
    assert overdue(settled.world.ports) == {}
    clock.forward(hours=12)
    sweep_payouts(settled.world.ports)
    ((_, reasons),) = overdue(settled.world.ports).items()
    assert reasons == {"returned_account_closed": 1}


def test_a_paid_day_is_overdue_nowhere() -> None:
    settled = SettledWorld()
    session = settled.charge()
    settled.settle_day()
    assert session.ended_at is not None
    settled.world.ports.clock.at = session.ended_at + ALARM_AFTER
    assert overdue(settled.world.ports) == {}


def test_the_forecast_is_what_is_held_and_twice_the_largest_day_by_rail() -> None:
    settled = SettledWorld(funded=Money(2000, EUR))
    settled.charge()
    settled.charge()
    settled.settle_day()  # 2 * 16.09 held; 2 * 0.70 paid
    (stripe,) = forecast(settled.world.ports).rails
    assert (stripe.rail, stripe.free) == ("stripe", Money(1860, EUR))
    assert stripe.owed == Money(3218, EUR)
    assert stripe.expected == Money(2 * 2 * (1609 + 70), EUR)
    assert stripe.short == Money(3218 + 6716 - 1860, EUR)


def test_enough_money_is_short_nowhere_and_the_forecast_is_made_once_an_hour() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.settle_day()
    ports = settled.world.ports
    made = forecast_hourly(ports)
    assert made is not None
    assert [each.short.minor for each in made.rails] == [0]
    assert forecast_hourly(ports) is None
    ports.clock.at += timedelta(hours=1)
    assert forecast_hourly(ports) is not None
