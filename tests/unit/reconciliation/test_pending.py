"""Is what waits to be posted known, without a write of its own?"""

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.money import Money
from chalicelib.domain.reconciliation.pending import Pending, pending, pending_sums
from chalicelib.usecases.payout.sweep import sweep_payouts
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS

_ACCOUNTS = {
    PaymentMethod.CARD: Purpose.DRIVER_RECEIVABLE,
    PaymentMethod.PREPAID: Purpose.PREPAID,
    PaymentMethod.INVOICE: Purpose.INVOICE_RECEIVABLE,
}


def test_a_hold_and_a_reservation_wait_on_the_account_that_the_sale_will_charge() -> None:
    settled = SettledWorld()
    for method, purpose in _ACCOUNTS.items():
        session = settled.world.start(method)
        reason = "hold" if method is PaymentMethod.CARD else "reservation"
        account = Account(purpose, PARTNERS[method])
        (found,) = pending([session], [])
        assert found == Pending(account, Money(3000, EUR), reason, f"session#{session.id}")


def test_what_is_billed_and_taken_waits_no_longer() -> None:
    settled = SettledWorld()
    sessions = [settled.charge(method) for method in PaymentMethod]
    assert pending(sessions, []) == ()


def test_a_capture_that_is_on_its_way_is_pending_on_both_its_accounts() -> None:
    settled = SettledWorld()
    settled.world.ports.payments.lose_next("capture", after=False)
    session = settled.world.start()
    settled.world.bill(settled.world.session(session.id))
    sums = pending_sums(pending([settled.world.session(session.id)], []))
    assert sums == {
        (Account(Purpose.CASH, "stripe"), EUR): 1749,
        (Account(Purpose.DRIVER_RECEIVABLE, "par_app"), EUR): -1749,
    }


def test_a_payout_is_in_flight_until_its_bank_has_credited_it() -> None:
    settled = SettledWorld()
    settled.charge()
    settled.settle_day()
    waiting = {each.account: each for each in pending([], settled.payouts())}
    flight = waiting[Account(Purpose.CONNECTED, CPO)]
    assert (flight.money, flight.reason) == (Money(1609, EUR), "in_flight")
    settled.next_day(2)
    sweep_payouts(settled.world.ports)
    assert pending([], settled.payouts()) == ()
