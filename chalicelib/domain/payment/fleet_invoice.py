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
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from chalicelib.domain.errors import Conflict
from chalicelib.domain.ids import PartyId
from chalicelib.domain.money import Money
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
class FleetInvoice:
    id: str
    money: Money
    issued_on: date
    due_on: date
    paid: Money
    levels: tuple[Reached, ...] = ()

    @property
    def owed(self) -> Money:
        return self.money - self.paid

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
    """The open invoices of a partner, oldest first. A paid one leaves for a record of its own."""

    invoices: tuple[FleetInvoice, ...] = ()

    def check_credit(self, day: date) -> None:
        """Raises CreditStopped."""
        for invoice in self.invoices:
            if invoice.level_on(day) in STOPS_CREDIT:
                raise CreditStopped(self.partner_id, invoice.id, invoice.due_on)


def open_sum(invoices: Iterable[FleetInvoice], like: Money) -> Money:
    """What open invoices of a currency claim."""
    owed = (i.owed.minor for i in invoices if i.money.currency == like.currency)
    return Money(sum(owed), like.currency)


def paid(known: FleetInvoices, money: Money) -> tuple[FleetInvoices, tuple[FleetInvoice, ...]]:
    """A payment settles the oldest invoices first; what is over stands as credit in the purse.

    The open invoices, and those that it paid in full.
    """
    left, still, done = money.minor, list[FleetInvoice](), list[FleetInvoice]()
    for invoice in known.invoices:
        if invoice.money.currency != money.currency:
            still.append(invoice)
            continue
        part = min(left, invoice.owed.minor)
        left -= part
        after = replace(invoice, paid=invoice.paid + Money(part, money.currency))
        (still if after.owed.minor else done).append(after)
    return replace(known, invoices=tuple(still)), tuple(done)
