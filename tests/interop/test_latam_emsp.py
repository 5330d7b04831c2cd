"""Does a driver of an eMSP that we did not write charge through us? It knows 2.3.0 only."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any, cast

import pytest

from chalicelib.adapters.ocpi_client.emsp import EmspClient
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.session.session import SessionState
from chalicelib.usecases.connection.invite import invite, invite_emsp
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.effect.sweep import sweep
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.emsp import MemoryEmsp
from sandbox.memory.world import CPO, PARTNERS, World
from tests.contract.ocpi_rig import capable_places, meeting
from tests.interop import driver
from tests.interop.latam_rig import VERSION, Client, calling

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
PARTNER = PARTNERS[PaymentMethod.PREPAID]
PARTY = {"country_code": "NL", "party_id": "LEA"}
OURS = {"country_code": "DE", "party_id": "ALF"}  # whose charger it is
AT = "2026-11-20T07:00:00Z"
CARD = {"uid": "CARD1", "type": "RFID", "contract_id": "NL-LEA-1", "issuer": "LEA", "valid": True}
CARD |= {"whitelist": "NEVER", "last_updated": AT}


@pytest.fixture
def emsp() -> Iterator[Client]:
    world = World()
    with meeting(world.ports, versions=[VERSION], locations=capable_places()) as met:
        ports = world.ports
        ports.emsps = cast("MemoryEmsp", EmspClient(ports.secrets, allow_private=True))
        cpo = invite(ports, CPO, {"DE*ALF": CPO})
        about = {"versions_url": cpo.versions_url, "token": cpo.token, "url": met.versions_url}
        met.sim("connect", about)
        pull_peer(ports, connection_of(ports, cpo.connection.id))
        invited = invite_emsp(ports, PARTNER, ["NL*LEA"])
        roles = [{"role": "EMSP", **PARTY}]
        with calling(world, met, invited, roles, elsewhere=True) as client:
            yield client


def model(name: str, value: dict[str, Any]) -> dict[str, Any]:
    return {"model": name, "value": value}


def until(emsp: Client, now: str) -> None:
    """Everything that the CPO sends until then, and what follows from it here."""
    emsp.channel.tick(now)
    for _ in range(2):
        emsp.world.settle()
        sweep(emsp.world.ports)


def told_start(emsp: Client) -> dict[str, Any]:
    where = {"location_id": "L1", "evse_uid": "L1-1", "connector_id": "1", **OURS}
    here = emsp.url.removesuffix("/versions")
    return {"response_url": f"{here}/results/start", "token": {**CARD, **PARTY}, **where}


def test_it_reads_the_network_that_we_offer(emsp: Client) -> None:
    token = emsp.find()
    places = emsp.value("get_locations", token)["locations"]
    assert [one["id"] for one in places] == ["L1", "L2", "L3", "L4", "L5"]
    assert places[0]["evses"][0]["connectors"][0]["max_electric_power"] == 120_000
    (tariff,) = emsp.value("get_tariffs", token)["tariffs"]
    assert tariff["elements"][0]["price_components"][0]["price"] == 0.49
    (cpo,) = emsp.value("list_hub_client_info", token)["entries"]
    assert (cpo["party_id"], cpo["status"]) == ("ALF", "CONNECTED")


def test_its_driver_starts_stops_and_is_billed(emsp: Client) -> None:
    token = emsp.find()
    card = emsp.value("put_token", token, *PARTY.values(), "CARD1", model("Token", CARD | PARTY))
    assert card["contract_id"] == CARD["contract_id"]
    emsp.channel.sim("plan", {"energy_kwh": "50", "duration_s": 7200})
    start = told_start(emsp)
    assert emsp.value("start_session", token, model("WholeStart", start))["result"] == "ACCEPTED"
    until(emsp, "2026-11-20T08:10:00Z")
    assert emsp.told["results"] == [{"result": "ACCEPTED"}]  # the charger's, at the response_url
    emsp.value("since", AT)
    (session,) = emsp.value("get_sessions", token)["sessions"]
    assert (session["status"], session["cdr_token"]["uid"]) == ("ACTIVE", "CARD1")
    assert session["id"] == emsp.told["sessions"][0]["id"]

    stop = {"response_url": start["response_url"], "session_id": session["id"], **OURS}
    answer = emsp.value("stop_session", token, model("StopSessionCommand", stop))
    assert answer["result"] == "ACCEPTED"
    until(emsp, "2026-11-20T12:00:00Z")
    assert emsp.told["results"] == [{"result": "ACCEPTED"}] * 2
    ours = driver.session(emsp.world)
    assert ours.state is SessionState.BILLED
    assert ours.bill is not None
    (cdr,) = emsp.told["cdrs"]
    cost = cdr["total_cost"]
    gross = Decimal(str(cost["before_taxes"])) + Decimal(str(cost["taxes"][0]["amount"]))
    assert gross == ours.bill.gross.exact


def test_where_it_departs_from_ocpi(emsp: Client) -> None:
    """As docs/ocpi.md tells: what it leaves out is refused, and 2.3.0's costs it cannot read."""
    token = emsp.find()
    answer = emsp.call("get_sessions", token)
    assert (answer["status"], answer["message"][:19]) == (2001, "invalid (date_from)")
    start = told_start(emsp)
    answer = emsp.call("start_session", token, model("StartSessionCommand", start))
    assert (answer["status"], answer["message"][:21]) == (2001, "invalid (token.valid)")
    emsp.channel.sim("plan", {"energy_kwh": "10", "duration_s": 900})
    emsp.value("start_session", token, model("WholeStart", start))
    until(emsp, "2026-11-20T12:00:00Z")
    assert "total_cost.excl_vat" in emsp.call("get_cdrs", token)["unreadable"]
