"""Does a partner's engineer get from a key to a receipt with this API alone?"""

import json
from hashlib import sha256
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.domain.evidence.manifest import problems
from chalicelib.domain.session.charged import ChargerStatus
from chalicelib.usecases.cdr.accept import accept_cdr
from chalicelib.usecases.token.issue import issue

TOKEN = {"driver_reference": "driver-1", "payment_source": "pm_card_visa"}


def start_body(api: Any) -> dict[str, str]:
    """A fresh quote, and the world's token."""
    api.world.start()  # leaves a quote behind
    return {"quote_id": f"quo_{api.world._keys}", "token_id": "tok_card"}


class TestSessions:
    def test_a_start_is_accepted_and_says_where_to_look(self, api: Any) -> None:
        answer = api.post("/v1/sessions", start_body(api), Idempotency_Key="k-1")
        assert answer.status == 202
        assert answer.headers["Location"] == f"/v1/sessions/{answer.json['id']}"
        assert answer.json["state"] == "requested"
        assert api.get(answer.headers["Location"]).json == answer.json

    def test_a_start_that_is_sent_twice_starts_once(self, api: Any) -> None:
        body = start_body(api)
        first = api.post("/v1/sessions", body, Idempotency_Key="k-1")
        again = api.post("/v1/sessions", body, Idempotency_Key="k-1")
        assert first.json == again.json

    def test_a_key_with_another_body_is_refused(self, api: Any) -> None:
        body = start_body(api)
        api.post("/v1/sessions", body, Idempotency_Key="k-1")
        other = api.post("/v1/sessions", {**body, "quote_id": "quo_9"}, Idempotency_Key="k-1")
        assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")

    def test_an_expired_quote_is_refused(self, api: Any) -> None:
        body = start_body(api)
        api.world.ports.clock.forward(minutes=31)
        answer = api.post("/v1/sessions", body, Idempotency_Key="k-1")
        assert (answer.status, answer.json["code"]) == (409, "quote_expired")
        assert answer.json["field"] == "quote_id"

    def test_a_stop_is_accepted_with_or_without_an_empty_body(self, api: Any) -> None:
        id_ = api.world.start().id
        assert api.send("POST", f"/v1/sessions/{id_}/stop").status == 202
        again = api.post(f"/v1/sessions/{id_}/stop", {})
        assert (again.status, again.json["id"]) == (202, id_)

    def test_pages_list_every_session_of_the_month_once(self, api: Any) -> None:
        ids = []
        for _ in range(5):
            ids.append(api.world.start().id)
            api.world.ports.clock.forward(minutes=1)
        seen, query = [], "limit=2"
        while query:
            page = api.get(f"/v1/sessions?{query}").json
            seen += [session["id"] for session in page["data"]]
            query = f"limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""
        assert seen == ids
        assert api.get("/v1/sessions?month=2026-10").json["data"] == []

    def test_a_billed_session_shows_its_price_and_its_evidence(self, api: Any) -> None:
        world = api.world
        session = world.start()
        session = world.report(session, ChargerStatus.ACTIVE, "10", 20)
        running = api.get(f"/v1/sessions/{session.id}").json
        assert running["state"] == "charging"
        assert running["energy_kwh"] == "10"
        assert running["running_cost"] == {"minor": 583, "currency": "EUR"}
        early = api.get(f"/v1/sessions/{session.id}/evidence")
        assert (early.status, early.json["code"]) == (409, "evidence_not_sealed")
        session = world.report(session, ChargerStatus.COMPLETED, "30", 60)
        accept_cdr(world.ports, world.connection, world.cdr(session), "cdr/x.json")
        world.settle()
        billed = api.get(f"/v1/sessions/{session.id}").json
        assert billed["state"] == "billed"
        assert billed["price"]["gross"] == {"minor": 1749, "currency": "EUR"}
        assert billed["price"]["partner_due"] == {"minor": 70, "currency": "EUR"}
        types = [event["type"] for event in api.get("/v1/events").json["data"]]
        assert types == ["session.started", "session.ended", "session.receipt"]

    def test_the_evidence_that_is_handed_out_can_be_checked_offline(self, api: Any) -> None:
        world = api.world
        session = world.report(world.start(), ChargerStatus.COMPLETED, "30", 60)
        accept_cdr(world.ports, world.connection, world.cdr(session), "cdr/x.json")
        world.ports.clock.forward(minutes=30)
        for _ in range(3):
            world.settle()
        stray = f"evidence/{session.id}/session-of-a-try-that-was-killed.json"
        world.ports.files.seal(stray, b"{}", "application/json")
        answer = api.get(f"/v1/sessions/{session.id}/evidence")
        assert answer.status == 200, answer.text
        files = {file["name"]: file for file in answer.json["files"]}
        for file in files.values():
            assert sha256(file["content"].encode()).hexdigest() == file["sha256"]
        assert problems({n: f["content"].encode() for n, f in files.items()}) == []


class TestTokens:
    def test_a_token_is_issued_listed_read_and_withdrawn(self, api: Any) -> None:
        made = api.post("/v1/tokens", TOKEN)
        assert made.status == 201
        assert made.headers["Location"] == f"/v1/tokens/{made.json['id']}"
        assert api.get(made.headers["Location"]).json == made.json
        listed = api.get("/v1/tokens").json["data"]
        assert made.json["id"] in {token["id"] for token in listed}
        gone = api.delete(f"/v1/tokens/{made.json['id']}")
        assert gone.json["valid"] is False
        assert api.get(f"/v1/tokens/{made.json['id']}").json["valid"] is False

    def test_the_drivers_reference_is_not_in_the_table(self, api: Any) -> None:
        api.post("/v1/tokens", TOKEN, Idempotency_Key="k")
        assert "driver-1" not in str(api.world.ports.store.dump())

    def test_tokens_come_in_pages(self, api: Any) -> None:
        made = {api.post("/v1/tokens", {"driver_reference": f"d{n}"}).json["id"] for n in range(5)}
        seen, query = set(), "limit=2"
        while query:
            page = api.get(f"/v1/tokens?{query}").json
            seen |= {token["id"] for token in page["data"]}
            query = f"limit=2&cursor={page['next_cursor']}" if page["has_more"] else ""
        assert seen >= made


class TestRepeats:
    def test_the_answer_is_kept_under_the_key_and_says_so(self, api: Any) -> None:
        first = api.post("/v1/tokens", TOKEN, Idempotency_Key="k")
        again = api.post("/v1/tokens", TOKEN, Idempotency_Key="k")
        assert (again.status, again.text) == (first.status, first.text)
        assert "Idempotent-Replayed" not in first.headers
        assert again.headers["Idempotent-Replayed"] == "true"
        assert again.headers["Location"] == first.headers["Location"]

    def test_the_same_key_with_another_body_is_422(self, api: Any) -> None:
        api.post("/v1/tokens", TOKEN, Idempotency_Key="k")
        other = {**TOKEN, "driver_reference": "driver-2"}
        answer = api.post("/v1/tokens", other, Idempotency_Key="k")
        assert (answer.status, answer.json["code"]) == (422, "idempotency_key_reused")

    def test_a_repeat_while_the_first_is_in_flight_is_409(
        self, api: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        inner: list[Any] = []

        def slow(*arguments: Any) -> Any:
            if not inner:
                inner.append(None)
                inner[0] = api.post("/v1/tokens", TOKEN, Idempotency_Key="k")
            return issue(*arguments)

        monkeypatch.setattr("chalicelib.handlers.partner_api.tokens.issue", slow)
        first = api.post("/v1/tokens", TOKEN, Idempotency_Key="k")
        assert first.status == 201
        assert (inner[0].status, inner[0].json["code"]) == (409, "request_in_flight")
        assert inner[0].headers["Retry-After"]

    def test_a_refusal_is_not_kept_under_the_key(self, api: Any) -> None:
        body = {"url": "http://partner.example/", "events": ["*"]}
        assert api.post("/v1/webhook-endpoints", body, Idempotency_Key="k").status == 422
        body["url"] = "https://partner.example/"
        assert api.post("/v1/webhook-endpoints", body, Idempotency_Key="k").status == 201

    def test_an_endpoint_made_twice_is_one_with_one_secret(self, api: Any) -> None:
        body = {"url": "https://partner.example/"}
        first = api.post("/v1/webhook-endpoints", body, Idempotency_Key="k")
        again = api.post("/v1/webhook-endpoints", body, Idempotency_Key="k")
        assert first.json == again.json
        assert first.json["secret"] not in str(api.world.ports.store.dump())
        other = api.post(
            "/v1/webhook-endpoints", {"url": "https://b.example/"}, Idempotency_Key="k"
        )
        assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")


class TestWebhookEndpoints:
    def test_the_secret_is_shown_once(self, api: Any) -> None:
        made = api.post("/v1/webhook-endpoints", {"url": "https://partner.example/"})
        assert made.json["secret"].startswith("whsec_")
        read = api.get(made.headers["Location"])
        assert "secret" not in read.json
        assert "secret" not in str(api.get("/v1/webhook-endpoints").json)

    def test_a_sixth_endpoint_is_refused(self, api: Any) -> None:
        for number in range(5):
            body = {"url": f"https://partner.example/{number}"}
            assert api.post("/v1/webhook-endpoints", body).status == 201
        answer = api.post("/v1/webhook-endpoints", {"url": "https://partner.example/6"})
        assert (answer.status, answer.json["code"]) == (422, "too_many_webhook_endpoints")

    def test_a_deleted_endpoint_is_gone(self, api: Any) -> None:
        made = api.post("/v1/webhook-endpoints", {"url": "https://partner.example/"}).json
        gone = api.delete(f"/v1/webhook-endpoints/{made['id']}")
        assert (gone.status, gone.text) == (204, "")
        assert api.delete(f"/v1/webhook-endpoints/{made['id']}").status == 404

    def test_a_rotated_secret_is_new(self, api: Any) -> None:
        made = api.post("/v1/webhook-endpoints", {"url": "https://partner.example/"}).json
        rotated = api.post(f"/v1/webhook-endpoints/{made['id']}/rotate-secret")
        assert rotated.status == 200
        assert rotated.json["secret"] != made["secret"]

    def test_a_ping_reaches_the_one_endpoint_and_shows_its_answer(self, api: Any) -> None:
        body = {"url": "https://partner.example/", "events": ["payout.*"]}
        made = api.post("/v1/webhook-endpoints", body).json
        api.post("/v1/webhook-endpoints", {"url": "https://partner.example/other"})
        event = api.post(f"/v1/webhook-endpoints/{made['id']}/ping")
        assert (event.status, event.json["type"]) == (202, "test.ping")
        api.world.settle()
        assert [url for url, _, _ in api.world.ports.web.posted] == ["https://partner.example/"]
        (delivery,) = api.get(f"/v1/events/{event.json['id']}").json["deliveries"]
        assert (delivery["endpoint_id"], delivery["last_status"]) == (made["id"], 204)


class TestEvents:
    def test_an_event_shows_how_it_fared_and_can_be_sent_again(self, api: Any) -> None:
        api.post("/v1/webhook-endpoints", {"url": "https://partner.example/"})
        api.world.ports.web.status = 503
        api.world.report(api.world.start(), ChargerStatus.ACTIVE, "1", 5)
        event = api.get("/v1/events").json["data"][0]
        (delivery,) = api.get(f"/v1/events/{event['id']}").json["deliveries"]
        assert (delivery["state"], delivery["last_status"]) == ("pending", 503)
        assert delivery["next_attempt_at"]
        api.world.ports.web.status = 200
        assert api.post(f"/v1/events/{event['id']}/replay").status == 202
        api.world.settle()
        (delivery,) = api.get(f"/v1/events/{event['id']}").json["deliveries"]
        assert delivery["state"] == "delivered"
        assert "next_attempt_at" not in delivery

    def test_a_replay_without_an_endpoint_says_what_is_missing(self, api: Any) -> None:
        api.world.report(api.world.start(), ChargerStatus.ACTIVE, "1", 5)
        event = api.get("/v1/events").json["data"][0]
        answer = api.post(f"/v1/events/{event['id']}/replay")
        assert (answer.status, answer.json["code"]) == (422, "no_webhook_endpoint")

    def test_the_feed_goes_on_from_its_last_cursor(self, api: Any) -> None:
        session = api.world.report(api.world.start(), ChargerStatus.ACTIVE, "1", 5)
        first = api.get("/v1/events").json
        assert first["has_more"] is False
        api.world.report(session, ChargerStatus.COMPLETED, "2", 10)
        second = api.get(f"/v1/events?cursor={first['next_cursor']}").json
        assert [event["type"] for event in second["data"]] == ["session.ended"]


class TestTerms:
    def test_a_prepaid_partner_sees_its_balance(self, api: Any) -> None:
        prepaid = api.as_partner(PaymentMethod.PREPAID)
        api.world.start(PaymentMethod.PREPAID)
        (purse,) = prepaid.get("/v1/balance").json["data"]
        assert purse["method"] == "prepaid"
        assert purse["funded"] == {"minor": 50_000, "currency": "EUR"}
        assert purse["reserved"] == {"minor": 3000, "currency": "EUR"}
        assert purse["available"] == {"minor": 47_000, "currency": "EUR"}

    def test_a_fleet_sees_its_credit_limit(self, api: Any) -> None:
        (purse,) = api.as_partner(PaymentMethod.INVOICE).get("/v1/balance").json["data"]
        assert purse["available"] == {"minor": 100_000, "currency": "EUR"}

    def test_agreements_are_listed_and_read(self, api: Any) -> None:
        (agreement,) = api.get("/v1/agreements").json["data"]
        assert agreement["in_force"] is True
        assert agreement["commission"] == "0.08"
        assert api.get(f"/v1/agreements/{agreement['id']}").json == agreement

    def test_a_partner_without_statements_gets_an_empty_list(self, api: Any) -> None:
        assert api.get("/v1/statements").json == {"data": [], "has_more": False}


def test_answers_are_exact_text_and_not_cached(api: Any) -> None:
    api.world.start()
    answer = api.get("/v1/sessions")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "." not in json.dumps(answer.json["data"][0]["payment"])
