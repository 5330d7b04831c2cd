"""Do the channel's OCPI client and an independent CPO understand each other over real HTTP?"""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId, PeerId, TokenId
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.domain.token.token import Token
from chalicelib.ports.cpo import CommandAnswer, CpoRefused, CpoUnavailable, StartCommand
from sandbox.memory.plain import MemorySecrets
from sandbox.peers.processes import Processes, Running
from tests.contract.recording_emsp import CONFIG

pytestmark = [pytest.mark.allow_hosts(["127.0.0.1"]), pytest.mark.xdist_group("cpo")]

_DAY = datetime(2026, 11, 20, tzinfo=UTC)
_NEXT = datetime(2026, 11, 21, tzinfo=UTC)
_REGISTERED = {
    "shown": "what-we-show-the-cpo",
    "ours": "what-it-shows-us",
    "endpoints": {  # nobody listens there: everything pushed is lost, so everything is pulled
        "sessions.RECEIVER": "http://127.0.0.1:9/sessions",
        "cdrs.RECEIVER": "http://127.0.0.1:9/cdrs",
    },
    "country_code": "DE",
    "party_id": "PLG",
}


@pytest.fixture
def cpo(tmp_path: Path) -> Iterator[Running]:
    """A CPO whose journal says that we are registered."""
    bad = {"raw": True, "id": "BAD", "last_updated": "yesterday"}
    config = {**CONFIG, "locations": [bad, *CONFIG["locations"]], "page_limit": 2}
    (tmp_path / "cpo.json").write_text(json.dumps(config))
    (tmp_path / "state").write_text(json.dumps(["connection", _REGISTERED]) + "\n")
    arguments = ("--config", str(tmp_path / "cpo.json"), "--state", str(tmp_path / "state"))
    with Processes(tmp_path) as processes:
        yield processes.start_module("cpo", "sandbox.peers.cpo", arguments)


@pytest.fixture
def client() -> Iterator[OcpiClient]:
    secrets = MemorySecrets()
    secrets.write("their-token", "what-we-show-the-cpo")
    made = OcpiClient(secrets, allow_private=True)
    yield made
    made.close()


def connection(client: OcpiClient, cpo: Running) -> Connection:
    peer = client.discover(f"{cpo.url}/ocpi/cpo/versions", "what-we-show-the-cpo")
    return Connection(
        id=PeerId("peer_alfa"),
        state=ConnectionState.REGISTERED,
        cpo_id=PartyId("cpo_alfa"),
        identities={"DE*ALF": PartyId("cpo_alfa")},
        their_token_secret="their-token",
        version=peer.version,
        endpoints=peer.endpoints,
    )


def sim(cpo: Running, method: str, path: str, body: object = None) -> Any:
    asked = http.client.HTTPConnection("127.0.0.1", cpo.port, timeout=20)
    asked.request(method, f"/sim/{path}", json.dumps(body) if body is not None else None)
    answer = json.loads(asked.getresponse().read())
    asked.close()
    return answer


def start(client: OcpiClient, cpo: Running, reference: str, **changes: str) -> CommandAnswer:
    token = Token(
        id=TokenId("tok_1"),
        partner_id=PartyId("partner"),
        uid="uid-1",
        contract_id="DE-PLG-C1",
        driver_hash="",
        valid=True,
        last_updated=_DAY,
    )
    place = {"location_id": "L1", "evse_uid": "L1-1", "connector_id": "1", **changes}
    url = "http://127.0.0.1:9/result"
    command = StartCommand(
        token=token, authorization_reference=reference, response_url=url, **place
    )
    return client.start_session(connection(client, cpo), command)


def test_the_network_is_pulled_page_by_page_past_a_bad_object(
    client: OcpiClient, cpo: Running
) -> None:
    locations = client.locations(connection(client, cpo), None)
    assert [found.value.id for found in locations.items] == ["L1", "L2", "L3"]
    assert len(locations.refused) == 1
    first = locations.items[0].value
    assert (first.country, first.time_zone) == ("DE", "Europe/Berlin")
    assert [e.connectors[0].max_power_w for e in first.evses] == [120_000, 22_000]
    assert {e.status for e in first.evses} == {EvseStatus.AVAILABLE}
    tariffs = client.tariffs(connection(client, cpo), None).items
    assert tariffs[0].value.elements[0].price_components[0].price == Decimal("0.49")
    assert not any(found.mended for found in (*locations.items, *tariffs))
    assert sim(cpo, "GET", "state")["complaints"] == []


def test_a_session_whose_every_push_was_lost_is_pulled_whole(
    client: OcpiClient, cpo: Running
) -> None:
    plan = {"energy_kwh": "10.5", "duration_s": 1500, "power_kw": 60}
    sim(cpo, "POST", "plan", {"authorization_reference": "ses_1", **plan})
    assert start(client, cpo, "ses_1") is CommandAnswer.ACCEPTED
    for _ in range(2):
        sim(cpo, "POST", "tick", {"now": "2026-11-20T10:00:00Z"})
    session = client.sessions(connection(client, cpo), _DAY, _NEXT).items[0]
    cdr = client.cdrs(connection(client, cpo), _DAY, _NEXT).items[0]
    assert session.value.status is ChargerStatus.COMPLETED
    assert session.value.authorization_reference == cdr.value.authorization_reference == "ses_1"
    assert sum(p.energy_kwh or 0 for p in session.value.periods) == Decimal("10.5")
    assert cdr.value.total_cost.excl_vat == Decimal("5.145")
    assert cdr.value.session_id == session.value.id
    assert not session.mended
    assert not cdr.mended
    assert sim(cpo, "GET", "state")["complaints"] == []


def test_refusals_and_outages_are_told_apart(client: OcpiClient, cpo: Running) -> None:
    with pytest.raises(CpoRefused, match="2003"):
        start(client, cpo, "ses_1", location_id="nowhere")
    sim(cpo, "POST", "plan", {"fault": "start_rejected"})
    assert start(client, cpo, "ses_2") is CommandAnswer.REJECTED
    sim(cpo, "POST", "plan", {"fault": "start_answer_lost"})
    with pytest.raises(CpoUnavailable):
        start(client, cpo, "ses_3")
    known = connection(client, cpo)
    stopped = client.stop_session(known, "nobody", "http://127.0.0.1:9/r")
    assert stopped is CommandAnswer.UNKNOWN_SESSION
    sim(cpo, "POST", "outage", {"requests": 1})
    with pytest.raises(CpoUnavailable):
        client.tariffs(known, None)
    assert len(client.tariffs(known, None).items) == 1
