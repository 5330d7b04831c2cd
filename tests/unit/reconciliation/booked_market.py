"""A small market with all that can stand in a journal, whose money in was booked as it came."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.money import Currency, Money
from chalicelib.ports.bundle import Ports
from chalicelib.usecases import keys
from chalicelib.usecases.channel.add_float import add_float
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.pay_invoice import pay_invoice
from chalicelib.usecases.party.register import change
from chalicelib.usecases.payout.block import unblock
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.records import create
from sandbox.memory.settled import FLOAT, SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS

SEK = Currency("SEK")
TOPPED_UP = Money(50_000, EUR)  # the world's prepaid partner began with it


def funded() -> SettledWorld:
    """A settled world in which every cent on the rail is in the books."""
    settled = SettledWorld()
    ports = settled.world.ports
    add_float(ports, FLOAT, "tu_0")
    ports.payouts.fund(TOPPED_UP)
    return settled


def played() -> SettledWorld:
    """Three ways to pay, a payout that comes back, Swedish kronor, a CDR that never comes."""
    settled = funded()
    ports = settled.world.ports
    for method in PaymentMethod:
        settled.charge(method)
    settled.charge(excl="20.00")  # the CDR asks more than was published
    ports.payouts.return_next_payout("account_closed")
    settled.settle_day()
    settled.next_day(3)
    sweep_payouts(ports)  # it came back
    _pays_its_invoice(settled)
    _settles_in_kronor(settled)
    settled.charge()
    late, never = settled.world.charge(), settled.world.charge()
    _hours_pass(settled)
    settled.world.bill(late, kwh="20", excl="9.80")  # less than was taken: the rest goes back
    assert settled.world.session(never.id).reason == "awaiting_cdr"
    settled.settle_day(settled.next_day())
    return settled


def _hours_pass(settled: SettledWorld) -> None:
    """Until a session without a CDR is captured, so that its hold does not lapse."""
    for _ in range(20):
        settled.world.ports.clock.forward(hours=1)
        sweep(settled.world.ports)
        settled.world.settle()


def _pays_its_invoice(settled: SettledWorld) -> None:
    paid = Money(1749, EUR)
    settled.world.ports.payouts.fund(paid)
    pay_invoice(settled.world.ports, PARTNERS[PaymentMethod.INVOICE], paid, "in_1")


def _settles_in_kronor(settled: SettledWorld) -> None:
    ports: Ports = settled.world.ports
    day = settled.world.ports.clock.now().date()
    rates = DailyRates(date(day.year, day.month, day.day), {"SEK": Decimal("11.02")}, "ecb.xml")
    ports.store.write(create(keys.daily_rates(rates.day.isoformat()), rates))
    change(ports, CPO, lambda party: replace(party, settlement_currency=SEK))
    unblock(ports, "acct_rhein", "ada")
    settled.world.ports.payouts.open_account("acct_rhein", "EUR", "SEK")
    settled.world.ports.payouts.fund(Money(3_000_000, SEK))
    add_float(ports, Money(3_000_000, SEK), "tu_sek")
