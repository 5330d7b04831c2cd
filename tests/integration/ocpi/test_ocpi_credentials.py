"""Which handshakes succeed, and how are the others refused?"""

from base64 import b64encode
from typing import Any

import pytest

from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId
from chalicelib.ports.cpo import CpoRefused, CpoUnavailable, Theirs
from chalicelib.ports.cpo import Peer as Found
from chalicelib.usecases.connection.authenticate import authenticate
from chalicelib.usecases.connection.read import connection_of
from chalicelib.usecases.connection.register import register
from chalicelib.usecases.connection.renew import renew
from sandbox.memory.ports import MemoryPorts

URL = "https://north.example/ocpi/versions"
ROLE = {"role": "CPO", "country_code": "DE", "party_id": "NRD", "business_details": {"name": "N"}}
CREDENTIALS = {"token": "token-b", "url": URL, "roles": [ROLE]}
PATH = "/ocpi/2.2.1/credentials"


def test_an_invited_peer_registers_and_its_first_token_dies(
    ports: MemoryPorts, invited: Any
) -> None:
    answer = invited.send("POST", PATH, CREDENTIALS)
    assert (answer.http, answer.status) == (200, 1000)
    token_c = answer.data["token"]
    assert answer.data["url"] == "https://channel.example/ocpi/versions"
    assert answer.data["roles"][0] | {"business_details": 0} == {
        "role": "EMSP",
        "country_code": "DE",
        "party_id": "PLG",
        "business_details": 0,
    }
    assert invited.send("GET", "/ocpi/versions").http == 401
    invited.token = token_c
    assert invited.send("GET", "/ocpi/versions").status == 1000
    connection = connection_of(ports, invited.connection.id)
    assert connection.state is ConnectionState.REGISTERED
    assert ports.secrets.read(connection.their_token_secret) == "token-b"
    assert token_c not in str(ports.store.dump())
    assert "token-b" not in str(ports.store.dump())


def test_an_invited_peer_may_use_versions_and_credentials_only(invited: Any) -> None:
    offered = invited.send("GET", "/ocpi/versions").data
    assert [one["version"] for one in offered] == ["2.3.0", "2.2.1", "2.1.1"]
    details = invited.send("GET", "/ocpi/2.2.1").data
    assert {"identifier": "cdrs", "role": "RECEIVER"}.items() <= details["endpoints"][4].items()
    for path in ("/ocpi/2.2.1/tokens", "/ocpi/2.2.1/sessions/DE/NRD/1"):
        assert invited.send("GET", path).http == 401


def test_a_registered_peer_cannot_register_again(peer: Any) -> None:
    answer = peer.send("POST", PATH, CREDENTIALS)
    assert (answer.http, answer.status) == (405, 2000)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_peer_that_is_not_registered_can_neither_renew_nor_leave(
    invited: Any, method: str
) -> None:
    body = CREDENTIALS if method == "PUT" else None
    assert invited.send(method, PATH, body).http == 405


def test_renewed_credentials_replace_the_token(ports: MemoryPorts, peer: Any) -> None:
    answer = peer.send("PUT", PATH, {**CREDENTIALS, "token": "token-d"})
    assert answer.status == 1000
    assert peer.send("GET", "/ocpi/2.2.1/tokens").http == 401
    peer.token = answer.data["token"]
    assert peer.send("GET", "/ocpi/2.2.1/tokens").http == 200
    secret = connection_of(ports, peer.connection.id).their_token_secret
    assert ports.secrets.read(secret) == "token-d"


def test_a_peer_that_leaves_is_let_in_no_more(ports: MemoryPorts, peer: Any) -> None:
    assert peer.send("DELETE", PATH).status == 1000
    assert peer.send("GET", "/ocpi/versions").http == 401
    assert connection_of(ports, peer.connection.id).state is ConnectionState.CLOSED


def test_credentials_are_shown_to_their_bearer(peer: Any) -> None:
    assert peer.send("GET", PATH).data["token"] == peer.token


def test_a_role_that_was_not_agreed_is_refused_and_nothing_is_written(
    ports: MemoryPorts, invited: Any
) -> None:
    before = ports.store.dump()
    body = {**CREDENTIALS, "roles": [ROLE, {**ROLE, "party_id": "EVL"}]}
    answer = invited.send("POST", PATH, body)
    assert (answer.http, answer.status) == (200, 2001)
    assert "identity_not_bound" in answer.message
    assert ports.store.dump() == before


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (CpoUnavailable("timeout"), 3001),
        (CpoRefused(401, "no"), 3001),
        (CpoRefused(3002, "2.1.1 only"), 3002),
        (CpoRefused(3003, "no cdrs.SENDER"), 3003),
    ],
)
def test_a_peer_whose_own_side_does_not_work_is_told_which_way(
    ports: MemoryPorts, invited: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    def fail(*_: Any, **__: Any) -> Found:
        raise error

    monkeypatch.setattr(ports.cpos, "discover", fail)
    before = ports.store.dump()
    answer = invited.send("POST", PATH, CREDENTIALS)
    assert (answer.http, answer.status) == (200, status)
    assert ports.store.dump() == before


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"token": "with blank"}, "token"),
        ({"token": ["x"]}, "token"),
        ({"url": "ftp://north.example"}, "url"),
        ({"roles": []}, "roles"),
        ({"roles": [{**ROLE, "role": "EMSP"}]}, "roles"),
        ({"roles": None}, "roles"),
    ],
)
def test_credentials_without_a_sensible_reading_are_refused(
    ports: MemoryPorts, invited: Any, change: dict[str, Any], field: str
) -> None:
    before = ports.store.dump()
    answer = invited.send("POST", PATH, {**CREDENTIALS, **change})
    assert (answer.http, answer.status) == (200, 2001)
    assert field in answer.message
    assert ports.store.dump() == before


@pytest.mark.parametrize(
    "authorization",
    [
        "",
        "Token",
        "Token !!!",
        "Bearer abc",
        "Token bm90LW91cnM=",
        "Basic YTpi",
        "Token " + "a" * 999,
    ],
)
def test_without_a_known_token_nothing_is_told(peer: Any, authorization: str) -> None:
    answer = peer.send("GET", "/ocpi/2.2.1/tokens", authorization=authorization)
    assert (answer.http, answer.status, answer.data) == (401, 2000, None)


def test_tokens_are_accepted_encoded_raw_and_with_the_specifications_newline(peer: Any) -> None:
    for shown in (peer.token, b64encode(f"{peer.token}\n".encode()).decode()):
        answer = peer.send("GET", "/ocpi/2.2.1/tokens", authorization=f"Token {shown}")
        assert answer.http == 200


def test_a_method_that_is_not_defined_is_refused_in_ocpis_own_form(peer: Any) -> None:
    for method, path in [
        ("POST", "/ocpi/versions"),
        ("PATCH", PATH),
        ("PUT", "/ocpi/2.2.1/cdrs"),
        ("DELETE", "/ocpi/2.2.1/sessions/DE/NRD/1"),
        ("GET", "/ocpi/2.2.1/commands/START_SESSION/ses_1/result"),
    ]:
        answer = peer.send(method, path)
        assert (answer.http, answer.status) == (405, 2000), path


def test_message_ids_come_back_and_routing_only_on_functional_modules(peer: Any) -> None:
    sent = {"X-Request-ID": "r-1", "X-Correlation-ID": "c-1"}
    answer = peer.send("GET", "/ocpi/2.2.1/tokens", headers=sent)
    assert answer.headers["X-Request-ID"] == "r-1"
    assert answer.headers["X-Correlation-ID"] == "c-1"
    assert answer.headers["OCPI-from-party-id"] == "PLG"
    assert answer.headers["OCPI-to-party-id"] == "NRD"
    versions = peer.send("GET", "/ocpi/versions", headers=sent)
    assert versions.headers["X-Request-ID"] == "r-1"
    assert not [name for name in versions.headers if name.lower().startswith("ocpi-")]


def test_routing_headers_of_others_are_refused(peer: Any) -> None:
    for name, value in (("from", "EVL"), ("to", "XXX")):
        sent = {f"OCPI-{name}-country-code": "DE", f"OCPI-{name}-party-id": value}
        answer = peer.send("GET", "/ocpi/2.2.1/tokens", headers=sent)
        assert (answer.http, answer.status, answer.data) == (200, 2001, None)


def test_we_can_begin_the_handshake_too(
    ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Connection] = []

    def answer(found: Found, token: str, ours: dict[str, Any], **_: Any) -> Theirs:
        assert (found.version, token) == ("2.2.1", "token-a")
        seen.append(authenticate(ports, [ours["token"]], registered=False))
        return Theirs("token-c", URL, ("DE*NRD",))

    monkeypatch.setattr(ports.cpos, "register", answer)
    cpo = PartyId("cpo_north")
    connection = register(ports, cpo, {"de*nrd": cpo}, URL, "token-a")
    assert seen[0].state is ConnectionState.INVITED  # while they fetched our versions
    assert connection_of(ports, connection.id) == connection
    assert connection.state is ConnectionState.REGISTERED
    assert ports.secrets.read(connection.their_token_secret) == "token-c"


class TestTheTokensForm:
    """Base64 is the standard, and many take the token as it is: which, is found out."""

    @pytest.mark.parametrize("theirs", [False, True])
    def test_when_it_calls_us(self, ports: MemoryPorts, invited: Any, *, theirs: bool) -> None:
        ports.cpos.raw_token = theirs
        assert invited.send("POST", PATH, CREDENTIALS).status == 1000
        assert connection_of(ports, invited.connection.id).raw_token is theirs

    @pytest.mark.parametrize("theirs", [False, True])
    @pytest.mark.parametrize("told", [False, True])
    def test_when_we_begin_whatever_staff_were_told(
        self, ports: MemoryPorts, *, theirs: bool, told: bool
    ) -> None:
        ports.cpos.raw_token, ports.cpos.identities = theirs, ["DE*NRD"]
        cpo = PartyId("cpo_north")
        made = register(ports, cpo, {"DE*NRD": cpo}, URL, "token-a", raw_token=told)
        assert connection_of(ports, made.id).raw_token is theirs

    def test_when_it_changes_with_a_renewal(self, ports: MemoryPorts, invited: Any) -> None:
        invited.send("POST", PATH, CREDENTIALS)
        ports.cpos.raw_token, ports.cpos.knows_us = True, True
        ports.cpos.identities = ["DE*NRD"]
        assert renew(ports, invited.connection.id).raw_token

    @pytest.mark.parametrize("status", [401, 403, 2001])
    def test_a_token_that_is_good_in_no_form_is_tried_twice_and_refused(
        self, ports: MemoryPorts, invited: Any, monkeypatch: pytest.MonkeyPatch, status: int
    ) -> None:
        forms: list[bool] = []

        def discover(*_: Any, raw_token: bool, **__: Any) -> None:
            forms.append(raw_token)
            raise CpoRefused(status, "who are you")

        monkeypatch.setattr(ports.cpos, "discover", discover)
        before = ports.store.dump()
        answer = invited.send("POST", PATH, CREDENTIALS)
        assert (answer.status, "who are you" in answer.message) == (3001, True)
        assert (forms, ports.store.dump()) == ([False, True], before)

    def test_another_refusal_says_nothing_of_the_token(
        self, ports: MemoryPorts, invited: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        forms: list[bool] = []

        def discover(*_: Any, raw_token: bool, **__: Any) -> None:
            forms.append(raw_token)
            raise CpoRefused(3002 if raw_token else 401, "no")

        monkeypatch.setattr(ports.cpos, "discover", discover)
        assert invited.send("POST", PATH, CREDENTIALS).status == 3002  # the second form was good
        monkeypatch.setattr(ports.cpos, "discover", _raising(CpoUnavailable("silent")))
        assert invited.send("POST", PATH, CREDENTIALS).status == 3001
        assert forms == [False, True]


def _raising(error: Exception) -> Any:
    def fail(*_: Any, **__: Any) -> None:
        raise error

    return fail
