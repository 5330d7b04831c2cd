"""What becomes of a payout when a business day's reference rates were not imported?"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from chalicelib.domain.bank.calendar import last_banking_day
from chalicelib.domain.fx.publishing import published_by
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.settlement.payout import PayoutStage
from chalicelib.usecases import keys
from chalicelib.usecases.party.register import change
from chalicelib.usecases.rates.import_rates import RatesLate, import_due
from chalicelib.usecases.records import create
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO

SEK = Currency("SEK")


def _swedish(*days: int) -> SettledWorld:
    """A charge on Monday the 16th, and the rates of these days of November."""
    settled = SettledWorld()
    settled.charge()
    ports = settled.world.ports
    for day in days:
        rates = DailyRates(date(2026, 11, day), {"SEK": Decimal(11)}, "ecb")
        ports.store.write(create(keys.daily_rates(rates.day.isoformat()), rates))
    change(ports, CPO, lambda party: replace(party, settlement_currency=SEK))
    ports.payouts.open_account("acct_rhein", "SEK")
    ports.payouts.fund(Money(100_000, SEK))
    return settled


def _of_cpo(settled: SettledWorld) -> list[tuple[PayoutStage, str]]:
    found = sorted((p for p in settled.payouts() if p.party_id == CPO), key=lambda p: p.window)
    return [(payout.stage, payout.reason) for payout in found]


def test_a_business_day_without_rates_waits_for_them_and_takes_no_older_ones() -> None:
    settled = _swedish(10, 13)
    settled.settle_day()
    assert _of_cpo(settled) == [(PayoutStage.HELD, "no_rate")]
    rates = DailyRates(date(2026, 11, 17), {"SEK": Decimal(11)}, "ecb")
    settled.world.ports.store.write(create(keys.daily_rates("2026-11-17"), rates))
    settled.settle_day(settled.next_day())
    assert [stage for stage, _ in _of_cpo(settled)] == [PayoutStage.CARRIED, PayoutStage.ACCEPTED]


def test_a_weekend_and_a_closing_day_take_the_rates_of_the_last_business_day() -> None:
    assert last_banking_day(date(2026, 11, 22)) == date(2026, 11, 20)  # Sunday
    assert last_banking_day(date(2027, 3, 29)) == date(2027, 3, 25)  # Easter Monday: Thursday
    assert last_banking_day(date(2026, 12, 25)) == date(2026, 12, 24)


@pytest.mark.parametrize(
    ("at", "day"),
    [
        (datetime(2026, 11, 20, 14, 59, tzinfo=UTC), 19),  # 15:59 in Frankfurt
        (datetime(2026, 11, 20, 15, 0, tzinfo=UTC), 20),
        (datetime(2026, 11, 23, 9, tzinfo=UTC), 20),
    ],
)
def test_a_days_rates_are_out_at_four(at: datetime, day: int) -> None:
    assert published_by(at).day == day


def test_the_publisher_is_asked_each_hour_until_it_has_published_and_is_late_after_two() -> None:
    ports = MemoryPorts()
    friday = DailyRates(date(2026, 11, 20), {"SEK": Decimal(11)}, "ecb")
    ports.rates.days = [replace(friday, day=date(2026, 11, 19))]
    ports.clock.at = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
    assert import_due(ports) == 1  # yesterday's; today's may still come
    ports.clock.forward(hours=2)
    with pytest.raises(RatesLate, match="2026-11-20"):
        import_due(ports)
    ports.rates.days = [friday]
    assert import_due(ports) == 1
    ports.rates.days = []  # nobody is asked any more
    assert import_due(ports) == 0
