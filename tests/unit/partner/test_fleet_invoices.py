"""What does a partner on credit owe by when, and what happens when it does not pay?"""

from datetime import date, timedelta

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.money import Money
from chalicelib.domain.payment.fleet_invoice import (
    CreditStopped,
    DunningLevel,
    FleetInvoice,
    FleetInvoices,
)
from chalicelib.usecases import keys
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.partner.credit import balances_of
from chalicelib.usecases.partner.invoice import issue
from chalicelib.usecases.partner.pay_invoice import pay_invoice
from chalicelib.usecases.records import find
from sandbox.memory.world import EUR, PARTNERS, World

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
