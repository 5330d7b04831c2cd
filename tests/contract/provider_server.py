"""Where does Stripe's SDK find the provider that the payment contracts run on? In a thread."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import uvicorn

from chalicelib.adapters.stripe.payments import StripePayments
from chalicelib.adapters.stripe.payouts import StripePayouts
from sandbox.memory.plain import MemoryClock, MemorySecrets
from sandbox.peers.provider.app import App
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.provider import Provider

START = datetime(2026, 11, 18, 9, tzinfo=UTC)  # a Wednesday


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
