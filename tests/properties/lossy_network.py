"""A CPO that knows the truth, and a network that loses, repeats, delays and reorders its pushes.

Pushes go through our deployed handlers, pulls through the deployed client, whose HTTP is answered
here, two objects a page. All that one minute brings has one `last_updated`.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, cast

from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.adapters.ocpi_client.http import Http
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import Session
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import connection_record, token_hash
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.world import PEER, World
from tests.properties.true_cpo import HOST, MODULES, Manner, Push, TrueCpo

_OUR_TOKEN, _THEIR_TOKEN = "what-they-show", "what-we-show"
_SWEEP_EVERY = 5  # minutes, as the schedule has it


@dataclass
class Network:
    """A channel and its one CPO. `sessions` are those that the driver has begun, in order."""

    world: World
    cpo: TrueCpo
    client: Client
    method: PaymentMethod
    started: list[Session] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.begun = self.world.ports.clock.now()

    @property
    def sessions(self) -> list[Session]:
        return [self.world.session(session.id) for session in self.started]

    def start(self, evse_uid: str) -> None:
        self.started.append(self.world.start(self.method, evse_uid=evse_uid))

    def deliver(self, push: Push) -> int:
        """OCPI's status of our answer."""
        self._tick()
        method, path, body = push
        shown = b64encode(_OUR_TOKEN.encode()).decode()
        headers = {"Authorization": f"Token {shown}", "Content-Type": "application/json"}
        answer = self.client.http.request(method, path, headers=headers, body=dump(body).encode())
        self.world.settle()
        status: int = json.loads(answer.body)["status_code"]
        return status

    def at(self, minute: int) -> None:
        at = self.begun + timedelta(minutes=minute)
        self.world.ports.clock.at = self.cpo.now = max(self.world.ports.clock.at, at)

    def pull(self) -> None:
        """One complete pull, and what the table's stream does of it."""
        self._tick()
        pull_peer(self.world.ports, self.world.connection)
        self.world.settle()

    def sweep(self) -> None:
        self._tick()
        sweep(self.world.ports)
        self.world.settle()

    def _tick(self) -> None:
        """Our clock is finer than `last_updated`: no two things reach us at once."""
        self.world.ports.clock.at += timedelta(milliseconds=1)


@contextmanager
def network(manner: Manner, method: PaymentMethod) -> Iterator[Network]:
    """The small world, its CPO on the other side of OCPI instead of in memory."""
    world, cpo = World(), TrueCpo(manner)
    client = OcpiClient(world.ports.secrets, allow_private=False)
    client._http = cast("Http", cpo)
    world.ports.cpos = cast("MemoryCpo", _Commanded(client))
    record = connection_record(world.ports, PEER)
    endpoints = {f"{module}.SENDER": f"{HOST}/{module}" for module in MODULES}
    world.ports.secrets.write("theirs", _THEIR_TOKEN)
    connected = replace(
        record.value,
        version=manner.version,
        endpoints=endpoints,
        their_token_secret="theirs",
        token_hash=token_hash(_OUR_TOKEN),
    )
    world.ports.store.write(record.put(connected))
    shown = keys.ocpi_token(connected.token_hash)
    world.ports.store.write(Put(shown, {"peer_id": PEER}))
    world.ports.store.write(Put(shown._replace(pk=keys.peers(), sk=PEER), {}))
    wiring.use(world.ports)
    with Client(app) as http:
        yield Network(world, cpo, http, method)
    wiring.use(None)


class _Commanded:
    """Lists come over the wire; commands are simply accepted."""

    def __init__(self, client: OcpiClient) -> None:
        self._client = client

    def start_session(self, *_: Any) -> Any:
        return MemoryCpo().answer

    stop_session = start_session

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)


@dataclass(frozen=True)
class Step:
    """What happens at a CPO, and the push that tells of it: none of a driver's start."""

    name: str
    act: Callable[[Network], Push | None] = field(repr=False)


Story = tuple[tuple[int, Step], ...]
Fates = tuple[tuple[int, ...], ...]  # of each step: after how many minutes its push arrives; or not


@dataclass
class Play:
    """The story as it is told: at minute m a change; its push arrives when its fate says.

    `pulls` are minutes, and after how many of that minute's changes.
    """

    net: Network
    story: Story
    fates: Fates
    pulls: tuple[tuple[int, int], ...]
    waiting: list[tuple[int, int, Push]] = field(default_factory=list)
    told: int = 0
    minute: int = 0  # the one that comes

    def until(self, last: int) -> None:
        """All changes, pushes, pulls and sweeps from where it was left."""
        while self.minute <= last:
            self.net.at(self.minute)
            self._minute(self.minute)
            if self.minute % _SWEEP_EVERY == 0:
                self.net.sweep()
            self.minute += 1

    def _minute(self, minute: int) -> None:
        pulls = [after for at, after in self.pulls if at == minute]
        for count in range(len(self.story) + 1):
            for _ in range(pulls.count(count)):
                self.net.pull()
            if self.told == len(self.story) or self.story[self.told][0] != minute:
                break
            self._change(minute)
        self._deliver(minute)

    def _change(self, minute: int) -> None:
        number = self.told
        push = self.story[number][1].act(self.net)
        self.told += 1
        if push is not None:
            self.waiting += [(minute + delay, number, push) for delay in self.fates[number]]
        self._deliver(minute)

    def _deliver(self, minute: int) -> None:
        for each in sorted(self.waiting, key=lambda one: one[:2]):
            if each[0] <= minute:
                self.waiting.remove(each)
                self.net.deliver(each[2])
