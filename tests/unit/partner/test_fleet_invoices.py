"""What does a partner on credit owe by when, and what happens when it does not pay?"""

from datetime import date, timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.dispute.dispute import Reason
from chalicelib.domain.money import Money
from chalicelib.domain.payment.fleet_invoice import (
    CreditStopped,
    DunningLevel,
    FleetInvoice,
    FleetInvoices,
)
from chalicelib.domain.session.session import Session
from chalicelib.usecases import keys
from chalicelib.usecases.dispute.decide import grant
from chalicelib.usecases.dispute.open import open_for_driver
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.partner.invoice import issue
from chalicelib.usecases.partner.pay_invoice import pay_invoice
from chalicelib.usecases.records import find
from sandbox.memory.world import EUR, PARTNERS, World
from tests.unit.dispute.credits import credit_of, sent

FLEET = PARTNERS[PaymentMethod.INVOICE]
INVOICE = PaymentMethod.INVOICE


def eur(minor: int) -> Money:
    return Money(minor, EUR)


@pytest.fixture
def world() -> World:
    world = World()
    world.bill(world.charge(INVOICE))
    return world


def issued(world: World) -> FleetInvoice:
    invoice = issue(world.ports, FLEET, EUR)
    world.settle()
    assert invoice is not None
    return invoice


def open_now(world: World) -> tuple[FleetInvoice, ...]:
    record = find(world.ports.store, keys.fleet_invoices(FLEET), FleetInvoices)
    assert record is not None
    return record.value.invoices


def days(world: World, n: int) -> None:
    for _ in range(n):
        world.ports.clock.forward(days=1)
        sweep(world.ports)
        world.settle()


def told(world: World) -> list[str]:
    dump = world.ports.store.dump()
    return [
        body["type"]
        for name, body in sorted(dump.items())
        if name.startswith(f"events#{FLEET}") and body["type"].startswith("invoice.")
    ]


def test_what_was_used_is_invoiced_once(world: World) -> None:
    invoice = issued(world)
    assert (invoice.money, invoice.due_on) == (eur(1749), date(2026, 11, 30))
    assert issued(world) == invoice
    days(world, 1)
    assert issue(world.ports, FLEET, EUR) is None
    world.bill(world.charge(INVOICE))
    second = issue(world.ports, FLEET, EUR)
    assert second is not None
    assert second.money == eur(1749)


@pytest.mark.parametrize(
    ("late", "level"),
    [
        (0, DunningLevel.ISSUED),
        (1, DunningLevel.DUE),
        (2, DunningLevel.DUE),
        (3, DunningLevel.REMINDER),
        (10, DunningLevel.SECOND),
        (16, DunningLevel.SECOND),
        (17, DunningLevel.FINAL),
        (31, DunningLevel.COLLECTION),
        (400, DunningLevel.COLLECTION),
    ],
)
def test_each_level_has_its_day(world: World, late: int, level: DunningLevel) -> None:
    invoice = issued(world)
    assert invoice.level_on(invoice.due_on + timedelta(days=late)) is level


def test_every_level_is_recorded_with_its_day_and_told_by_itself(world: World) -> None:
    invoice = issued(world)
    days(world, 14 + 32)
    (known,) = open_now(world)
    reached = {r.level: (r.day - invoice.due_on).days for r in known.levels}
    assert set(reached) == set(DunningLevel) - {DunningLevel.ISSUED}
    assert reached[DunningLevel.REMINDER] in {3, 4}
    assert told(world).count("invoice.reminder") == 2
    assert told(world).count("invoice.credit_stopped") == 2


def test_credit_stops_by_the_day_alone_and_running_sessions_go_on(world: World) -> None:
    running = world.start(INVOICE)
    issued(world)
    world.ports.clock.forward(days=14 + 16)  # nobody swept
    world.start(INVOICE)
    world.ports.clock.forward(days=1)
    with pytest.raises(CreditStopped) as stopped:
        world.start(INVOICE)
    assert stopped.value.how_to_fix
    assert world.bill(running).bill is not None


def test_a_paid_invoice_frees_the_limit_and_the_credit(world: World) -> None:
    issued(world)
    world.ports.clock.forward(days=40)
    (before,) = balances_of(world.ports, FLEET)
    for _ in range(2):
        pay_invoice(world.ports, FLEET, eur(1749), "bank_1")
        world.settle()
    (after,) = balances_of(world.ports, FLEET)
    assert (after.available - before.available) == eur(1749)
    assert open_now(world) == ()
    assert told(world)[-1] == "invoice.paid"
    world.start(INVOICE)


def test_each_month_is_invoiced_by_itself(world: World) -> None:
    days(world, 16)  # from 16 November into December
    (invoice,) = open_now(world)
    assert (invoice.money, invoice.issued_on) == (eur(1749), date(2026, 12, 1))
    days(world, 31)
    assert len(open_now(world)) == 1  # nothing new was used


def test_a_part_paid_invoice_stays_open_for_the_rest(world: World) -> None:
    issued(world)
    pay_invoice(world.ports, FLEET, eur(749), "bank_1")
    (known,) = open_now(world)
    assert (known.paid, known.owed) == (eur(749), eur(1000))
    world.ports.clock.forward(days=40)
    with pytest.raises(CreditStopped):
        world.start(INVOICE)


def test_the_oldest_invoice_is_paid_first(world: World) -> None:
    issued(world)
    days(world, 1)
    world.bill(world.charge(INVOICE))
    second = issue(world.ports, FLEET, EUR)
    pay_invoice(world.ports, FLEET, eur(2000), "bank_1")
    (known,) = open_now(world)
    assert second is not None
    assert (known.id, known.paid) == (second.id, eur(251))


def granted(world: World, session: Session, minor: int) -> None:
    dispute = open_for_driver(
        world.ports, FLEET, session.id, Reason.MISPRICED, minor, "", f"k{session.id}", "h"
    )
    grant(world.ports, dispute.id, None, "wrong tariff", "Ada Lovelace")
    world.settle()


def purse_owes(world: World) -> Money:
    (balance,) = balances_of(world.ports, FLEET)
    return balance.used


def test_a_correction_after_the_invoice_is_a_credit_note_and_less_is_owed() -> None:
    world = World()
    session = world.bill(world.charge(INVOICE))
    issued(world)
    granted(world, session, 500)
    (known,) = open_now(world)
    (note,) = known.notes
    assert (known.money, known.credited, known.owed) == (eur(1749), eur(500), eur(1249))
    assert note.session_id == session.id
    assert known.owed == purse_owes(world)
    assert "invoice.credited" in told(world)
    pay_invoice(world.ports, FLEET, eur(1249), "bank_1")
    assert open_now(world) == ()
    assert purse_owes(world) == eur(0)


def test_an_invoice_that_is_credited_in_full_is_not_dunned() -> None:
    world = World()
    session = world.bill(world.charge(INVOICE))
    issued(world)
    granted(world, session, 1749)
    assert open_now(world) == ()
    days(world, 60)
    assert "invoice.due" not in told(world)
    world.start(INVOICE)


def test_what_no_invoice_has_yet_needs_no_note(world: World) -> None:
    issued(world)
    days(world, 1)
    session = world.bill(world.charge(INVOICE))
    granted(world, session, 500)
    assert [known.notes for known in open_now(world)] == [()]
    second = issue(world.ports, FLEET, EUR)
    assert second is not None
    assert (second.money, second.notes) == (eur(1249), ())


def test_a_correction_after_payment_is_a_line_of_the_next_invoice() -> None:
    world = World()
    session = world.bill(world.charge(INVOICE))
    issued(world)
    pay_invoice(world.ports, FLEET, eur(1749), "bank_1")
    days(world, 1)
    granted(world, session, 500)
    assert issue(world.ports, FLEET, EUR) is None  # the partner has 5.00 to its credit
    world.bill(world.charge(INVOICE))
    following = issue(world.ports, FLEET, EUR)
    assert following is not None
    assert (following.money, following.credited, following.owed) == (
        eur(1749),
        eur(500),
        eur(1249),
    )
    assert following.owed == purse_owes(world)


def test_an_invoice_that_was_issued_before_the_sale_is_not_credited_for_it(world: World) -> None:
    issued(world)
    days(world, 1)
    session = world.bill(world.charge(INVOICE))
    days(world, 1)
    second = issue(world.ports, FLEET, EUR)
    assert second is not None
    granted(world, session, 500)
    assert [known.owed for known in open_now(world)] == [eur(1749), eur(1249)]


def test_a_credit_cdr_of_an_invoiced_session_is_a_note_and_its_replacement_the_next_invoice() -> (
    None
):
    world = World()
    session = world.charge(INVOICE)
    original = world.cdr(session)
    sent(world, original)
    issued(world)
    days(world, 1)
    sent(world, credit_of(original))
    sent(world, world.cdr(session, kwh="20", excl="9.80", id="second"))
    assert open_now(world) == ()
    following = issue(world.ports, FLEET, EUR)
    assert following is not None
    assert (following.money, following.owed) == (eur(1166), eur(1166))


def test_an_invoice_that_was_paid_on_its_day_is_not_issued_twice(world: World) -> None:
    first = issued(world)
    pay_invoice(world.ports, FLEET, eur(1749), "bank_1")
    world.bill(world.charge(INVOICE))
    again = issue(world.ports, FLEET, EUR)
    assert again is not None
    assert (again.id, again.paid) == (first.id, eur(1749))
    days(world, 1)
    following = issue(world.ports, FLEET, EUR)
    assert following is not None
    assert following.money == eur(1749)
