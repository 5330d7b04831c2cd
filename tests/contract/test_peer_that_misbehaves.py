"""What becomes of answers that no peer should give? Each is unavailable or refused, none hangs."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from itertools import cycle
from typing import Any

import pytest

from chalicelib.adapters.ocpi_client import http, pages
from chalicelib.adapters.ocpi_client.client import OcpiClient
from chalicelib.adapters.web import OutsideWeb
from chalicelib.domain.connection.connection import Connection, ConnectionState
from chalicelib.domain.ids import PartyId, PeerId, TokenId
from chalicelib.domain.token.token import Token
from chalicelib.ports.cpo import ChargePoints, CpoRefused, CpoUnavailable, StartCommand
from sandbox.memory.plain import MemorySecrets
from tests.contract.answering import Answer, Asked, answering

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

AT = datetime(2026, 11, 20, tzinfo=UTC)
SESSION = {
    "country_code": "DE",
    "party_id": "ALF",
    "id": "S-1",
    "start_date_time": "2026-11-20T08:00:00Z",
    "kwh": 1.50,
    "currency": "EUR",
    "status": "ACTIVE",
    "last_updated": "2026-11-20T08:00:00Z",
}


def envelope(data: Any, status: Any = 1000) -> bytes:
    return json.dumps({"status_code": status, "data": data}).encode()


def connection(url: str) -> Connection:
    endpoints = {"sessions.SENDER": f"{url}/sessions", "commands.RECEIVER": f"{url}/commands/"}
    return Connection(
        PeerId("peer_1"),
        ConnectionState.REGISTERED,
        PartyId("cpo"),
        {"DE*ALF": PartyId("cpo")},
        their_token_secret="ocpi/peer_1/1",
        version="2.2.1",
        endpoints=endpoints,
    )


@pytest.fixture
def client() -> Iterator[OcpiClient]:
    secrets = MemorySecrets()
    secrets.write("ocpi/peer_1/1", "token-b")
    made = OcpiClient(secrets, allow_private=True)
    port: ChargePoints = made
    assert port is made
    yield made
    made.close()


def sessions(client: OcpiClient, url: str) -> Any:
    return client.sessions(connection(url), AT, AT)


def start(client: OcpiClient, url: str) -> Any:
    token = Token(TokenId("tok_1"), PartyId("par"), "U", "C", "h", valid=True, last_updated=AT)
    command = StartCommand(token, "L1", "E1", "1", "ses_1", "https://channel.example/r")
    return client.start_session(connection(url), command)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, envelope([], "1000")),
        (200, envelope([], 3000)),  # a failure inside, as HTTP 500
        (200, envelope([], 4002)),
        (200, b"\xff"),
        (429, envelope([])),
        (500, envelope([])),
        (503, b""),
    ],
)
def test_half_an_answer_is_no_answer(client: OcpiClient, status: int, body: bytes) -> None:
    with answering(lambda _: (status, {}, body)) as url:
        with pytest.raises((CpoUnavailable, CpoRefused)):
            sessions(client, url)  # a list is asked for again: either will do
        with pytest.raises(CpoUnavailable):
            start(client, url)


@pytest.mark.parametrize(
    ("http_status", "status", "expected"),
    [(200, 2001, 2001), (200, 3001, 3001), (401, 2000, 401), (404, 2003, 404), (302, 1000, 302)],
)
def test_a_no_is_a_no(client: OcpiClient, http_status: int, status: int, expected: int) -> None:
    headers = {"Location": "http://127.0.0.1:9/elsewhere"}
    with answering(lambda _: (http_status, headers, envelope([], status))) as url:
        for call in (sessions, start):
            with pytest.raises(CpoRefused) as refused:
                call(client, url)
            assert refused.value.status == expected


def test_good_objects_of_a_bad_page_are_taken_and_the_newer_of_two(client: OcpiClient) -> None:
    newer = {**SESSION, "kwh": 2, "last_updated": "2026-11-20T08:05:00Z"}
    bad = {**SESSION, "id": "S-2", "currency": "?"}
    with answering(lambda _: (200, {}, envelope([newer, bad, SESSION, "what", None]))) as url:
        pulled = sessions(client, url)
    ((session,), refused) = ([item.value for item in pulled.items], pulled.refused)
    assert (session.id, session.kwh) == ("S-1", 2)
    assert len(refused) == 3
    assert refused[0].startswith("S-2: currency")


def test_a_next_page_at_another_host_is_not_visited(client: OcpiClient) -> None:
    link = {"Link": '<http://127.0.0.1:9/steal>; rel="next"'}
    with (
        answering(lambda _: (200, link, envelope([]))) as url,
        pytest.raises(CpoUnavailable, match="another host"),
    ):
        sessions(client, url)


def test_pages_without_an_end_are_given_up(
    client: OcpiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "PAGES_MAX", 5)
    seen: list[str] = []

    def handle(request: Asked) -> Answer:
        seen.append(request.path)
        next_ = f"<http://{request.headers['Host']}/sessions?offset={len(seen)}>; rel=next"
        return 200, {"Link": next_}, envelope([])

    with answering(handle) as url, pytest.raises(CpoUnavailable, match="come to an end"):
        sessions(client, url)
    assert len(seen) == 5


def test_an_answer_without_an_end_is_given_up(
    client: OcpiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "ANSWER_BYTES_MAX", 1000)
    with (
        answering(lambda _: (200, {}, b" " * 100_000)) as url,
        pytest.raises(CpoUnavailable, match="larger"),
    ):
        sessions(client, url)


DRIPS = [
    (b"", b"HTTP/1.1 200 OK\r\n"),
    (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
    (b"HTTP/1.1 200 OK\r\n", b"X-Slow: a\r\n"),
    (b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", b" "),
    (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
]


@pytest.mark.parametrize(("at_once", "then"), DRIPS)
def test_an_answer_that_drips_is_cut_when_its_time_is_over(at_once: bytes, then: bytes) -> None:
    asking = http.Http(allow_private=True, read_s=5)
    asking._whole_s = 0.3
    with dripping(at_once, then) as (url, left):
        with pytest.raises(CpoUnavailable):
            asking.call("GET", url, {}, None)
        assert left.wait(5)  # no connection stays behind
    asking.close()


@pytest.mark.parametrize(("at_once", "then"), DRIPS[1::2])
def test_a_partners_endpoint_that_drips_has_not_answered(at_once: bytes, then: bytes) -> None:
    with dripping(at_once, then) as (url, left):
        assert OutsideWeb(allow_private=True).post(url, b"{}", {}, 1) == 0
        assert left.wait(5)


@contextmanager
def dripping(at_once: bytes, then: bytes) -> Iterator[tuple[str, threading.Event]]:
    """The URL of a server that never ends to answer, byte by byte; and when it was left alone."""
    over, left = threading.Event(), threading.Event()

    def answer() -> None:
        connected, _ = server.accept()
        with connected:
            try:
                connected.recv(65536)
                connected.sendall(at_once)
                for byte in cycle(then):
                    connected.sendall(bytes([byte]))
                    if over.wait(0.02):
                        return
            except OSError:
                left.set()

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=answer)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.getsockname()[1]}/", left
        finally:
            over.set()
            thread.join()


def test_nobody_at_home_is_unavailable(client: OcpiClient) -> None:
    with answering(lambda _: (200, {}, b"")) as url:
        pass
    with pytest.raises(CpoUnavailable):
        sessions(client, url)


def test_our_own_network_is_never_called(client: OcpiClient) -> None:
    outside = OcpiClient(MemorySecrets(), allow_private=False)
    for url in ("http://127.0.0.1/", "https://127.0.0.1/", "https://169.254.169.254/", "file:///x"):
        with pytest.raises(CpoRefused):
            outside.discover(url, "token-a")
    with pytest.raises(CpoRefused):
        client.discover("gopher://127.0.0.1/", "token-a")


def test_a_result_that_is_neither_yes_nor_no_leaves_the_outcome_unknown(
    client: OcpiClient,
) -> None:
    told: list[Any] = [{"result": "PERHAPS"}, {}, None, "ACCEPTED"]
    with answering(lambda _: (200, {}, envelope(told[0]))) as url:
        while told:
            with pytest.raises(CpoUnavailable):
                start(client, url)
            told.pop(0)


def test_the_token_goes_out_encoded_or_as_the_peer_wants_it(client: OcpiClient) -> None:
    shown: list[str] = []

    def handle(request: Asked) -> Answer:
        shown.append(request.headers["Authorization"])
        assert request.headers["OCPI-to-party-id"] == "ALF"
        assert request.headers["X-Request-ID"] != request.headers["X-Correlation-ID"]
        return 200, {}, envelope([])

    with answering(handle) as url:
        sessions(client, url)
        client.sessions(replace(connection(url), raw_token=True), AT, AT)
    assert shown == ["Token dG9rZW4tYg==", "Token token-b"]


@pytest.mark.parametrize(
    ("versions", "details", "status"),
    [
        ([{"version": "2.0", "url": "x"}], {}, 3002),
        ([], {}, 3002),
        (None, {"endpoints": [{"identifier": "credentials", "role": "SENDER", "url": "x"}]}, 3003),
    ],
)
def test_a_peer_without_our_version_or_its_endpoints_cannot_be_used(
    client: OcpiClient, versions: Any, details: Any, status: int
) -> None:
    def handle(request: Asked) -> Answer:
        here = f"http://{request.headers['Host']}/details"
        offered = versions if versions is not None else [{"version": "2.2.1", "url": here}]
        return 200, {}, envelope(details if request.path == "/details" else offered)

    with answering(handle) as url, pytest.raises(CpoRefused) as refused:
        client.discover(f"{url}/versions", "token-a")
    assert refused.value.status == status
