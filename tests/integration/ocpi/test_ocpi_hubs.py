"""What may a hub say of the parties behind it, and what follows from it?"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.adapters.ocpi_client.http import Answer
from chalicelib.domain.connection.client_info import ClientInfo, ConnectionStatus
from chalicelib.domain.ids import PartyId
from chalicelib.domain.session.charged import ChargerStatus, ReportedSession
from chalicelib.domain.session.session import SessionState
from chalicelib.ocpi.envelope.body import dump
from chalicelib.ocpi.language import VERSIONS
from chalicelib.usecases.charger_session.accept_report import accept_whole
from chalicelib.usecases.connection.client_info import accept_client_info, reachable
from chalicelib.usecases.connection.read import connection_of, connection_record
from chalicelib.usecases.network.pull import pull_peer
from sandbox.memory.ports import MemoryPorts
from sandbox.memory.world import CPO, EUR, World
from tests.integration.ocpi.test_ocpi_versions import AT, LOCATION, credentials

HUB_URL = "https://hub.example/ocpi/2.2.1"


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


@pytest.mark.parametrize("started", [False, True])
def test_a_party_behind_a_hub_moves_no_session_of_anothers(*, started: bool) -> None:
    """It may have learned the reference: the session, and its money, are another party's."""
    world = World()
    both = {"DE*RHE": CPO, "DE*NRD": PartyId("cpo_north"), "DE*RH2": CPO}
    hub = replace(world.connection, hub="DE*HUB", identities=both)
    world.ports.store.write(connection_record(world.ports, hub.id).put(hub))
    session = world.start()
    session = world.report(session, ChargerStatus.ACTIVE, "1", 1) if started else session
    began = session.requested_at
    plain = ReportedSession("DE", "NRD", "S-9", began, ChargerStatus.ACTIVE, began, EUR)
    named = replace(plain, authorization_reference=session.authorization_reference)

    def tell(party: str, status: ChargerStatus) -> SessionState:
        world.ports.clock.forward(minutes=1)
        at = world.ports.clock.now()
        told = replace(named, party_id=party, status=status, last_updated=at)
        accept_whole(world.ports, hub, told, "{}")
        world.settle()
        return world.session(session.id).state

    for status in (ChargerStatus.INVALID, ChargerStatus.COMPLETED):
        assert tell("NRD", status) is session.state
    assert tell("RH2", ChargerStatus.ACTIVE) is SessionState.CHARGING, "another name of the CPO's"


class TestLostPushes:
    """What a hub said of its parties is pulled too: no push is repeated."""

    AT = "2026-11-16T08:30:00Z"

    class Http:
        """A hub that tells of its parties, one a page."""

        def __init__(self) -> None:
            self.asked: list[str] = []
            self.headers: list[dict[str, str]] = []
            self.told: list[dict[str, str]] = []

        def call(self, method: str, url: str, headers: dict[str, str], _: Any) -> Answer:
            assert method == "GET"
            self.asked.append(url)
            self.headers.append(headers)
            number = int(parse_qs(urlsplit(url).query).get("offset", ["0"])[0])
            more = number + 1 < len(self.told)
            following = f'<{HUB_URL}/clientinfo?offset={number + 1}>; rel="next"'
            return self._page(self.told[number : number + 1], following if more else "")

        @staticmethod
        def _page(items: list[dict[str, str]], link: str) -> Answer:
            at = "2026-11-16T08:45:00Z"
            return Answer(
                dump({"status_code": 1000, "timestamp": at, "data": items}).encode(), link
            )

    @pytest.fixture
    def http(self) -> Http:
        return self.Http()

    @pytest.fixture
    def world(self, http: Http, monkeypatch: pytest.MonkeyPatch) -> World:
        world = World()
        hub = replace(
            world.connection,
            hub="DE*HUB",
            endpoints={"hubclientinfo.SENDER": f"{HUB_URL}/clientinfo"},
            their_token_secret="theirs",
        )
        world.ports.secrets.write("theirs", "t")
        world.ports.store.write(connection_record(world.ports, hub.id).put(hub))
        client = OcpiClient(world.ports.secrets, allow_private=False)
        monkeypatch.setattr(client, "_http", http)
        monkeypatch.setattr(world.ports.cpos, "client_infos", client.client_infos)
        return world

    def told(self, status: str, at: str = AT, party: str = "RHE") -> dict[str, str]:
        of = {"country_code": "DE", "party_id": party, "role": "CPO"}
        return {**of, "status": status, "last_updated": at}

    def test_who_is_offline_is_known_after_the_next_pull(self, world: World, http: Http) -> None:
        http.told = [self.told("CONNECTED", party="OTH"), self.told("OFFLINE")]
        pulled = pull_peer(world.ports, world.connection)
        assert (pulled.failed, pulled.refused, len(http.asked)) == ((), (), 2)
        assert not reachable(world.ports, world.connection, "DE*RHE")
        assert (world.start().state, world.ports.cpos.starts) == (SessionState.REFUSED, [])

    def test_only_what_is_new_is_asked_for_and_nothing_is_written_for_the_same(
        self, world: World, http: Http
    ) -> None:
        http.told = [self.told("OFFLINE")]
        pull_peer(world.ports, world.connection)
        world.ports.clock.forward(hours=1)
        assert pull_peer(world.ports, world.connection).news == 0
        first, second = http.asked
        assert "date_from" not in first
        assert parse_qs(urlsplit(second).query)["date_from"] == ["2026-11-16T07:45:00Z"]

    def test_a_hub_is_asked_about_itself_without_routing_and_for_lists_of_all_as_the_receiver(
        self, world: World, http: Http, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """2.2.1 transport_and_format: configuration modules have no OCPI-to, lists name the hub."""
        client = OcpiClient(world.ports.secrets, allow_private=False)
        monkeypatch.setattr(client, "_http", http)
        parties = {"DE*RHE": CPO, "NL*STR": CPO}
        lists = {"locations.SENDER": f"{HUB_URL}/locations"}
        hub = replace(world.connection, identities=parties, endpoints=lists)
        list(client.locations(hub, None).items)
        pull_peer(world.ports, world.connection)
        of_list, of_itself = http.headers[0], http.headers[-1]
        assert set(of_itself) == {"Authorization"}
        routed = {name: value for name, value in of_list.items() if name.startswith("OCPI-to")}
        assert routed == {"OCPI-to-country-code": "DE", "OCPI-to-party-id": "HUB"}

    def test_a_push_that_was_faster_stays(self, world: World, http: Http) -> None:
        now = datetime.fromisoformat("2026-11-16T08:40:00Z")
        pushed = ClientInfo("DE", "RHE", "CPO", ConnectionStatus.CONNECTED, now)
        accept_client_info(world.ports, world.connection, pushed)
        http.told = [self.told("OFFLINE"), self.told("AWAY", party="ODD")]
        pulled = pull_peer(world.ports, world.connection)
        assert reachable(world.ports, world.connection, "DE*RHE")
        assert [why for why in pulled.refused if "AWAY" in why]

    @pytest.mark.parametrize("what", ["hub", "endpoints"])
    def test_who_is_no_hub_or_has_no_list_is_not_asked(
        self, world: World, http: Http, what: str
    ) -> None:
        known = world.connection
        changed = replace(known, hub="") if what == "hub" else replace(known, endpoints={})
        assert pull_peer(world.ports, changed).failed == ()
        assert http.asked == []
