"""What does a bank do with payment files? A simulated one: refuses, accepts, books, sends back.

It acts only when told the time. A file is taken once, by its name; what it answers lies in the
mailbox under names that never repeat. Transfers are booked at the next banking day, instant ones at
once; a statement of a day comes when the day is over.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from sandbox.peers.bank.reading import Order, Refused, read_orders
from sandbox.peers.bank.writing import (
    Booking,
    notice,
    reason,
    statement,
    status_report,
    transaction_status,
)
from sandbox.peers.ecb import closed

_ACCEPTED, _REJECTED = "ACTC", "RJCT"


def next_day(at: datetime) -> datetime:
    """Midnight (UTC) of the next day on which banks settle."""
    day = at.astimezone(UTC).date() + timedelta(days=1)
    while closed(day):
        day += timedelta(days=1)
    return datetime.combine(day, time.min, UTC)


class BankSide(Protocol):
    """The mailbox as the bank's gateway sees it."""

    def instructions(self) -> list[str]: ...
    def take(self, name: str) -> bytes: ...
    def bring(self, name: str, content: bytes) -> None: ...


@dataclass
class Fate:
    """What happens to the next transfer to an account: `fails` after acceptance, or `returns`."""

    refused: str = ""
    fails: str = ""
    returns: str = ""


@dataclass
class _Due:
    order: Order
    at: datetime
    fate: Fate
    comes_back: bool = False


@dataclass
class Bank:
    """`accounts` are the IBANs that exist, `fates` what happens to the next transfer to one."""

    mailbox: BankSide
    iban: str
    now: datetime
    minor: int = 0
    accounts: set[str] = field(default_factory=set)
    fates: dict[str, Fate] = field(default_factory=dict)
    silent: bool = False
    brought: int = 0  # files, ever
    _taken: set[str] = field(default_factory=set)
    _messages: set[str] = field(default_factory=set)
    _due: list[_Due] = field(default_factory=list)
    _unstated: list[Booking] = field(default_factory=list)
    _opening: int = 0
    _statements: int = 0
    _files: int = 0

    @property
    def promised(self) -> int:
        """What it has accepted and will take from the account."""
        return sum(due.order.minor for due in self._due if not due.comes_back)

    def credit(self, minor: int, text: str, end_to_end_id: str = "") -> None:
        """Money arrives from outside (negative: the bank takes a fee), and is stated at once."""
        self._book([self._booking(minor, end_to_end_id, text=text)])
        self.state(self.now.date())

    def tick(self, now: datetime) -> None:
        """Do everything that is due until then, day by day, and take what lies in the mailbox."""
        while self.now.date() < now.date():
            midnight = datetime.combine(self.now.date(), time.min, UTC)
            self._until(midnight + timedelta(days=1, seconds=-1))
            if self._unstated:
                self.state(self.now.date())
            self.now = midnight + timedelta(days=1)
        self._until(now)
        for name in [] if self.silent else self.mailbox.instructions():
            if name not in self._taken:
                self._taken.add(name)
                self._take(self.mailbox.take(name))
        self._until(now)

    def state(self, on: date) -> None:
        """The statement of what was booked since the last one."""
        self._statements += 1
        name = self._name("stmt")
        content = statement(
            name, self.now, self.iban, self._statements, self._opening, self._unstated, on
        )
        self._opening = self.minor
        self._unstated = []
        self._bring(name, content)

    def _take(self, content: bytes) -> None:
        try:
            orders = self._new(read_orders(content))
        except Refused as refused:
            group = f"<GrpSts>{_REJECTED}</GrpSts>{reason(refused.reason)}"
            self._report(refused.message_id, "pain.001.001.09", group, [])
            return
        self._messages.add(orders[0].message_id)
        told = []
        for order in orders:
            fate = self.fates.pop(order.creditor, Fate())
            why = self._refusal(order, fate)
            code = _REJECTED if why else _ACCEPTED
            told.append(transaction_status(order, code, why))
            if not why:
                at = self.now if order.instant else next_day(self.now)
                self._due.append(_Due(order, at, fate))
        self._report(orders[0].message_id, orders[0].version, "", told)

    def _new(self, orders: list[Order]) -> list[Order]:
        if orders[0].message_id in self._messages:
            raise Refused("AM05", orders[0].message_id)
        return orders

    def _refusal(self, order: Order, fate: Fate) -> str:
        if order.debtor != self.iban:
            return "AC02"
        if order.creditor not in self.accounts:
            return "AC01"
        if order.currency != "EUR":
            return "AM03"
        if order.minor > self.minor - self.promised:
            return "AM04"
        return fate.refused

    def _until(self, now: datetime) -> None:
        while due := min((d for d in self._due if d.at <= now), key=lambda d: d.at, default=None):
            self._due.remove(due)
            self.now = max(self.now, due.at)
            order = due.order
            if due.comes_back:
                self._book([self._booking(order.minor, order.end_to_end_id, due.fate.returns)])
            elif due.fate.fails:
                told = [transaction_status(order, _REJECTED, due.fate.fails)]
                self._report(order.message_id, order.version, "", told)
            else:
                self._book([self._booking(-order.minor, order.end_to_end_id)])
                if due.fate.returns:
                    self._due.append(_Due(order, next_day(due.at), due.fate, comes_back=True))
        self.now = max(self.now, now)

    def _book(self, bookings: list[Booking]) -> None:
        self.minor += sum(booking.minor for booking in bookings)
        self._unstated += bookings
        name = self._name("note")
        self._bring(name, notice(name, self.now, self.iban, bookings))

    def _booking(self, minor: int, end_to_end_id: str, why: str = "", text: str = "") -> Booking:
        self._files += 1
        return Booking(f"BR{self._files:08d}", minor, self.now.date(), end_to_end_id, why, text)

    def _report(self, message_id: str, version: str, group: str, told: list[str]) -> None:
        name = self._name("sts")
        content = status_report(name, self.now, message_id, version, group, told)
        self._bring(name, content)

    def _bring(self, name: str, content: bytes) -> None:
        self.brought += 1
        self.mailbox.bring(f"{name}.xml", content)

    def _name(self, kind: str) -> str:
        self._files += 1
        return f"{self.now:%Y%m%dT%H%M%S}-{self._files:06d}-{kind}"
