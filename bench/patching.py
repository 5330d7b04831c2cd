"""How long does it take to accept a session PATCH, against the sum of what it cannot do without?

The path is the deployed one: Chalice's Lambda entry, our handler and use case, the DynamoDB adapter
and boto3 down to the signed request, which nobody sends. Reads are answered from memory. The parts
are a bare Chalice route, a plain pydantic model of the same message, and a plain boto3 client's put
of the same item.
"""

import json
import os
from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from statistics import quantiles
from time import perf_counter
from typing import Any, TypeVar
from unittest import mock

import boto3
from botocore.awsrequest import AWSResponse
from botocore.compat import HTTPHeaders
from chalice.app import Chalice, Response
from pydantic import BaseModel

from app import app
from bench import messages
from chalicelib import wiring
from chalicelib.adapters.dynamodb.expressions import request
from chalicelib.adapters.dynamodb.store import DynamoStore
from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.ports.store import Item, Key, Put, Write
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_record
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import CPO

T = TypeVar("T")

RATIO_MAX = 1.2
_CALLS = 1500
_BEGAN = datetime(2026, 11, 16, 8, tzinfo=UTC)
_PATH = f"/ocpi/2.2.1/sessions/DE/RHE/{messages.CHARGER_ID}"
_ROUTE = "/ocpi/2.2.1/sessions/{country_code}/{party_id}/{session_id}"
AWS = {
    "AWS_ACCESS_KEY_ID": "bench",
    "AWS_SECRET_ACCESS_KEY": "bench",
    "AWS_DEFAULT_REGION": "eu-central-1",
}


class _Dimension(BaseModel):
    type: str
    volume: Decimal


class _Period(BaseModel):
    start_date_time: datetime
    dimensions: list[_Dimension]
    tariff_id: str | None = None


class _Cost(BaseModel):
    excl_vat: Decimal
    incl_vat: Decimal | None = None


class _Patch(BaseModel):
    """What a plain application would write: OCPI's types, no leniency, no limits."""

    status: str | None = None
    kwh: Decimal | None = None
    charging_periods: list[_Period] = []
    total_cost: _Cost | None = None
    last_updated: datetime


class _Stubbed:
    """Reads are answered at once, as they were when `through` began; writes go to boto3."""

    def __init__(self, table: DynamoStore) -> None:
        self._table, self._memory = table, MemoryStore()
        self._known: dict[object, object] = {}
        self.through = False
        self.last: Write | None = None

    def get(self, key: Key) -> Item | None:
        return self._once(key, lambda: self._memory.get(key))

    def get_many(self, keys: Sequence[Key]) -> dict[Key, Item]:
        return self._once(tuple(keys), lambda: self._memory.get_many(keys))

    def query(self, pk: str, **how: Any) -> list[Item]:  # noqa: ANN401 - see ports.store
        return self._once(pk, lambda: self._memory.query(pk, **how))

    def write(self, *writes: Write) -> None:
        self.last = writes[0]
        (self._table if self.through else self._memory).write(*writes)

    def _once(self, asked: object, read: Callable[[], T]) -> T:
        if not self.through:
            return read()
        if asked not in self._known:
            self._known[asked] = read()
        found: Any = self._known[asked]
        answer: T = found
        return answer


@dataclass(frozen=True, slots=True)
class Patched:
    """Microseconds a PATCH: the whole path, and each part."""

    path_us: float
    parts_us: dict[str, float]

    @property
    def sum_us(self) -> float:
        return sum(self.parts_us.values())

    @property
    def ratio(self) -> float:
        return self.path_us / self.sum_us


def measure(calls: int = _CALLS) -> Patched:
    """The path and its parts take turns call by call, so that the machine's moods and the
    processor's caches meet all alike; the quicker quarter ends where the figure is read, because
    nothing but other processes makes a call slow.
    """
    with mock.patch.dict(os.environ, AWS):
        runs = _runs()
    taken: dict[str, list[float]] = {name: [] for name in runs}
    try:
        for _ in range(calls):
            for name, run in runs.items():
                begun = perf_counter()
                run()
                taken[name].append((perf_counter() - begun) * 1e6)
    finally:
        wiring.use(None)
    typical = {name: quantiles(times, n=4)[0] for name, times in taken.items()}
    return Patched(typical.pop("path"), typical)


def _runs() -> dict[str, Callable[[], object]]:
    table = DynamoStore("bench")
    _unsent(table._client)  # noqa: SLF001 - the very client that the adapter calls
    plain = _unsent(boto3.client("dynamodb"))
    store: Any = _Stubbed(table)
    ports = MemoryPorts(store=store)
    wiring.use(ports)
    token = registered(ports)
    raw = messages.text(messages.patch(_BEGAN, 1))
    first = messages.text(messages.put("ses_" + "0" * 32, "PLG_1", _BEGAN))
    answered(event("PUT", token, first), app)
    store.through = True
    patch = event("PATCH", token, raw)
    answered(patch, app)
    assert isinstance(store.last, Put), "a PATCH is one put"
    _, put = request("bench", store.last)
    bare = _bare()
    answered(patch, bare)
    return {
        "path": lambda: app(patch, None),
        "chalice": lambda: bare(patch, None),
        "pydantic": lambda: _Patch.model_validate_json(raw),
        "boto3": lambda: plain.put_item(**put),
    }


def _unsent(client: Any) -> Any:  # noqa: ANN401 - boto3 makes its clients at run time
    """The client, whose requests end before the socket."""

    def answer(request: Any, **_: Any) -> AWSResponse:  # noqa: ANN401 - botocore's event
        return AWSResponse(request.url, 200, HTTPHeaders(), _Raw())

    client.meta.events.register("before-send.dynamodb.PutItem", answer)
    return client


class _Raw:
    """An empty answer's body, as urllib3 would stream it."""

    def stream(self) -> Any:  # noqa: ANN401
        yield b"{}"


def registered(ports: MemoryPorts) -> str:
    invitation = invite(ports, CPO, {"DE*RHE": CPO})
    record = connection_record(ports, invitation.connection.id)
    ports.store.write(record.put(replace(record.value, state=ConnectionState.REGISTERED)))
    return invitation.token


def event(method: str, token: str, body: str) -> dict[str, Any]:
    """What API Gateway hands to the function."""
    return {
        "resource": _ROUTE,
        "path": _PATH,
        "headers": {
            "Authorization": f"Token {b64encode(token.encode()).decode()}",
            "Content-Type": "application/json",
            "X-Request-ID": "0d9e8f7a-6a55-4a1e-9d3b-5b1c7f3c2f0e",
            "X-Correlation-ID": "5b1c0d9e-6a55-4a1e-9d3b-7f3c2f0e8f7a",
            "OCPI-from-country-code": "DE",
            "OCPI-from-party-id": "RHE",
        },
        "multiValueQueryStringParameters": None,
        "pathParameters": {
            "country_code": "DE",
            "party_id": "RHE",
            "session_id": messages.CHARGER_ID,
        },
        "stageVariables": None,
        "requestContext": {"httpMethod": method, "resourcePath": _ROUTE, "identity": {}},
        "isBase64Encoded": False,
        "body": body,
    }


def answered(event: dict[str, Any], to: Chalice) -> None:
    answer = to(event, None)
    said = json.loads(answer["body"])
    assert said["status_code"] == 1000, said


def _bare() -> Chalice:
    bare = Chalice(app_name="bare")

    def view(**ids: str) -> Response:
        assert ids
        return Response('{"status_code":1000}', {"Content-Type": "application/json"})

    bare.route(_ROUTE, methods=["PATCH"], content_types=[])(view)
    return bare
