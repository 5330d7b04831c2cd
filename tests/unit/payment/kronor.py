"""An account at the provider that has kronor only, for the tests of what it converts.

By the published rate a euro is 11.00 SEK, and the provider gives 10.80.
"""

from collections.abc import Mapping
from decimal import Decimal

from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.fx.rates import DailyRates
from chalicelib.domain.ledger.account import Purpose
from chalicelib.domain.ledger.book import balances, journal_sum
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.session.session import Session
from chalicelib.ports.payment_events import PaymentEvent
from chalicelib.ports.payments import DisputeState
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.payment.receive_event import receive_event
from chalicelib.usecases.records import create
from sandbox.memory.world import EUR, World
from tests.unit.dispute.credits import pass_time

SEK = Currency("SEK")
DRIVER = "driver_receivable:par_app"
GOT, WORTH, FEE = 18_889, 19_239, 308  # of 17.49 EUR, in öre
_OF_MONEY = {
    Purpose.CASH,
    Purpose.FX_POSITION,
    Purpose.FX_GAIN,
    Purpose.FX_LOSS,
    Purpose.PSP_FEE,
    Purpose.DRIVER_RECEIVABLE,
    Purpose.DISPUTED,
}


def kronor_only(world: World, *, published: bool = True) -> World:
    world.ports.payouts.no_balance(EUR, SEK, "10.8")
    day = world.ports.clock.now().date()
    if published:
        rates = DailyRates(day, {"SEK": Decimal(11)}, "ecb.xml")
        world.ports.store.write(create(keys.daily_rates(day.isoformat()), rates))
    return world


def now_at(world: World, rate: str) -> None:
    world.ports.payouts.no_balance(EUR, SEK, rate)


def stands(*entries: Entry) -> dict[str, dict[Currency, int]]:
    """What is open on the accounts of money, by currency; all currencies sum to zero."""
    book = balances(entries)
    assert not any(journal_sum(book).values())
    found = {
        str(account): {code: minor for code, minor in amounts.items() if minor}
        for account, amounts in sorted(book.items())
        if account.purpose in _OF_MONEY
    }
    return {account: amounts for account, amounts in found.items() if amounts}


def own(world: World, session: Session) -> Mapping[str, Entry]:
    return world.entries(world.session(session.id))


def paid(world: World) -> Session:
    session = world.bill(world.charge())
    assert session.payment.captured == Money(1749, EUR)
    return session


def refunded(world: World, session: Session, minor: int = 500) -> None:
    partner = session.partner_id
    dispute = open_for_driver(world.ports, partner, session.id, Reason.OTHER, minor, "", "k", "h")
    grant(world.ports, dispute.id, None, "broken", "Ada Lovelace")
    pass_time(world)


def tell(world: World, type_: str, subject: str, owner: str = "") -> None:
    event = PaymentEvent(f"evt_{type_}_{subject}", type_, subject, owner=owner)
    receive_event(world.ports, "stripe", event, b"{}")
    world.settle()


def disputed(world: World, reference: str, state: DisputeState, *, then_at: str) -> None:
    """The bank takes it at 11.20, and decides when the rate is another one."""
    now_at(world, "11.2")
    dispute = world.ports.payments.open_dispute(reference)
    tell(world, "charge.dispute.created", dispute)
    now_at(world, then_at)
    world.ports.payments.close_dispute(dispute, state)
    tell(world, "charge.dispute.closed", dispute)
