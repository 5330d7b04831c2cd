"""What is another version's form of a message, and how do two platforms change to a newer one?"""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.connection.connection import ConnectionState
from chalicelib.domain.connection.refusals import NotRegistered, PeerUnusable
from chalicelib.domain.ids import PartyId
from chalicelib.domain.network.location import EvseStatus
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.ocpi.envelope.command import read_answer
from chalicelib.ocpi.language import VERSIONS, language
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable
from chalicelib.usecases.agreement.find import EVERY_CPO
from chalicelib.usecases.charger_session.fold import fold
from chalicelib.usecases.connection.authenticate import authenticate
from chalicelib.usecases.connection.close import leave
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.connection.renew import renew
from chalicelib.usecases.network.read import location_of
from chalicelib.usecases.token.issue import issue
from sandbox.memory.ports import MemoryPorts
from tests.integration.ocpi.test_ocpi_credentials import CREDENTIALS, URL
from tests.unit.token.terms import agreed

AT = "2026-11-16T07:00:00Z"
OLD_CREDENTIALS = {
    "token": "token-b",
    "url": URL,
    "business_details": {"name": "N"},
    "country_code": "DE",
    "party_id": "NRD",
}
EVSE = {
    "uid": "E1",
    "status": "AVAILABLE",
    "connectors": [
        {
            "id": "1",
            "standard": "IEC_62196_T2",
            "format": "SOCKET",
            "power_type": "AC_3_PHASE",
            "voltage": 230,
            "amperage": 32,
            "tariff_id": "T1",
            "last_updated": AT,
        }
    ],
    "last_updated": AT,
}
LOCATION = {
    "id": "L1",
    "type": "ON_STREET",
    "address": "Kai 1",
    "city": "Hamburg",
    "postal_code": "20457",
    "country": "DEU",
    "coordinates": {"latitude": "53.541100", "longitude": "9.984800"},
    "evses": [EVSE],
    "last_updated": AT,
}
SESSION = {
    "id": "S-1",
    "start_datetime": AT,
    "kwh": 1.5,
    "auth_id": "ses_1",
    "auth_method": "AUTH_REQUEST",
    "location": LOCATION,
    "currency": "EUR",
    "status": "ACTIVE",
    "last_updated": "2026-11-16T07:10:00Z",
}
OLD = "/ocpi/2.1.1"
SESSION_PATH = f"{OLD}/sessions/DE/NRD/S-1"


@pytest.fixture
def version() -> str:
    """Each test names the versions that it is about."""
    return "2.2.1"


def credentials(version: str, token: str = "token-b") -> dict[str, Any]:
    return {**(OLD_CREDENTIALS if version == "2.1.1" else CREDENTIALS), "token": token}


@pytest.mark.parametrize("version", VERSIONS)
def test_the_version_of_the_endpoint_is_the_one_agreed(
    ports: MemoryPorts, invited: Any, version: str
) -> None:
    ports.cpos.versions = VERSIONS
    answer = invited.send("POST", f"/ocpi/{version}/credentials", credentials(version))
    assert answer.status == 1000
    assert ("roles" in answer.data) is (version != "2.1.1")
    connection = connection_of(ports, invited.connection.id)
    assert (connection.version, connection.announced) == (version, ("DE*NRD",))
    assert all(f"/{version}/" in url for url in connection.endpoints.values())


def test_a_peer_that_does_not_speak_the_endpoints_version_is_3002(
    ports: MemoryPorts, invited: Any
) -> None:
    ports.cpos.versions = ("2.2.1",)
    answer = invited.send("POST", f"{OLD}/credentials", credentials("2.1.1"))
    assert (answer.http, answer.status) == (200, 3002)


@pytest.mark.parametrize("version", VERSIONS)
def test_details_name_exactly_what_can_be_called(invited: Any, version: str) -> None:
    details = invited.send("GET", f"/ocpi/{version}").data
    assert details["version"] == version
    named = {endpoint["identifier"] for endpoint in details["endpoints"]}
    assert ("hubclientinfo" in named) is (version != "2.1.1")
    assert all(("role" in one) is (version != "2.1.1") for one in details["endpoints"])


def test_a_peer_changes_to_a_newer_version_by_a_put(ports: MemoryPorts, invited: Any) -> None:
    ports.cpos.versions = VERSIONS
    first = invited.send("POST", f"{OLD}/credentials", credentials("2.1.1"))
    invited.token = first.data["token"]
    answer = invited.send("PUT", "/ocpi/2.3.0/credentials", credentials("2.3.0", "token-d"))
    assert answer.status == 1000
    connection = connection_of(ports, invited.connection.id)
    assert connection.version == "2.3.0"
    assert ports.secrets.read(connection.their_token_secret) == "token-d"
    assert invited.send("GET", "/ocpi/versions").http == 401  # the token of before is dead
    invited.token = answer.data["token"]
    assert invited.send("GET", "/ocpi/2.3.0/tokens").http == 200


class TestRenewalByUs:
    @pytest.fixture
    def registered(self, ports: MemoryPorts, invited: Any) -> Any:
        ports.cpos.versions = ("2.2.1", "2.3.0")
        answer = invited.send("POST", "/ocpi/2.2.1/credentials", credentials("2.2.1"))
        invited.token = answer.data["token"]
        ports.cpos.knows_us = True
        ports.cpos.identities = ["DE*NRD"]
        return invited

    def test_both_tokens_change_and_the_version_may(
        self, ports: MemoryPorts, registered: Any
    ) -> None:
        before = registered.token
        connection = renew(ports, registered.connection.id, "2.3.0")
        assert connection.version == "2.3.0"
        assert ports.secrets.read(connection.their_token_secret) == "after-token-b"
        assert registered.send("GET", "/ocpi/versions", authorization=f"Token {before}").http == 401

    def test_their_no_leaves_everything_as_it_was(
        self, ports: MemoryPorts, registered: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        known = connection_of(ports, registered.connection.id)
        monkeypatch.setattr(ports.cpos, "register", _raising(CpoRefused(2001, "no")))
        with pytest.raises(PeerUnusable):
            renew(ports, known.id)
        assert connection_of(ports, known.id) == known
        assert registered.send("GET", "/ocpi/2.2.1/tokens").http == 200

    def test_while_their_answer_is_unknown_either_token_is_good(
        self, ports: MemoryPorts, registered: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        offered: list[str] = []

        def lost(_: Any, __: str, ours: dict[str, str], **___: Any) -> None:
            offered.append(ours["token"])
            raise CpoUnavailable("the answer was lost")

        monkeypatch.setattr(ports.cpos, "register", lost)
        with pytest.raises(CpoUnavailable):
            renew(ports, registered.connection.id)
        assert authenticate(ports, [registered.token]).id == registered.connection.id
        assert authenticate(ports, offered).id == registered.connection.id
        monkeypatch.undo()
        renew(ports, registered.connection.id)
        for token in (registered.token, *offered):
            assert (
                registered.send("GET", "/ocpi/versions", authorization=f"Token {token}").http == 401
            )

    def test_we_leave_whether_they_listen_or_not(self, ports: MemoryPorts, registered: Any) -> None:
        peer_id = registered.connection.id
        ports.cpos.down = True
        assert leave(ports, peer_id) is False
        assert connection_of(ports, peer_id).state is ConnectionState.CLOSED
        assert registered.send("GET", "/ocpi/versions").http == 401
        with pytest.raises(NotRegistered):
            renew(ports, peer_id)


def _raising(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail


class TestOldForms:
    """2.1.1, whose objects name no owner."""

    def test_a_location_is_its_urls_and_gets_its_countrys_time(
        self, ports: MemoryPorts, peer: Any
    ) -> None:
        assert peer.send("PUT", f"{OLD}/locations/DE/NRD/L1", LOCATION).status == 1000
        location = location_of(ports, peer.connection.id, "DE", "NRD", "L1")
        assert location is not None
        assert (location.time_zone, location.cpo_id) == ("Europe/Berlin", "cpo_north")
        plug = location.evses[0].connectors[0]
        assert (plug.max_power_w, plug.tariff_ids) == (22_080, ("T1",))
        assert peer.send("GET", f"{OLD}/locations/DE/NRD/L1").data == LOCATION

    def test_anothers_url_is_refused(self, ports: MemoryPorts, peer: Any) -> None:
        before = ports.store.dump()
        answer = peer.send("PUT", f"{OLD}/locations/DE/EVL/L1", LOCATION)
        assert (answer.http, answer.status) == (200, 2001)
        assert "identity_not_bound" in answer.message
        assert ports.store.dump() == before

    def test_a_status_may_be_patched_without_a_date(self, ports: MemoryPorts, peer: Any) -> None:
        peer.send("PUT", f"{OLD}/locations/DE/NRD/L1", LOCATION)
        patched = peer.send("PATCH", f"{OLD}/locations/DE/NRD/L1/E1", {"status": "CHARGING"})
        assert patched.status == 1000
        location = location_of(ports, peer.connection.id, "DE", "NRD", "L1")
        assert location is not None
        assert location.evses[0].status is EvseStatus.CHARGING
        whole = {**LOCATION, "evses": [{**EVSE, "status": "AVAILABLE"}]}
        assert peer.send("PUT", f"{OLD}/locations/DE/NRD/L1", whole).status == 1000

    def test_a_session_is_found_by_the_auth_id_that_our_start_sent(
        self, ports: MemoryPorts, peer: Any
    ) -> None:
        assert peer.send("PUT", SESSION_PATH, SESSION).status == 1000
        session = fold(ports.store, peer.connection.id, "DE", "NRD", "S-1")
        assert session.authorization_reference == "ses_1"
        assert (session.location_id, session.evse_uid) == ("L1", "E1")

    def test_a_session_may_be_patched_without_a_date_and_twice(
        self, ports: MemoryPorts, peer: Any
    ) -> None:
        peer.send("PUT", SESSION_PATH, SESSION)
        for change in ({"kwh": 3}, {"kwh": 3}, {"status": "COMPLETED", "end_datetime": AT}):
            assert peer.send("PATCH", SESSION_PATH, change).status == 1000
        session = fold(ports.store, peer.connection.id, "DE", "NRD", "S-1")
        assert (session.kwh, session.status) == (Decimal(3), ChargerStatus.COMPLETED)

    def test_a_tariff_may_be_patched(self, ports: MemoryPorts, peer: Any) -> None:
        path = f"{OLD}/tariffs/DE/NRD/T1"
        component = {"type": "ENERGY", "price": 0.49, "step_size": 1}
        elements = [{"price_components": [component]}]
        tariff = {"id": "T1", "currency": "EUR", "elements": elements, "last_updated": AT}
        assert peer.send("PUT", path, tariff).status == 1000
        ports.clock.forward(minutes=1)
        changed = [{"price_components": [{**component, "price": 0.59}]}]
        assert peer.send("PATCH", path, {"elements": changed}).status == 1000
        assert peer.send("GET", path).data == {**tariff, "elements": changed}
        assert peer.send("PATCH", "/ocpi/2.2.1/tariffs/DE/NRD/T1", {}).http == 405

    def test_our_tokens_have_its_form(self, ports: MemoryPorts, peer: Any) -> None:
        agreed(ports, PartyId("par_app"), EVERY_CPO, ports.clock.now() - timedelta(days=1))
        token = issue(ports, PartyId("par_app"), "driver 7", "pm_1")
        (listed,) = peer.send("GET", f"{OLD}/tokens").data
        assert (listed["auth_id"], listed["type"]) == (token.contract_id, "OTHER")
        assert not {"country_code", "contract_id"} & set(listed)
        asked = peer.send("POST", f"{OLD}/tokens/{token.uid}/authorize", {"location_id": "L1"})
        assert asked.data == {"allowed": "NOT_ALLOWED"}

    def test_nothing_is_routed(self, peer: Any) -> None:
        answer = peer.send("GET", f"{OLD}/tokens")
        assert not [name for name in answer.headers if name.lower().startswith("ocpi-")]


def test_every_version_writes_what_it_reads() -> None:
    for version in VERSIONS:
        spoken = language(version)
        written = spoken.write_credentials("t", "https://channel.example/ocpi/versions", None)
        if version == "2.1.1":
            assert spoken.read_credentials(written).identities == ("DE*PLG",)
        else:
            assert written["roles"][0]["role"] == "EMSP"


def test_ids_in_another_case_mean_the_same(ports: MemoryPorts, peer: Any) -> None:
    peer.send("PUT", f"{OLD}/locations/DE/NRD/L1", LOCATION)
    patched = peer.send("PATCH", f"{OLD}/locations/de/nrd/l1/e1", {"status": "BLOCKED"})
    assert patched.status == 1000, patched.message
    location = location_of(ports, peer.connection.id, "DE", "NRD", "L1")
    assert location is not None
    assert location.evses[0].status is EvseStatus.BLOCKED
    session = {**SESSION, "auth_id": "SES_1"}
    assert peer.send("PUT", SESSION_PATH, session).status == 1000
    known = fold(ports.store, peer.connection.id, "DE", "NRD", "s-1")
    assert known.authorization_reference == "ses_1"


def test_an_answer_in_a_list_of_one_is_that_answer() -> None:
    assert read_answer([{"result": "accepted", "timeout": 30}]) == "ACCEPTED"
