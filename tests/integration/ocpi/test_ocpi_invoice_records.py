"""Do both sides learn which CDRs are on which invoice?"""

from dataclasses import replace
from typing import Any

import pytest
from chalice.test import Client

from app import app
from chalicelib import wiring
from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.usecases.connection.invite import invite
from chalicelib.usecases.connection.read import connection_record
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.settled import SettledWorld
from sandbox.memory.world import CPO
from tests.integration.ocpi.conftest import Peer

PATH = "/ocpi/2.3.0/invoicereconciliation"
RECORD = {
    "country_code": "DE",
    "party_id": "NRD",
    "id": "R-1",
    "invoice_id": "2026-11-0007",
    "cdrs": ["C-1", "C-2"],
    "last_updated": "2026-11-16T07:00:00Z",
}
ONE = f"{PATH}/DE/NRD/R-1"


def test_a_statement_of_ours_names_its_cdrs() -> None:
    settled = SettledWorld()
    ports = settled.world.ports
    session = settled.charge()
    settled.world.ports.clock.at = settled.world.ports.clock.at.replace(day=17)
    settled.run()
    wiring.use(ports)
    try:
        invitation = invite(ports, CPO, {"DE*NRD": CPO})
        record = connection_record(ports, invitation.connection.id)
        known = replace(record.value, state=ConnectionState.REGISTERED)
        ports.store.write(record.put(known))
        with Client(app) as client:
            answer = Peer(client, invitation.token, known).send("GET", PATH)
    finally:
        wiring.use(None)
    (told,) = answer.data
    assert told["cdrs"] == [session.cdr_id]
    assert (told["country_code"], told["party_id"]) == ("DE", "PLG")
    assert told["id"] == told["invoice_id"]
    assert len(told["id"]) <= 36
    assert answer.headers["X-Total-Count"] == "1"


def test_a_cpos_record_is_kept_changed_and_withdrawn(ports: MemoryPorts, peer: Any) -> None:
    assert peer.send("POST", PATH, RECORD).http == 201
    before = ports.store.writes
    assert peer.send("POST", PATH, RECORD).http == 200
    assert ports.store.writes == before
    changed = {**RECORD, "cdrs": ["C-1"], "last_updated": "2026-11-16T07:30:00Z"}
    assert peer.send("PUT", ONE, changed).status == 1000
    assert peer.send("GET", ONE).data == changed
    assert "update_outdated" in peer.send("PUT", ONE, RECORD).message
    assert peer.send("DELETE", ONE).status == 1000
    assert peer.send("GET", ONE).http == 404
    assert peer.send("DELETE", ONE).status == 2001


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", ONE, RECORD),  # of none
        ("POST", PATH, {**RECORD, "party_id": "EVL"}),
        ("POST", PATH, {**RECORD, "cdrs": []}),
        ("PUT", f"{PATH}/DE/NRD/R-2", RECORD),
    ],
)
def test_what_is_refused_leaves_nothing(
    ports: MemoryPorts, peer: Any, method: str, path: str, body: Any
) -> None:
    before = ports.store.dump()
    answer = peer.send(method, path, body)
    assert (answer.http, answer.status) == (200, 2001)
    assert ports.store.dump() == before
