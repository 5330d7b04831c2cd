"""On what do the payment contracts run? The fake in memory, and Stripe's SDK over real HTTP.

A rig is a clock, both ports, and what a test may do to the provider behind them.
"""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, Protocol

import uvicorn

from chalicelib.adapters.stripe.payments import StripePayments
from chalicelib.adapters.stripe.payouts import StripePayouts
from chalicelib.domain.money import Money
from chalicelib.ports.payments import Payments
from chalicelib.ports.payouts import Payouts
from sandbox.memory.payments import MemoryPayments
from sandbox.memory.payouts import MemoryPayouts
from sandbox.memory.plain import MemoryClock, MemorySecrets
from sandbox.peers.provider.app import App
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.provider import Provider

START = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday


class Rig(Protocol):
    @property
    def payments(self) -> Payments: ...
    @property
    def payouts(self) -> Payouts: ...
    def open_account(self, account: str, *currencies: str) -> None: ...
    def fund(self, money: Money) -> None: ...
    def fail_next_payout(self, reason: str) -> None: ...
    def return_next_payout(self, reason: str) -> None:
        """It arrives, and comes back a banking day later."""

    def lose_next(self, call: str, *, after: bool) -> None: ...
    def complete_action(self, reference: str, *, approve: bool) -> None: ...
    def later(self, **duration: float) -> None: ...


class MemoryRig:
    def __init__(self) -> None:
        self.clock = MemoryClock(START)
        self.payouts = MemoryPayouts(self.clock)
        self.payments = MemoryPayments(self.clock, self.payouts)

    def open_account(self, account: str, *currencies: str) -> None:
        self.payouts.open_account(account, *currencies)

    def fund(self, money: Money) -> None:
        self.payouts.fund(money)

    def fail_next_payout(self, reason: str) -> None:
        self.payouts.fail_next_payout(reason)

    def return_next_payout(self, reason: str) -> None:
        self.payouts.return_next_payout(reason)

    def lose_next(self, call: str, *, after: bool) -> None:
        fake = self.payments if hasattr(MemoryPayments, call) else self.payouts
        fake.lose_next(call, after=after)

    def complete_action(self, reference: str, *, approve: bool) -> None:
        self.payments.complete_action(reference, approve=approve)

    def later(self, **duration: float) -> None:
        self.clock.forward(**duration)


_CALLS = {
    "hold": "payment_intents.create",
    "capture": "payment_intents.capture",
    "extend": "payment_intents.increment_authorization",
    "release": "payment_intents.cancel",
    "refund": "refunds.create",
    "transfer": "transfers.create",
    "pay": "payouts.create",
}


class StripeRig:
    """A new provider behind a server that many tests share."""

    def __init__(self, server: "Server", config: Config | None = None) -> None:
        self.clock = server.clock
        self.clock.at = START
        self.provider = Provider(config or Config(), Journal(None), server.url)
        server.app.provider = self.provider
        self.payments, self.payouts = server.payments, server.payouts

    def control(self, name: str, **said: Any) -> dict[str, Any]:
        self.provider.tell_time(int(self.clock.at.timestamp()))
        return self.provider.control(name, said)

    def open_account(self, account: str, *currencies: str) -> None:
        self.control("account", id=account, currencies=list(currencies))

    def fund(self, money: Money) -> None:
        self.control("bank-transfer", amount=money.minor, currency=money.currency)

    def fail_next_payout(self, reason: str) -> None:
        self.control("fault", call="payouts.create", kind="payout_fails", failure_code=reason)

    def return_next_payout(self, reason: str) -> None:
        self.control("fault", call="payouts.create", kind="payout_returned", failure_code=reason)

    def lose_next(self, call: str, *, after: bool) -> None:
        kind = "timeout_after" if after else "timeout_before"
        self.control("fault", call=_CALLS[call], kind=kind)

    def complete_action(self, reference: str, *, approve: bool) -> None:
        outcome = "approve" if approve else "decline"
        self.control("complete-action", payment_intent=reference, outcome=outcome)

    def later(self, **duration: float) -> None:
        self.clock.forward(**duration)


class Server:
    """The provider's application in a thread, and the adapters that reach it over HTTP."""

    def __init__(self, url: str, app: App, clock: MemoryClock) -> None:
        self.url, self.app, self.clock = url, app, clock
        secrets = MemorySecrets()
        secrets.write("stripe", Config().api_key)
        self.payments = StripePayments(secrets, "stripe", url)
        self.payouts = StripePayouts(secrets, "stripe", url)


@contextmanager
def serving() -> Iterator[Server]:
    clock = MemoryClock(START)
    # Named, because asyncio only then sends small answers at once (TCP_NODELAY).
    tcp = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with socket.socket(*tcp) as listener:
        listener.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        provider = Provider(Config(), Journal(None), url)
        app = App(provider, lambda: int(clock.at.timestamp()))
        config = uvicorn.Config(app, log_level="critical", access_log=False, lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
        thread.start()
        while not server.started:
            time.sleep(0.005)
        try:
            yield Server(url, app, clock)
        finally:
            server.should_exit = True
            thread.join(timeout=10)
