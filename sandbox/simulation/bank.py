"""What does our bank do by itself? It takes a file soon after it was put, and answers in its days.

The bank is the simulated one of the demo (sandbox/peers/bank): it writes and reads real files.
"""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from chalicelib.domain.bank.payment import payout_id_of
from sandbox.memory.bank import OWN_IBAN, MemoryMailbox
from sandbox.memory.plain import MemoryClock
from sandbox.peers.bank.bank import Bank, next_day
from sandbox.peers.bank.writing import Booking

_TAKES_AFTER = timedelta(minutes=20)
Later = Callable[[datetime, Callable[[], None]], None]


class SimulatedMailbox(MemoryMailbox):
    """`put_there` is called when we have put a file."""

    def __init__(self) -> None:
        super().__init__()
        self.put_there: Callable[[], None] = lambda: None

    def put(self, name: str, content: bytes) -> None:
        known = name in self.sent
        super().put(name, content)
        if not known:
            self.put_there()


class SimulatedBank(Bank):
    """`later` puts what it does next among all other messages.

    `moved`: what was taken for each payout less what came back; `debits`: how often it was taken.
    """

    def __init__(self, mailbox: SimulatedMailbox, clock: MemoryClock, later: Later) -> None:
        super().__init__(mailbox, OWN_IBAN, clock.now())
        self.moved: Counter[str] = Counter()
        self.debits: Counter[str] = Counter()
        self._clock, self._later = clock, later
        mailbox.put_there = lambda: self._wake(clock.now() + _TAKES_AFTER)

    def act(self) -> None:
        """Whatever is due; and once more when more is."""
        brought = self.brought
        self.tick(self._clock.now())
        if self._due:
            self._wake(min(due.at for due in self._due))
        if self._unstated or self.brought != brought:
            self._wake(next_day(self._clock.now()) + timedelta(seconds=1))

    def _book(self, bookings: list[Booking]) -> None:
        for booking in bookings:
            if booking.end_to_end_id:
                payout = payout_id_of(booking.end_to_end_id)
                self.moved[payout] -= booking.minor
                self.debits[payout] += 1 if booking.minor < 0 else -1
        super()._book(bookings)

    def _wake(self, at: datetime) -> None:
        self._later(at, self.act)
