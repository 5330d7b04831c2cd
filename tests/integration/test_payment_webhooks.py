"""What happens at POST /webhooks/stripe, from the bytes to the session's state?"""

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from chalice.test import Client, HTTPResponse

from app import app
from chalicelib import wiring
from chalicelib.domain.money import Money, currency
from chalicelib.handlers.webhooks.stripe import BODY_BYTES_MAX, PATH
from chalicelib.ports.payments import Hold, HoldRequest
from chalicelib.ports.store import Key
from chalicelib.usecases.payment import follow_event as following
from chalicelib.usecases.payment.follow_event import follow_event
from sandbox.memory.ports import MemoryPorts
from sandbox.peers.provider.events import signed

SECRET = "whsec_test"
ROW = "webhook#stripe#evt_1"
JSON = {"content-type": "application/json; charset=utf-8"}


@pytest.fixture
def ports() -> Iterator[MemoryPorts]:
    memory = MemoryPorts()
    memory.secrets.write("stripe/webhook", json.dumps([SECRET]))
    wiring.use(memory, wiring.Settings({"STRIPE_WEBHOOK_SECRET_NAME": "stripe/webhook"}))
    yield memory
    wiring.use(None)


@pytest.fixture
def client() -> Iterator[Client]:
    with Client(app) as made:
        yield made


def event(type_: str = "payment_intent.succeeded", **subject: Any) -> dict[str, Any]:
    shown = {"id": "pi_1", "metadata": {"session_id": "ses_1"}, **subject}
    return {"id": "evt_1", "object": "event", "type": type_, "data": {"object": shown}}


def send(client: Client, said: dict[str, Any], at: int | None = None) -> HTTPResponse:
    body, signature = signed(said, SECRET, at or int(time.time()))
    return client.http.post(PATH, body=body, headers={**JSON, "stripe-signature": signature})


def refused(response: HTTPResponse) -> tuple[int, str]:
    problem = response.json_body
    assert problem["status"] == response.status_code
    assert problem["how_to_fix"]
    return response.status_code, problem["code"]


def test_a_proven_event_is_kept_and_waits_for_the_stream(
    client: Client, ports: MemoryPorts
) -> None:
    response = send(client, event())
    assert (response.status_code, response.json_body) == (200, {"received": "evt_1", "new": True})
    kept = ports.store.get(Key(ROW))
    assert kept is not None
    assert json.loads(kept.body["body"]) == event()
    assert list(ports.store.stream) == [Key(ROW)]
    assert any(name.startswith("due#") for name in ports.store.dump())


def test_the_same_event_again_is_received_and_changes_nothing(
    client: Client, ports: MemoryPorts
) -> None:
    send(client, event())
    before = ports.store.dump()
    again = send(client, event())
    assert (again.status_code, again.json_body["new"]) == (200, False)
    assert ports.store.dump() == before


def test_an_event_of_no_interest_is_kept_and_nothing_follows(
    client: Client, ports: MemoryPorts
) -> None:
    assert send(client, event("customer.created")).status_code == 200
    kept = ports.store.get(Key(ROW))
    assert kept is not None
    assert kept.body["outcome"] == "ignored"
    assert not ports.store.stream


def test_a_long_event_lies_in_a_file(client: Client, ports: MemoryPorts) -> None:
    long = event(description="x" * 5000)
    assert send(client, long).status_code == 200
    kept = ports.store.get(Key(ROW))
    assert kept is not None
    sealed = ports.files.read(kept.body["file"])
    assert sealed is not None
    assert json.loads(sealed) == long


@pytest.mark.parametrize("length", [1, 5000])
def test_what_opens_a_form_of_the_provider_is_not_kept_with_its_event(
    client: Client, ports: MemoryPorts, length: int
) -> None:
    said = event(client_secret="pi_1_secret_x", description="x" * length)
    assert send(client, said).status_code == 200
    assert "pi_1_secret_x" not in str(ports.store.dump())
    assert not any(b"pi_1_secret_x" in content for content in ports.files.content.values())


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, (422, "signature_refused")),
        ({"stripe-signature": "t=1,v1=00"}, (422, "signature_refused")),
        ({"content-type": "text/plain"}, (415, "unsupported_media_type")),
    ],
)
def test_an_unproven_body_is_refused_and_nothing_is_written(
    client: Client, ports: MemoryPorts, headers: dict[str, str], expected: tuple[int, str]
) -> None:
    body, _ = signed(event(), SECRET, 1)
    assert refused(client.http.post(PATH, body=body, headers={**JSON, **headers})) == expected
    assert not ports.store.dump()


def test_an_old_signature_is_refused(client: Client, ports: MemoryPorts) -> None:
    late = send(client, event(), int(time.time()) - 400)
    assert refused(late) == (422, "signature_refused")
    assert not ports.store.dump()


def test_a_signed_body_that_is_no_event_is_refused(client: Client, ports: MemoryPorts) -> None:
    assert refused(send(client, {"id": "evt_1"})) == (422, "invalid")
    assert not ports.store.dump()


def test_two_megabytes_are_refused_before_they_are_read(client: Client, ports: MemoryPorts) -> None:
    assert BODY_BYTES_MAX < 2_000_000
    response = client.http.post(PATH, body=b"x" * 2_000_000, headers=JSON)
    assert refused(response) == (413, "body_too_large")
    assert not ports.store.dump()


@pytest.mark.usefixtures("ports")
@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_another_method_is_refused(client: Client, method: str) -> None:
    response = getattr(client.http, method)(PATH, headers=JSON)
    assert refused(response) == (405, "method_not_allowed")
    assert response.headers["Allow"] == "POST"


def test_what_follows_is_read_from_the_provider_and_not_from_the_event(
    client: Client, ports: MemoryPorts, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []

    def changed(_ports: Any, owner: str, hold: Hold) -> str:
        told.append((owner, hold))
        return "a session"

    monkeypatch.setattr(following, "provider_changed", changed)
    money = Money(5000, currency("EUR"))
    hold = ports.payments.hold(HoldRequest("ses_1", money, "pm_card_visa"), "k1")
    send(client, event(id=hold.reference, status="canceled"))  # the event is older than the hold
    follow_event(ports, ROW)
    follow_event(ports, ROW)
    assert told == [("ses_1", hold)]
    assert outcome(ports) == "followed"


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (event(metadata={}), "not_ours"),
        (event(id="pi_unknown"), "payment_refused"),
        ({**event("payout.paid", id="po_unknown"), "account": "acct_1"}, "payout_refused"),
    ],
)
def test_an_event_that_fits_nothing_is_kept_with_the_reason(
    client: Client, ports: MemoryPorts, said: dict[str, Any], expected: str
) -> None:
    send(client, said)
    follow_event(ports, ROW)
    assert outcome(ports) == expected


def test_an_event_for_a_session_that_we_do_not_have_is_kept_and_swept_for_days(
    client: Client, ports: MemoryPorts
) -> None:
    money = Money(5000, currency("EUR"))
    hold = ports.payments.hold(HoldRequest("ses_9", money, "pm_card_visa"), "k1")
    send(client, event(id=hold.reference))
    for _ in range(9):
        follow_event(ports, ROW)
        assert outcome(ports) == ""
    follow_event(ports, ROW)
    assert outcome(ports) == "unmatched"


def test_a_provider_that_cannot_be_reached_is_asked_again_later(
    client: Client, ports: MemoryPorts
) -> None:
    send(client, event(metadata={"session_id": "ses_1"}))
    for _ in range(9):
        ports.payments.lose_next("read")
        follow_event(ports, ROW)
        assert outcome(ports) == ""
    ports.payments.lose_next("read")
    follow_event(ports, ROW)
    assert outcome(ports) == "gave_up:provider_unavailable"


def outcome(ports: MemoryPorts) -> str:
    kept = ports.store.get(Key(ROW))
    assert kept is not None
    return str(kept.body.get("outcome", ""))
