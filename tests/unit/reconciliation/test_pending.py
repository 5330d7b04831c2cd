"""Is what waits to be posted known, without a write of its own?"""

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.ledger.account import Account, Purpose
from chalicelib.domain.money import Money
from chalicelib.domain.payment.payment import PaymentState
from chalicelib.domain.payment.top_up import TopUpState
from chalicelib.domain.reconciliation.pending import Pending, pending, pending_sums
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.partner.give_back import give_balance_back
from chalicelib.usecases.payout.sweep import sweep_payouts
from chalicelib.usecases.reconciliation.waiting import pending_now
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO, EUR, PARTNERS, World
from tests.unit.dispute.credits import credit_of, pass_time, sent
from tests.unit.partner.own_methods import PREPAID, asked, later

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


def _waits(settled: SettledWorld) -> dict[str, dict[str, int]]:
    """Minor units by reason and account, of all that waits now."""
    found: dict[str, dict[str, int]] = {}
    for each in pending_now(settled.world.ports):
        found.setdefault(each.reason, {})[str(each.account)] = each.money.minor
    return found


def _moving(reason: str, account: str, minor: int) -> dict[str, dict[str, int]]:
    return {reason: {"cash:stripe": minor, account: -minor}}


def test_what_was_granted_waits_as_the_refund_that_it_is() -> None:
    settled = SettledWorld()
    session = settled.charge()
    ports = settled.world.ports
    ports.payments.lose_next("refund", after=False)
    dispute = open_for_driver(
        ports, session.partner_id, session.id, Reason.OTHER, 500, "", "k", "h"
    )
    grant(ports, dispute.id, None, "broken", "Ada Lovelace")
    settled.world.settle()
    assert settled.world.session(session.id).payment.state is PaymentState.REFUND_REQUESTED
    assert _waits(settled) == _moving("refund", "driver_receivable:par_app", -500)


def test_a_credited_session_waits_for_its_whole_refund_from_the_moment_on() -> None:
    settled = SettledWorld()
    world = settled.world
    session = world.charge()
    original = world.cdr(session)
    sent(world, original)
    sent(world, credit_of(original))
    assert _waits(settled) == _moving("refund", "driver_receivable:par_app", -1749)
    pass_time(world)
    assert _waits(settled) == {}


def test_nothing_is_held_for_a_direct_debit_and_its_collection_waits_for_days() -> None:
    settled = SettledWorld(World(card="sepa:cus_1/pm_sepa_pays"))
    world = settled.world
    session = world.start()
    assert _waits(settled) == {}
    world.bill(world.session(session.id))
    assert world.session(session.id).payment.state is PaymentState.COLLECTING
    assert _waits(settled) == _moving("capture", "driver_receivable:par_app", 1749)
    pass_time(world, hours=24 * 6)
    assert _waits(settled) == {}


def test_a_top_up_waits_until_its_bank_has_paid_and_so_does_what_goes_back() -> None:
    settled = SettledWorld()
    world = settled.world
    top_up = asked(world, "pm_sepa_pays")
    assert top_up.state is TopUpState.PENDING
    assert _waits(settled) == _moving("top_up", "prepaid:par_insurer", 10_000)
    later(world, 24 * 6)
    assert _waits(settled) == {}
    world.ports.payments.lose_next("refund", after=False)
    give_balance_back(world.ports, PREPAID, top_up.id, Money(4000, EUR), "g1")
    world.settle()
    assert _waits(settled) == _moving("top_up_refund", "prepaid:par_insurer", -4000)
