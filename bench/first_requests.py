"""Which first requests does a cold start meet? A CPO's session PATCH, and a partner's quote.

Each is told to a fresh process (bench/fresh.py) as a file: the request as API Gateway hands it on,
and every item that the table has.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from app import app
from bench import messages, patching
from chalicelib import wiring
from chalicelib.adapters.dynamodb.expressions import request
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.codec import instant_text
from chalicelib.domain.network.place import public_id
from chalicelib.ports.store import Put
from chalicelib.usecases.access.issue_key import issue_key
from chalicelib.usecases.network.accept_location import accept_location
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.store import MemoryStore
from sandbox.memory.world import PARTNERS, World

Json = dict[str, Any]
TABLE, PERSONAL_TABLE = "channel", "people"


def tell(directory: Path) -> dict[str, str]:
    """Write the files of each; the name of a request → the program that answers it."""
    told = {"a session PATCH": _patch(), "a quote": _quote()}
    programs = {}
    for number, (name, (ports, event)) in enumerate(told.items()):
        file = directory / f"{number}.json"
        tables = {TABLE: _stored(TABLE, ports.store), PERSONAL_TABLE: []}
        file.write_text(json.dumps({"event": event, "tables": tables}, default=_wired))
        programs[name] = f"from bench.fresh import main; main({str(file)!r})"
    return programs


def environment(directory: Path) -> Mapping[str, str]:
    """What the function is given; its clock stands where the memory's began."""
    clock = directory / "clock"
    clock.write_text(instant_text(MemoryPorts().clock.now()))
    return {
        **patching.AWS,
        "TABLE": TABLE,
        "PERSONAL_TABLE": PERSONAL_TABLE,
        "PUBLIC_URL": "https://channel.example",
        "CLOCK_FILE": str(clock),
    }


def _patch() -> tuple[MemoryPorts, Json]:
    ports = MemoryPorts()
    token, began = patching.registered(ports), ports.clock.now() - timedelta(hours=1)
    whole = messages.text(messages.put("ses_" + "0" * 32, "PLG_1", began))
    wiring.use(ports)
    try:
        patching.answered(patching.event("PUT", token, whole), app)
    finally:
        wiring.use(None)
    return ports, patching.event("PATCH", token, messages.text(messages.patch(began, 1)))


def _quote() -> tuple[MemoryPorts, Json]:
    world = World()
    ports, (location, *_) = world.ports, world.ports.cpos.network
    accept_location(ports, world.connection, location, "{}")
    key = issue_key(ports, PARTNERS[PaymentMethod.CARD])
    plan = {
        "location_id": public_id(location),
        "evse_uid": location.evses[0].uid,
        "connector_id": location.evses[0].connectors[0].id,
        "energy_kwh": 30,
        "duration_s": 3600,
    }
    event = {
        **patching.event("POST", "", json.dumps(plan)),
        "resource": "/v1/quotes",
        "path": "/v1/quotes",
        "pathParameters": None,
        "headers": {"Authorization": f"Bearer {key.text}", "Content-Type": "application/json"},
        "requestContext": {"httpMethod": "POST", "resourcePath": "/v1/quotes", "identity": {}},
    }
    return ports, event


def _wired(binary: bytes) -> str:
    """As DynamoDB's JSON has it: a packed body."""
    return b64encode(binary).decode()


def _stored(table: str, store: MemoryStore) -> list[Json]:
    """Every item as DynamoDB would give it."""
    puts = (Put(item.key, item.body, expects=item.version - 1) for item in store.everything())
    return [request(table, put)[1]["Item"] for put in puts]
