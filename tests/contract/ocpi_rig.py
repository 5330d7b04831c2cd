"""How do the channel's OCPI side and the simulated CPO meet? Both over real HTTP on loopback.

The channel keeps its records in memory; what speaks is what is deployed: handlers and client.
"""

import json
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import httpx
import uvicorn
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.adapters.ocpi_client.circuit import Guarded
from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.domain.ids import PartyId
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.ports import MemoryPorts
from sandbox.peers.cpo.server import application
from tests.contract.answering import Answer, Asked, answering
from tests.contract.recording_emsp import CONFIG as ONE_CPO

CPO = PartyId("cpo_alf")
NOW = "2026-11-20T08:00:00Z"

CONFIG: dict[str, Any] = {
    **ONE_CPO,
    "now": NOW,
    "locations": [
        {
            "id": f"L{number}",
            "address": f"Hauptstraße {number}",
            "city": "Berlin",
            "postal_code": "10115",
            "coordinates": {"latitude": f"52.52{number}00", "longitude": "13.40500"},
            "evses": [
                {"power_kw": 120, "tariff_id": "AC"},
                {"power_kw": 22, "tariff_id": "AC"},
            ],
        }
        for number in range(1, 6)
    ],
}


def capable_places() -> list[Any]:
    """Of the configuration, with EVSEs that take all that some do not."""
    found = json.loads(json.dumps(CONFIG["locations"]))
    for evse in (evse for place in found for evse in place["evses"]):
        more = ("RESERVABLE", "CHARGING_PREFERENCES_CAPABLE")
        evse["capabilities"] = [*more, "REMOTE_START_STOP_CAPABLE"]
    return list(found)


@dataclass
class Meeting:
    """`ports` is the channel, `sim` talks to the CPO's own side."""

    ports: MemoryPorts
    cpo_url: str
    sim_client: httpx.Client
    seen: list[tuple[str, str]] = field(default_factory=list)  # requests that reached the channel
    answered: list[tuple[str, str, bytes]] = field(default_factory=list)  # and its answers

    @property
    def versions_url(self) -> str:
        return f"{self.cpo_url}/ocpi/cpo/versions"

    def sim(self, path: str, body: Any = None) -> Any:
        answer = self.sim_client.post(f"{self.cpo_url}/sim/{path}", json=body or {})
        assert answer.status_code == 200, answer.text
        return answer.json()

    def state(self) -> Any:
        return self.sim_client.get(f"{self.cpo_url}/sim/state").json()

    def tick(self, now: str) -> Any:
        self.ports.clock.at = datetime.fromisoformat(now)
        return self.sim("tick", {"now": now})


@contextmanager
def meeting(ports: MemoryPorts | None = None, **changes: Any) -> Iterator[Meeting]:
    """With a channel of its own, or with one whose records are there already."""
    ports = ports or MemoryPorts()
    ports.clock.at = datetime.fromisoformat(NOW)
    client = OcpiClient(ports.secrets, allow_private=True)
    ports.cpos = cast("MemoryCpo", Guarded(client, ports.clock))
    config = json.loads(json.dumps({**CONFIG, **changes}), parse_float=Decimal)
    seen: list[tuple[str, str]] = []
    answered: list[tuple[str, str, bytes]] = []
    wiring.use(ports)
    with _channel(seen, answered) as ports.public_url, served(application(config)) as cpo_url:
        with httpx.Client() as sim_client:
            yield Meeting(ports, cpo_url, sim_client, seen, answered)
        client.close()
    wiring.use(None)


@contextmanager
def _channel(seen: list[tuple[str, str]], answered: list[tuple[str, str, bytes]]) -> Iterator[str]:
    """Chalice behind a plain HTTP server."""
    with Client(app) as client:

        def answer(asked: Asked) -> Answer:
            seen.append((asked.method, asked.path))
            given = client.http.request(
                asked.method, asked.path, headers=dict(asked.headers), body=asked.body
            )
            answered.append((asked.method, asked.path, given.body))
            return given.status_code, given.headers, given.body

        with answering(answer) as url:
            yield url


@contextmanager
def served(app: Any) -> Iterator[str]:
    # Named, because asyncio only then sends small answers at once (TCP_NODELAY).
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(app, log_level="warning", lifespan="off"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()
