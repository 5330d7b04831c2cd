"""How is a partner on credit invoiced, reminded, and refused while it does not pay?

What the purse has used and no open invoice claims is invoiced. The next dunning day is an effect of
the partner's open invoices, which the sweeper finds: nobody needs to remember it.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.codec import to_plain
from chalicelib.domain.effect import Effect, EffectKind
from chalicelib.domain.ids import PartyId, external_id
from chalicelib.domain.money import Currency, Money
from chalicelib.domain.payment import fleet_invoice as model
from chalicelib.domain.payment.fleet_invoice import (
    CreditNote,
    DunningLevel,
    FleetInvoice,
    FleetInvoices,
    Reached,
)
from chalicelib.domain.payment.waiting import added, settled, told, without
from chalicelib.ports.bundle import Ports
from chalicelib.ports.store import ABSENT, Put, Write
from chalicelib.usecases import keys
from chalicelib.usecases.effect.waiting import Came, rows_of, run_waiting
from chalicelib.usecases.partner.purse import purses_of, read_purse
from chalicelib.usecases.party.read import channel
from chalicelib.usecases.records import Record, create, find, write_rows_first
from chalicelib.usecases.session.save import again


def check_credit(ports: Ports, partner_id: PartyId) -> None:
    """Refuse a new session on credit while an invoice is overdue. Raises CreditStopped."""
    record = find(ports.store, keys.fleet_invoices(partner_id), FleetInvoices)
    if record is not None:
        record.value.check_credit(_today(ports))


def issue(ports: Ports, partner_id: PartyId, code: Currency) -> FleetInvoice | None:
    """Invoice what was used and is not invoiced; None when there is nothing. Once a day at most."""

    def decide() -> FleetInvoice | None:
        record, known = _open(ports, partner_id)
        day, at = _today(ports), ports.clock.now()
        id_ = external_id("inv", partner_id, code, day.isoformat())
        issued = next((i for i in known.invoices if i.id == id_), None)
        if issued is not None:
            return issued
        paid_today = find(ports.store, keys.fleet_invoice(id_), FleetInvoice)
        if paid_today is not None:
            return paid_today.value
        purse = read_purse(ports, partner_id, PaymentMethod.INVOICE, code).purse
        used = Money(sum(part.used for part in purse.allotments), code)
        now, issued = model.issued(known, id_, used, at, day)
        if issued is None:
            return None
        minor, due = str(issued.owed.minor), str(issued.due_on)
        now = told(now, at, "invoice.issued", invoice=id_, minor=minor, due=due)
        now = _dated(now, day, at, _zone(ports))
        write_rows_first(ports.store, *writes_of(record, partner_id, now, at))
        return issued

    return again(decide)


def begin(ports: Ports, agreement: Agreement) -> tuple[Write, ...]:
    """The writes by which a partner on credit begins to be invoiced, each month by itself."""
    partner_id = agreement.partner_id
    record, known = _open(ports, partner_id)
    if agreement.payment_method is not PaymentMethod.INVOICE or record is not None:
        return ()
    at = ports.clock.now()
    return writes_of(record, partner_id, _monthly(known, at, _zone(ports)), at)


def open_invoices(ports: Ports, partner_id: PartyId) -> tuple[date, FleetInvoices]:
    """Today in the channel's zone, and what is open, oldest first."""
    return _today(ports), _open(ports, partner_id)[1]


def settled_by(ports: Ports, partner_id: PartyId, money: Money) -> tuple[Write, ...]:
    """The writes by which a payment settles open invoices, for the receipt's own transaction."""
    record, known = _open(ports, partner_id)
    if record is None:
        return ()
    at = ports.clock.now()
    now, done = model.paid(known, money)
    return _settled(ports, record, now, done, at)


def credit(
    ports: Ports, partner_id: PartyId, note: CreditNote, sold_at: datetime
) -> tuple[Write, ...]:
    """The writes of a credit note about a session that was invoiced; else there are none.

    They belong into the transaction that gives the purse its use back.
    """
    record, known = _open(ports, partner_id)
    now, done, needed = model.credited(known, note, sold_at)
    if record is None or not needed:
        return ()
    at, data = ports.clock.now(), {"note": note.id, "minor": str(note.money.minor)}
    now = told(
        now, at, "invoice.credited", session=note.session_id, dispute=note.dispute_id, **data
    )
    return _settled(ports, record, now, done, at)


def _settled(
    ports: Ports,
    record: Record[FleetInvoices],
    now: FleetInvoices,
    done: Sequence[FleetInvoice],
    at: datetime,
) -> tuple[Write, ...]:
    """An invoice of which nothing is owed any more leaves for a record of its own."""
    for invoice in done:
        now = told(now, at, "invoice.paid", invoice=invoice.id, minor=str(invoice.paid.minor))
    now = _dated(now, _today(ports), at, _zone(ports))
    kept = (create(keys.fleet_invoice(invoice.id), invoice) for invoice in done)
    return (*kept, *writes_of(record, now.partner_id, now, at))


def writes_of(
    record: Record[FleetInvoices] | None, partner_id: PartyId, now: FleetInvoices, at: datetime
) -> tuple[Write, ...]:
    key = keys.fleet_invoices(partner_id)
    expects = ABSENT if record is None else record.version
    put = Put(key, to_plain(now), expects=expects, pending=len(now.due(at)))
    return (*rows_of(now, key.pk), put)


def run_invoices(ports: Ports, pk: str) -> None:
    perform = {EffectKind.DUN: _dun, EffectKind.ISSUE_INVOICE: _issue}
    run_waiting(ports, pk, FleetInvoices, perform)


def _issue(ports: Ports, known: FleetInvoices, effect: Effect) -> Came[FleetInvoices]:
    """Invoice each currency, and come again next month.

    What is issued changes the record, so that this write fails: the second time all is issued.
    """
    for purse in purses_of(ports, known.partner_id):
        if purse.method is PaymentMethod.INVOICE:
            issue(ports, known.partner_id, purse.currency)
    return Came(_monthly(settled(known, effect), ports.clock.now(), _zone(ports)))


def _monthly(known: FleetInvoices, at: datetime, zone: ZoneInfo) -> FleetInvoices:
    """In the morning of the next month's first day: what ended before midnight is billed by then,
    and what is billed later stands on the invoice after it.
    """
    day = at.astimezone(zone).date()
    first = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
    morning = datetime.combine(first, time(6), zone)
    return added(known, EffectKind.ISSUE_INVOICE, at, after=morning - at)


def _dun(ports: Ports, known: FleetInvoices, effect: Effect) -> Came[FleetInvoices]:
    """Record every level that was reached meanwhile, with its day, and tell the partner."""
    day, at = _today(ports), ports.clock.now()
    now, invoices = settled(known, effect), list[FleetInvoice]()
    for invoice in known.invoices:
        level = invoice.level_on(day)
        if level is not invoice.level:
            invoice = replace(invoice, levels=(*invoice.levels, Reached(level, day)))  # noqa: PLW2901 - the same invoice, later
            now = told(now, at, _NEWS[level], **_words(invoice, level))
        invoices.append(invoice)
    return Came(_dated(replace(now, invoices=tuple(invoices)), day, at, _zone(ports)))


_NEWS = {
    DunningLevel.ISSUED: "invoice.issued",
    DunningLevel.DUE: "invoice.due",
    DunningLevel.REMINDER: "invoice.reminder",
    DunningLevel.SECOND: "invoice.reminder",
    DunningLevel.FINAL: "invoice.credit_stopped",
    DunningLevel.COLLECTION: "invoice.credit_stopped",
}


def _words(invoice: FleetInvoice, level: DunningLevel) -> dict[str, str]:
    return {
        "invoice": invoice.id,
        "level": level.value,
        "minor": str(invoice.owed.minor),
        "due": str(invoice.due_on),
    }


def _dated(known: FleetInvoices, day: date, at: datetime, zone: ZoneInfo) -> FleetInvoices:
    """The open invoices with one effect: the next day on which a level is reached."""
    known = without(known, EffectKind.DUN)
    days = [invoice.next_day(day) for invoice in known.invoices]
    next_day = min((later for later in days if later is not None), default=None)
    if next_day is None:
        return known
    morning = datetime.combine(next_day, time(6), zone)
    return added(known, EffectKind.DUN, at, after=max(morning - at, timedelta(0)))


def _open(ports: Ports, partner_id: PartyId) -> tuple[Record[FleetInvoices] | None, FleetInvoices]:
    record = find(ports.store, keys.fleet_invoices(partner_id), FleetInvoices)
    empty = FleetInvoices(id=f"fleet-invoices#{partner_id}", partner_id=partner_id)
    return record, empty if record is None else record.value


def _today(ports: Ports) -> date:
    return ports.clock.now().astimezone(_zone(ports)).date()


def _zone(ports: Ports) -> ZoneInfo:
    return ZoneInfo(channel(ports).time_zone)
