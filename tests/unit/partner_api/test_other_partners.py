"""Is one partner's object invisible to another, exactly as if it were not there?"""

from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import PaymentMethod


@pytest.fixture
def other(api: Any) -> Any:
    return api.as_partner(PaymentMethod.PREPAID)


def same_refusal(real: Any, unknown: Any, real_id: str, unknown_id: str) -> None:
    assert real.status == unknown.status == 404
    mine, theirs = real.json, unknown.json
    mine.pop("request_id"), theirs.pop("request_id")
    assert str(mine).replace(real_id, unknown_id) == str(theirs)


def test_a_session_of_another_partner_is_not_there(api: Any, other: Any) -> None:
    id_ = api.world.start().id
    unknown = "ses_" + "0" * 32
    assert api.get(f"/v1/sessions/{id_}").status == 200
    for path in ("", "/evidence"):
        real = other.get(f"/v1/sessions/{id_}{path}")
        same_refusal(real, other.get(f"/v1/sessions/{unknown}{path}"), id_, unknown)
    stopped = other.post(f"/v1/sessions/{id_}/stop")
    assert stopped.status == 404
    assert api.get(f"/v1/sessions/{id_}").json["state"] != "stopping"
    assert other.get("/v1/sessions").json["data"] == []


def test_a_token_of_another_partner_can_be_neither_read_nor_withdrawn(api: Any, other: Any) -> None:
    id_ = api.post("/v1/tokens", {"driver_reference": "d"}).json["id"]
    unknown = "tok_" + "0" * 32
    real, none = other.get(f"/v1/tokens/{id_}"), other.get(f"/v1/tokens/{unknown}")
    same_refusal(real, none, id_, unknown)
    assert other.delete(f"/v1/tokens/{id_}").status == 404
    assert api.get(f"/v1/tokens/{id_}").json["valid"] is True


def test_an_endpoint_and_an_event_of_another_partner_are_not_there(api: Any, other: Any) -> None:
    made = api.post("/v1/webhook-endpoints", {"url": "https://partner.example/"}).json
    assert other.get(f"/v1/webhook-endpoints/{made['id']}").status == 404
    assert other.delete(f"/v1/webhook-endpoints/{made['id']}").status == 404
    assert other.post(f"/v1/webhook-endpoints/{made['id']}/rotate-secret").status == 404
    api.world.start()
    session = api.get("/v1/sessions").json["data"][0]
    api.post(f"/v1/sessions/{session['id']}/stop")
    for event in api.get("/v1/events").json["data"]:
        assert other.get(f"/v1/events/{event['id']}").status == 404
        assert other.post(f"/v1/events/{event['id']}/replay").status == 404


def test_another_partners_token_or_quote_starts_nothing(api: Any, other: Any) -> None:
    api.world.start()  # makes the quote
    body = {"quote_id": "quo_1", "token_id": "tok_card"}
    answer = other.post("/v1/sessions", body, Idempotency_Key="k")
    assert answer.status == 404
    assert answer.json["field"] in {"quote_id", "token_id"}
    assert other.get("/v1/sessions").json["data"] == []


def test_two_partners_may_use_the_same_idempotency_key(api: Any, other: Any) -> None:
    body = {"driver_reference": "d"}
    first = api.post("/v1/tokens", body, Idempotency_Key="k").json
    second = other.post("/v1/tokens", body, Idempotency_Key="k").json
    assert first["id"] != second["id"]
