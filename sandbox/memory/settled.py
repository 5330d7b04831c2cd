"""The small world with its settlement: a funded rail and the machine in process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import from_plain
from chalicelib.domain.ids import WindowId
from chalicelib.domain.ledger.book import Balances, balances
from chalicelib.domain.ledger.entry import Entry
from chalicelib.domain.money import Money
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.session.session import Session
from chalicelib.domain.settlement.payout import Payout
from chalicelib.domain.settlement.run import WindowRun
from chalicelib.domain.settlement.window import freeze_at, window_id
from chalicelib.ports.store import Key, Put
from chalicelib.usecases import keys
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.window.lease import run_of
from chalicelib.usecases.window.open_due import open_due
from sandbox.memory.machine import MemoryMachine
from sandbox.memory.world import CPO, EUR, PARTNERS, ZONE, World

FLOAT = Money(1_000_000, EUR)
DAY = WindowId("2026-11-16.Europe-Berlin")  # of the world's first sessions


@dataclass
class SettledWorld:
    """`run()` is what the five-minute schedule does at the present instant."""

    world: World = field(default_factory=World)
    funded: Money = FLOAT
    machine: MemoryMachine = field(init=False)

    def __post_init__(self) -> None:
        ports = self.world.ports
        self.machine = MemoryMachine(ports)
        for party in (CPO, *PARTNERS.values()):
            ports.store.write(Put(Key(keys.parties(), party), {}, expects=None))
        ports.payouts.open_account("acct_rhein", "EUR")
        for method in PaymentMethod:
            ports.payouts.open_account(f"acct_{method.value}", "EUR")
        if self.funded.minor:
            ports.payouts.fund(self.funded)
        open_due(ports, self.machine)  # the zone is known from the first day on

    def charge(
        self, method: PaymentMethod = PaymentMethod.CARD, *, told: bool = True, **cdr: str
    ) -> Session:
        """An hour's charge; its CDR comes at once, or not (`told=False`: it can be pulled)."""
        world = self.world
        session = world.start(method)
        session = world.report(session, ChargerStatus.ACTIVE, "5", 10)
        received = world.cdr(session, **cdr)
        if told:
            name = f"cdr/{received.id}.json"
            world.ports.files.seal(name, f'{{"id":"{received.id}"}}'.encode(), "application/json")
            accept_cdr(world.ports, world.connection, received, name)
            world.settle()
        else:
            session = world.report(session, ChargerStatus.COMPLETED, "30", 61)
            world.ports.cpos.finished.append(received)
        return world.session(session.id)

    def run(self, ports: Any = None) -> dict[str, Any]:  # noqa: ANN401 - a fragile bundle too
        return open_due(ports or self.world.ports, self.machine)

    def close_of(self, window: WindowId = DAY) -> None:
        """Step the clock to the window's freeze."""
        clock = self.world.ports.clock
        clock.at = max(clock.at, freeze_at(window))

    def settle_day(self, window: WindowId = DAY) -> WindowRun:
        self.close_of(window)
        while self.run()["opened"]:  # a zone's windows open one after the other
            pass
        return run_of(self.world.ports, window).value

    def loses_its_bank_account(self, account: str) -> None:
        """The payee closes it on the night: its money is transferred, and can then not be paid."""

        def before_pay(payload: Any, call: Callable[[], Any]) -> Any:  # noqa: ANN401 - any step's
            if payload["step"] == "pay":
                self.world.ports.payouts.open_account(account)
            return call()

        self.machine = MemoryMachine(self.world.ports, before_pay)

    def payouts(self) -> list[Payout]:
        dump = self.world.ports.store.dump()
        return [
            from_plain(Payout, body)
            for name, body in sorted(dump.items())
            if name.startswith("payout#") and name.endswith("/state")
        ]

    def entries(self) -> list[Entry]:
        dump = self.world.ports.store.dump()
        return [from_plain(Entry, body) for name, body in dump.items() if name.startswith("entry#")]

    def book(self) -> Balances:
        return balances(self.entries())

    def next_day(self, days: int = 1) -> WindowId:
        """The morning after the present local day; its window."""
        clock = self.world.ports.clock
        morning = clock.at.astimezone(UTC) + timedelta(days=days)
        clock.at = datetime(morning.year, morning.month, morning.day, 8, tzinfo=UTC)
        return window_id(clock.at, ZONE)
