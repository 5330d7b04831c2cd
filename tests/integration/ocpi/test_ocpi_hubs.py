"""What may a hub say of the parties behind it, and what follows from it?"""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.session.session import SessionState
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.connection.client_info import accept_client_info
from chalicelib.usecases.connection.read import connection_of, connection_record
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import CPO, World
from tests.integration.ocpi.test_ocpi_versions import AT, LOCATION, credentials


@pytest.fixture
def version() -> str:
    """Each test names the versions that it is about."""
    return "2.2.1"


class TestHubs:
    """One connection, several parties; 2.3.0 announces them all, 2.2.1 the hub alone."""

    ROLES = (
        {"role": "CPO", "country_code": "DE", "party_id": "NRD"},
        {"role": "CPO", "country_code": "NL", "party_id": "STR"},
        {"role": "EMSP", "country_code": "FR", "party_id": "APP"},
    )

    @pytest.fixture
    def hub(self, ports: MemoryPorts, invited: Any) -> Any:
        ports.cpos.versions = VERSIONS
        body = {**credentials("2.3.0"), "roles": list(self.ROLES), "hub_party_id": "DEHUB"}
        answer = invited.send("POST", "/ocpi/2.3.0/credentials", body)
        assert answer.status == 1000, answer.message
        invited.token = answer.data["token"]
        return invited

    def test_a_hub_may_announce_parties_that_are_not_bound_and_they_are_not_heard(
        self, ports: MemoryPorts, hub: Any
    ) -> None:
        connection = connection_of(ports, hub.connection.id)
        assert (connection.hub, connection.announced) == ("DE*HUB", ("DE*NRD",))
        location = {**LOCATION, "country_code": "NL", "party_id": "STR", "time_zone": "UTC"}
        answer = hub.send("PUT", "/ocpi/2.3.0/locations/NL/STR/L1", location)
        assert "identity_not_bound" in answer.message

    def test_a_hub_of_2_2_1_announces_itself_alone(self, ports: MemoryPorts, invited: Any) -> None:
        ports.cpos.versions = VERSIONS
        roles = [{"role": "HUB", "country_code": "DE", "party_id": "HUB"}]
        body = {**credentials("2.2.1"), "roles": roles}
        assert invited.send("POST", "/ocpi/2.2.1/credentials", body).status == 1000
        assert connection_of(ports, invited.connection.id).hub == "DE*HUB"

    def test_a_hub_tells_who_is_reachable(self, ports: MemoryPorts, hub: Any) -> None:
        path = "/ocpi/2.3.0/clientinfo/DE/NRD"
        info = {**self.ROLES[0], "status": "OFFLINE", "last_updated": AT}
        assert hub.send("GET", path).http == 404
        assert hub.send("PUT", path, info).status == 1000
        assert hub.send("GET", path).data == info
        before = ports.store.writes
        assert hub.send("PUT", path, info).status == 1000
        assert ports.store.writes == before  # nothing new
        older = {**info, "status": "CONNECTED", "last_updated": "2026-11-16T06:00:00Z"}
        assert "update_outdated" in hub.send("PUT", path, older).message
        assert hub.send("PUT", "/ocpi/2.3.0/clientinfo/NL/STR", info).status == 2001
        assert hub.send("PUT", path, {**info, "status": "AWAY"}).status == 2001
        routed = hub.send("PUT", path, info).headers
        assert not [name for name in routed if name.lower().startswith("ocpi-")]

    def test_who_is_no_hub_tells_nothing_of_others(self, peer: Any) -> None:
        info = {**self.ROLES[0], "status": "OFFLINE", "last_updated": AT}
        answer = peer.send("PUT", "/ocpi/2.2.1/clientinfo/DE/NRD", info)
        assert (answer.status, "not_a_hub" in answer.message) == (2001, True)

    def test_an_invited_peer_tells_nothing(self, invited: Any) -> None:
        assert invited.send("GET", "/ocpi/2.2.1/clientinfo/DE/NRD").http == 401


def test_no_start_is_sent_to_a_party_that_is_offline() -> None:
    world = World()
    hub = replace(world.connection, hub="DE*HUB", identities={"DE*RHE": CPO, "NL*STR": CPO})
    record = connection_record(world.ports, hub.id)
    world.ports.store.write(record.put(hub))
    known = ClientInfo("DE", "RHE", "CPO", ConnectionStatus.OFFLINE, world.ports.clock.now())
    accept_client_info(world.ports, hub, known)
    session = world.start()
    assert (session.state, session.reason) == (SessionState.REFUSED, "cpo_offline")
    assert world.ports.cpos.starts == []
    later = world.ports.clock.now() + timedelta(minutes=1)
    back = replace(known, status=ConnectionStatus.CONNECTED, last_updated=later)
    accept_client_info(world.ports, hub, back)
    assert world.start().state is SessionState.STARTING
    (sent,) = world.ports.cpos.starts
    assert sent.owner == "DE*RHE"  # of the two behind the hub, whose location it is
