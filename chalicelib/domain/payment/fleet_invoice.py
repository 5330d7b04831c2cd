"""What does a partner on credit owe by which day, and what happens when it does not pay?

level     | from the due day on    | what follows
issued    | -                      | the partner is told
due       | 1 day                  |
reminder  | 3 days                 | a friendly reminder
second    | 10 days                | a second one
final     | 17 days                | the last one; no new session starts on credit
collection| 31 days                | people decide

A level is reached by its day and never left but by payment. The stop of credit follows from the day
alone, so that it needs nobody's work; running sessions go on and are billed.

An invoice is never changed. What a decision gives back of a session that was invoiced is a credit
note: it is set off against the open invoices, the oldest first, and what is left against the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money, total
from chalicelib.domain.payment.waiting import Waiting

PAY_WITHIN = timedelta(days=14)


class DunningLevel(StrEnum):
    ISSUED = "issued"
    DUE = "due"
    REMINDER = "reminder"
    SECOND = "second"
    FINAL = "final"
    COLLECTION = "collection"


_AFTER_DAYS: tuple[tuple[int, DunningLevel], ...] = (
    (31, DunningLevel.COLLECTION),
    (17, DunningLevel.FINAL),
    (10, DunningLevel.SECOND),
    (3, DunningLevel.REMINDER),
    (1, DunningLevel.DUE),
)
STOPS_CREDIT = frozenset({DunningLevel.FINAL, DunningLevel.COLLECTION})


class CreditStopped(Conflict):
    """An invoice is overdue: no new session starts on credit until it is paid."""

    code = "credit_stopped"
    how_to_fix = "pay the overdue invoice"

    def __init__(self, partner_id: PartyId, invoice_id: str, due_on: date) -> None:
        super().__init__(f"invoice {invoice_id} of {partner_id} was due on {due_on}")
        self.partner_id, self.invoice_id, self.due_on = partner_id, invoice_id, due_on


@dataclass(frozen=True, slots=True)
class Reached:
    """When a dunning level was reached, for the letter and for a court."""

    level: DunningLevel
    day: date


@dataclass(frozen=True, slots=True)
class CreditNote:
    """Part of a session's bill that is not owed any more, and the dispute that decided it."""

    id: str
    money: Money
    issued_on: date
    session_id: str
    dispute_id: str


@dataclass(frozen=True, slots=True)
class FleetInvoice:
    """`money` less `notes` is what it claims."""

    id: str
    money: Money
    issued_at: datetime
    issued_on: date
    due_on: date
    paid: Money
    levels: tuple[Reached, ...] = ()
    notes: tuple[CreditNote, ...] = ()

    @property
    def credited(self) -> Money:
        return total((note.money for note in self.notes), self.money.currency)

    @property
    def owed(self) -> Money:
        return self.money - self.credited - self.paid

    @property
    def level(self) -> DunningLevel:
        return self.levels[-1].level if self.levels else DunningLevel.ISSUED

    def level_on(self, day: date) -> DunningLevel:
        """By the days alone."""
        late = (day - self.due_on).days
        return next((level for days, level in _AFTER_DAYS if late >= days), DunningLevel.ISSUED)

    def next_day(self, day: date) -> date | None:
        """The day on which the next level is reached; None: it is the last one."""
        later = [self.due_on + timedelta(days=days) for days, _ in _AFTER_DAYS]
        return min((known for known in later if known > day), default=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetInvoices(Waiting):
    """The open invoices of a partner, oldest first. A paid one leaves for a record of its own.

    `notes` wait for the next invoice; `invoiced` is when each currency's last one was issued.
    """

    invoices: tuple[FleetInvoice, ...] = ()
    notes: tuple[CreditNote, ...] = ()
    invoiced: Mapping[str, datetime] = field(default_factory=dict)

    def check_credit(self, day: date) -> None:
        """Raises CreditStopped."""
        for invoice in self.invoices:
            if invoice.level_on(day) in STOPS_CREDIT:
                raise CreditStopped(self.partner_id, invoice.id, invoice.due_on)


def paid(known: FleetInvoices, money: Money) -> tuple[FleetInvoices, tuple[FleetInvoice, ...]]:
    """A payment settles the oldest invoices first; what is over stands as credit in the purse.

    The open invoices, and those that it paid in full.
    """
    now, done, _ = _set_off(known, money, lambda i, part: replace(i, paid=i.paid + part))
    return now, done


def issued(
    known: FleetInvoices, id_: str, used: Money, at: datetime, day: date
) -> tuple[FleetInvoices, FleetInvoice | None]:
    """The next invoice of what was used and is not claimed, less the notes that wait for it.

    None: there is nothing left to claim.
    """
    claimed = total((i.owed for i in known.invoices if _is(i.money, used)), used.currency)
    notes = tuple(note for note in known.notes if _is(note.money, used))
    owed = used - claimed
    if owed.minor <= 0:
        return known, None
    money = owed + total((note.money for note in notes), used.currency)
    due_on, zero = day + PAY_WITHIN, Money.zero(used.currency)
    invoice = FleetInvoice(id_, money, at, day, due_on, zero, notes=notes)
    now = replace(
        known,
        invoices=(*known.invoices, invoice),
        notes=tuple(note for note in known.notes if note not in notes),
        invoiced={**known.invoiced, used.currency: at},
    )
    return now, invoice


def credited(
    known: FleetInvoices, note: CreditNote, sold_at: datetime
) -> tuple[FleetInvoices, tuple[FleetInvoice, ...], bool]:
    """After a credit note: the open invoices, those that it settled, and whether it was needed.

    It is not where the sale stands on no invoice yet: the next one is for less.
    """
    last = known.invoiced.get(note.money.currency)
    if last is None or sold_at > last:
        return known, (), False

    def less(invoice: FleetInvoice, part: Money) -> FleetInvoice:
        if not part.minor or invoice.issued_at < sold_at:
            return invoice
        return replace(invoice, notes=(*invoice.notes, replace(note, money=part)))

    now, done, left = _set_off(known, note.money, less)
    if left.minor:
        now = replace(now, notes=(*now.notes, replace(note, money=left)))
    return now, done, True


def _set_off(
    known: FleetInvoices, money: Money, less: Callable[[FleetInvoice, Money], FleetInvoice]
) -> tuple[FleetInvoices, tuple[FleetInvoice, ...], Money]:
    """`less` by less, the oldest first: what is open then, what is settled, and what is left."""
    left, still, done = money, list[FleetInvoice](), list[FleetInvoice]()
    for invoice in known.invoices:
        if not _is(invoice.money, money):
            still.append(invoice)
            continue
        after = less(invoice, min(left, invoice.owed))
        left -= invoice.owed - after.owed
        (still if after.owed.minor else done).append(after)
    return replace(known, invoices=tuple(still)), tuple(done), left


def _is(money: Money, like: Money) -> bool:
    return money.currency == like.currency
