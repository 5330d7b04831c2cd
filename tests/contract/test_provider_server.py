"""How does the simulated provider behave as a server? Keys, webhooks on tick, the bank's page."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from chalicelib.adapters.stripe.webhook import StripeEvents
from sandbox.memory.plain import MemorySecrets
from sandbox.peers.provider.app import App
from sandbox.peers.provider.config import Config
from sandbox.peers.provider.journal import Journal
from sandbox.peers.provider.provider import Provider

NOW = 1_795_000_000
KEY = {"authorization": f"Bearer {Config().api_key}"}
CARD = {
    "amount": "5000",
    "currency": "eur",
    "capture_method": "manual",
    "confirm": "true",
    "payment_method": "pm_card_visa",
}


class Receiver:
    """The channel's end of the webhooks: answers what it is told to, and keeps what it proved."""

    def __init__(self) -> None:
        secrets = MemorySecrets()
        secrets.write("w", json.dumps(["whsec_1"]))
        self._events = StripeEvents(secrets, "w")
        self.status = 200
        self.got: list[tuple[str, str]] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        event = self._events.read(request.content, request.headers["stripe-signature"])
        self.got.append((event.id, event.type))
        return httpx.Response(self.status)


class Server:
    def __init__(self) -> None:
        self.now = NOW
        self.receiver = Receiver()
        self.provider = Provider(Config(), Journal(None), "http://provider")
        self.app = App(self.provider, lambda: self.now)
        self.app._web = httpx.AsyncClient(transport=httpx.MockTransport(self.receiver))
        self.sim("webhook", url="http://channel/webhooks/stripe", secret="whsec_1")

    def request(self, method: str, path: str, **options: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://provider") as web:
                return await web.request(method, path, **options)

        return asyncio.run(ask())

    def api(self, path: str, form: dict[str, str]) -> dict[str, Any]:
        response = self.request("POST", f"/v1/{path}", data=form, headers=KEY)
        assert response.status_code == 200, response.text
        said: dict[str, Any] = response.json()
        return said

    def sim(self, name: str, **said: Any) -> dict[str, Any]:
        response = self.request("POST", f"/sim/{name}", json=said)
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer sk_test_other"}])
def test_a_wrong_key_is_refused(server: Server, headers: dict[str, str]) -> None:
    assert server.request("GET", "/v1/balance", headers=headers).status_code == 401


def test_events_are_delivered_signed_on_a_tick(server: Server) -> None:
    intent = server.api("payment_intents", CARD)
    assert not server.receiver.got
    answer = server.sim("tick", now="2026-11-18T12:00:00Z")
    assert (answer["delivered"], answer["failed"]) == (2, 0)
    assert [type_ for _, type_ in server.receiver.got] == [
        "payment_intent.created",
        "payment_intent.amount_capturable_updated",
    ]
    server.api(f"payment_intents/{intent['id']}/capture", {})
    assert server.sim("tick")["delivered"] == 1  # charge.captured was not asked for


def test_an_event_that_is_not_taken_comes_again_later(server: Server) -> None:
    server.receiver.status = 503
    server.api("payment_intents", CARD)
    assert server.sim("tick")["failed"] == 2
    assert server.sim("tick")["failed"] == 0
    server.receiver.status = 200
    server.now += 240
    assert server.sim("tick")["delivered"] == 2


def test_stripe_gives_up_after_three_days(server: Server) -> None:
    server.receiver.status = 500
    server.api("payment_intents", CARD)
    for _ in range(40):
        server.sim("tick")
        server.now += 3 * 3600
    assert not server.provider.books.outbox
    server.receiver.status = 200
    assert server.sim("redeliver", last=1) == {"queued": 1}
    assert server.sim("tick")["delivered"] == 1


def test_events_can_be_repeated_and_reversed(server: Server) -> None:
    server.api("payment_intents", CARD)
    server.sim("tick", repeat=2, reverse=True)
    ids = [id_ for id_, _ in server.receiver.got]
    assert ids == sorted(ids, reverse=True)
    assert len(ids) == 2 * len(set(ids))


def test_a_tick_says_when_something_is_next_due(server: Server) -> None:
    server.api("payment_intents", CARD)
    server.sim("tick")
    assert server.sim("tick")["next"] == "2026-11-25T11:06:40Z"  # the hold lapses
    server.now += 7 * 86_400
    server.receiver.got.clear()
    assert server.sim("tick")["next"] is None
    assert [type_ for _, type_ in server.receiver.got] == ["payment_intent.canceled"]


def test_the_bank_page_leads_back_to_the_app(server: Server) -> None:
    form = {**CARD, "payment_method": "pm_card_authenticationRequired"}
    intent = server.api("payment_intents", {**form, "return_url": "https://app.example/done?a=1"})
    url = intent["next_action"]["redirect_to_url"]["url"]
    assert "50.00 EUR" in server.request("GET", url).text
    back = server.request("POST", f"{url}?outcome=approve")
    assert back.status_code == 303
    where = f"https://app.example/done?a=1&payment_intent={intent['id']}&redirect_status=succeeded"
    assert back.headers["location"] == where
    shown = server.request("GET", f"/v1/payment_intents/{intent['id']}", headers=KEY).json()
    assert shown["status"] == "requires_capture"
    assert server.request("POST", f"{url}?outcome=approve").status_code == 400


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("fault", {"call": "x"}),
        ("card", {"decline": "x"}),
        ("webhook", {}),
        ("complete-action", {"session_id": "ses_9"}),
        ("nothing", {}),
    ],
)
def test_a_control_that_makes_no_sense_is_refused(
    server: Server, name: str, said: dict[str, Any]
) -> None:
    response = server.request("POST", f"/sim/{name}", json=said)
    assert response.status_code in {400, 404}
    assert response.json()["error"]["message"]


def test_the_state_adds_everything_up(server: Server) -> None:
    intent = server.api("payment_intents", CARD)["id"]
    server.api(f"payment_intents/{intent}/capture", {"amount_to_capture": "1749"})
    state = server.request("GET", "/sim/state").json()
    assert state["sums"] == {"channel.charge": {"EUR": 1749}, "channel.fee": {"EUR": 51}}
    assert state["balances"] == {"channel": {"EUR": {"available": 0, "pending": 1698}}}
    assert state["counts"] == {"payment_intent.succeeded": 1}
