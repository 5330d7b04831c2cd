"""A CPO that knows the truth, and a network that loses, repeats, delays and reorders its pushes.

The truth is JSON as OCPI writes it. Pushes go through our deployed handlers, pulls through the
deployed client, whose HTTP is answered here, two objects a page.
"""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.adapters.ocpi_client.http import Answer, Http
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import instant_text
from chalicelib.domain.session.session import Session
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ports.store import Put
from chalicelib.usecases import keys
from chalicelib.usecases.connection.read import connection_record, token_hash
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_all
from sandbox.memory.cpo import MemoryCpo
from sandbox.memory.ports import START
from sandbox.memory.world import PEER, World

HOST = "https://cpo.example"
PAGE = 2
_OUR_TOKEN, _THEIR_TOKEN = "what-they-show", "what-we-show"
_MODULES = ("locations", "tariffs", "sessions", "cdrs")
Json = dict[str, Any]
Push = tuple[str, str, Json]


@dataclass
class TrueCpo:
    """What is so, by module and id. Each change is also a push: (method, path, body)."""

    known: dict[str, dict[str, Json]] = field(default_factory=lambda: {m: {} for m in _MODULES})
    now: datetime = START

    def told(self, module: str, value: Json) -> Push:
        """A whole object, as it is from now on."""
        whole = {"country_code": "DE", "party_id": "RHE", **value, "last_updated": self._at()}
        self.known[module][whole["id"]] = whole
        if module == "cdrs":
            return "POST", "/ocpi/2.2.1/cdrs", deepcopy(whole)
        return "PUT", f"/ocpi/2.2.1/{module}/DE/RHE/{whole['id']}", deepcopy(whole)

    def changed(
        self, module: str, id_: str, change: Json, periods: list[Json] | None = None
    ) -> Push:
        """Some members; `periods` are appended."""
        change = {**change, "last_updated": self._at()}
        value = self.known[module][id_]
        value.update(deepcopy(change))
        if periods:
            value["charging_periods"] = [*value.get("charging_periods", ()), *deepcopy(periods)]
            change["charging_periods"] = periods
        return "PATCH", f"/ocpi/2.2.1/{module}/DE/RHE/{id_}", change

    def evse_status(self, location_id: str, uid: str, status: str) -> Push:
        value, at = self.known["locations"][location_id], self._at()
        for evse in value["evses"]:
            if evse["uid"] == uid:
                evse.update({"status": status, "last_updated": at})
        value["last_updated"] = at
        path = f"/ocpi/2.2.1/locations/DE/RHE/{location_id}/{uid}"
        return "PATCH", path, {"status": status, "last_updated": at}

    def withdrawn(self, tariff_id: str) -> Push:
        self.known["tariffs"].pop(tariff_id, None)
        return "DELETE", f"/ocpi/2.2.1/tariffs/DE/RHE/{tariff_id}", {}

    def call(self, _method: str, url: str, _headers: Json, _body: Json | None) -> Answer:
        """The client's GET of a page, newest objects first: no order is promised."""
        split = urlsplit(url)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        since, until = query.get("date_from", ""), query.get("date_to", "~")
        module = split.path.strip("/")
        found = [v for v in self.known[module].values() if since <= v["last_updated"] < until]
        found.sort(key=lambda value: str(value["last_updated"]), reverse=True)
        offset = int(query.get("offset", "0"))
        data = found[offset : offset + PAGE]
        body = dump({"status_code": 1000, "timestamp": self._at(), "data": data}).encode()
        rest = {**query, "offset": str(offset + PAGE)}
        link = "&".join(f"{name}={value}" for name, value in rest.items())
        more = f'<{HOST}/{module}?{link}>; rel="next"' if offset + PAGE < len(found) else ""
        return Answer(body, more, str(len(found)))

    def _at(self) -> str:
        return instant_text(self.now)


@dataclass
class Network:
    """A channel and its one CPO."""

    world: World
    cpo: TrueCpo
    client: Client

    def deliver(self, push: Push) -> int:
        """OCPI's status of our answer."""
        method, path, body = push
        shown = b64encode(_OUR_TOKEN.encode()).decode()
        headers = {"Authorization": f"Token {shown}", "Content-Type": "application/json"}
        answer = self.client.http.request(method, path, headers=headers, body=dump(body).encode())
        self.world.settle()
        status: int = json.loads(answer.body)["status_code"]
        return status

    def at(self, at: datetime) -> None:
        self.world.ports.clock.at = self.cpo.now = max(self.world.ports.clock.at, at)

    def pull(self) -> None:
        """What the schedules do by now."""
        pull_all(self.world.ports)
        self.world.settle()
        sweep(self.world.ports)
        self.world.settle()


@contextmanager
def network() -> Iterator[Network]:
    """The small world, its CPO on the other side of OCPI instead of in memory."""
    world, cpo = World(), TrueCpo()
    client = OcpiClient(world.ports.secrets, allow_private=False)
    client._http = cast("Http", cpo)
    world.ports.cpos = cast("MemoryCpo", _Commanded(client))
    record = connection_record(world.ports, PEER)
    endpoints = {f"{module}.SENDER": f"{HOST}/{module}" for module in _MODULES}
    world.ports.secrets.write("theirs", _THEIR_TOKEN)
    connected = replace(
        record.value,
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
        yield Network(world, cpo, http)
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


Step = Callable[[TrueCpo, Session], Push]


Story = list[tuple[int, Step]]


def play(
    net: Network, story: Story, fates: list[list[int]], method: PaymentMethod, hours: int
) -> Session:
    """Tell the story: at minute m a change; its push arrives after each of its fate's minutes.

    Every hour the schedules run; a last time when all is over. `fates` of [] loses a push.
    """
    begun = net.world.ports.clock.now()
    session = net.world.start(method)
    waiting: list[tuple[int, int, Push]] = []
    changes = dict(enumerate(story))
    for minute in range(hours * 60):
        net.at(begun + timedelta(minutes=minute))
        for number in [n for n, (at, _) in changes.items() if at == minute]:
            push = changes.pop(number)[1](net.cpo, session)
            waiting += [(minute + delay, number, push) for delay in fates[number]]
        due = sorted((each for each in waiting if each[0] == minute), key=lambda each: each[:2])
        for each in due:
            net.deliver(each[2])
            waiting.remove(each)
        if minute % 60 == 30:
            net.pull()
    for hour in range(3):
        net.at(begun + timedelta(hours=hours + hour + 1))
        net.pull()
    return net.world.session(session.id)
