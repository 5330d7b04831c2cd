"""Is every mistake refused clearly, in the one form, with nothing written?"""

import json
from typing import Any

import pytest

from chalicelib.domain.access.key import Scope
from chalicelib.domain.agreement.agreement import PaymentMethod
from chalicelib.usecases.access.issue_key import revoke_key

JSON = {"Content_Type": "application/json"}
TOKEN = {"driver_reference": "driver-1", "payment_source": "pm_card_visa"}


def refused(answer: Any, status: int, code: str, field: str = "") -> dict[str, Any]:
    """The problem, after checking its form."""
    assert (answer.status, answer.json["code"]) == (status, code), answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    problem: dict[str, Any] = answer.json
    assert problem["status"] == status
    assert problem["type"] == f"https://channel.example/v1/docs#{code}"
    assert problem["title"]
    assert problem["detail"]
    assert problem["how_to_fix"]
    assert problem["request_id"]
    assert problem.get("field", "") == field
    return problem


@pytest.fixture
def unchanged(api: Any) -> Any:
    """Afterwards the table is as it was."""
    before = api.world.ports.store.dump()
    yield
    assert api.world.ports.store.dump() == before


@pytest.mark.usefixtures("unchanged")
class TestNothingIsWritten:
    @pytest.mark.parametrize(
        "raw",
        [
            b"{",
            b"",
            b"\xff{}",
            b"[1, 2",
            b'{"driver_reference": "a", "driver_reference": "b"}',
            b'{"driver_reference": NaN}',
            b'{"driver_reference": 1e999999999}',
            b'{"driver_reference": ' + b"9" * 5000 + b"}",
            b'{"driver_reference": "\\ud800"}',
            b"[" * 30_000,
        ],
    )
    def test_a_body_that_is_not_json_is_refused(self, api: Any, raw: bytes) -> None:
        refused(api.send("POST", "/v1/tokens", raw, **JSON), 400, "malformed_json")

    def test_a_body_of_2_mb_is_refused(self, api: Any) -> None:
        raw = json.dumps({"driver_reference": "x" * 2_000_000}).encode()
        refused(api.send("POST", "/v1/tokens", raw, **JSON), 413, "body_too_large")

    @pytest.mark.parametrize(
        "content_type",
        ["text/plain", "application/xml", "application/json; charset=utf-16", "", "image/png"],
    )
    def test_a_wrong_content_type_is_refused(self, api: Any, content_type: str) -> None:
        raw = json.dumps(TOKEN).encode()
        answer = api.send("POST", "/v1/tokens", raw, Content_Type=content_type)
        refused(answer, 415, "unsupported_media_type", "Content-Type")

    def test_a_wrong_method_is_refused_and_the_right_ones_are_named(self, api: Any) -> None:
        answer = api.send("PUT", "/v1/tokens")
        refused(answer, 405, "method_not_allowed")
        assert set(answer.headers["Allow"].split(", ")) == {"GET", "POST"}

    @pytest.mark.parametrize(
        ("body", "field"),
        [
            ([], ""),
            ("text", ""),
            (None, ""),
            ({}, "driver_reference"),
            ({"driver_reference": 7}, "driver_reference"),
            ({"driver_reference": ""}, "driver_reference"),
            ({"driver_reference": "a\nb"}, "driver_reference"),
            ({"driver_reference": "x" * 201}, "driver_reference"),
            ({"driver_reference": "a", "payment_source": "pm card"}, "payment_source"),
            ({"driver_reference": "a", "colour": "red"}, "colour"),
        ],
    )
    def test_a_wrong_type_or_field_is_refused_by_name(
        self, api: Any, body: Any, field: str
    ) -> None:
        answer = api.send("POST", "/v1/tokens", json.dumps(body).encode(), **JSON)
        refused(answer, 422, "invalid", field)

    def test_every_wrong_field_is_named_at_once(self, api: Any) -> None:
        plan = {"location_id": "x", "evse_uid": 1, "energy_kwh": "many", "duration_s": 0}
        problem = refused(api.post("/v1/quotes", plan), 422, "invalid", "evse_uid")
        fields = {error["field"]: error["code"] for error in problem["errors"]}
        assert fields["connector_id"] == "required"
        assert {"evse_uid", "energy_kwh", "duration_s"} < set(fields)

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=0", "limit"),
            ("limit=101", "limit"),
            ("limit=ten", "limit"),
            ("month=202611", "month"),
            ("limit=1&limit=2", "limit"),
            ("page=2", "page"),
        ],
    )
    def test_a_wrong_query_parameter_is_refused_by_name(
        self, api: Any, query: str, field: str
    ) -> None:
        refused(api.get(f"/v1/sessions?{query}"), 422, "invalid", field)

    @pytest.mark.parametrize(
        "cursor", ["x", "%00", "bm90IGpzb24", "W10", "WyJldmVudHMiLHsiYWZ0ZXIiOjF9XQ"]
    )
    @pytest.mark.parametrize("listing", ["sessions", "events", "tokens", "statements"])
    def test_a_cursor_that_the_list_never_gave_is_refused(
        self, api: Any, listing: str, cursor: str
    ) -> None:
        answer = api.get(f"/v1/{listing}?cursor={cursor}")
        refused(answer, 422, "cursor_invalid", "cursor")

    @pytest.mark.parametrize(
        ("path", "field"),
        [
            ("/v1/sessions/ses_0", "session_id"),
            ("/v1/sessions/ses_0/evidence", "session_id"),
            ("/v1/tokens/tok_0", "token_id"),
            ("/v1/locations/loc_0", "location_id"),
            ("/v1/agreements/agr_0", "agreement_id"),
            ("/v1/sessions/a%23b", "session_id"),
            ("/v1/sessions/" + "a" * 101, "session_id"),
        ],
    )
    def test_an_unknown_id_is_not_found(self, api: Any, path: str, field: str) -> None:
        answer = api.get(path)
        assert answer.status == 404
        assert answer.json["field"] == field
        assert answer.json["how_to_fix"]

    @pytest.mark.parametrize(
        "path",
        ["/v1/events/evt_0", "/v1/events/evt_" + "f" * 32, "/v1/webhook-endpoints/whe_0"],
    )
    def test_an_unknown_event_or_endpoint_is_not_found(self, api: Any, path: str) -> None:
        field = "event_id" if "events" in path else "endpoint_id"
        refused(api.get(path), 404, "not_found", field)

    @pytest.mark.parametrize(
        "header", ["", "Bearer", "Bearer ", "Bearer plugrail_live_0", "Basic abc", "Bearer \u00fc"]
    )
    def test_a_missing_or_unknown_key_is_one_and_the_same_refusal(
        self, api: Any, header: str
    ) -> None:
        answer = api.send("GET", "/v1/sessions", Authorization=header)
        problem = refused(answer, 401, "unauthenticated", "Authorization")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert problem["detail"] == "the request carries no API key that is valid here"

    def test_a_start_without_an_idempotency_key_is_refused(self, api: Any) -> None:
        answer = api.post("/v1/sessions", {"quote_id": "quo_1", "token_id": "tok_1"})
        refused(answer, 400, "idempotency_key_missing", "Idempotency-Key")

    @pytest.mark.parametrize("key", ["x" * 256, "a\tb", "\u00fc"])
    def test_a_strange_idempotency_key_is_refused(self, api: Any, key: str) -> None:
        answer = api.post("/v1/tokens", TOKEN, Idempotency_Key=key)
        refused(answer, 422, "invalid", "Idempotency-Key")

    @pytest.mark.parametrize(
        "url",
        [
            "http://partner.example/hook",
            "ftp://partner.example",
            "https://",
            "https://localhost/hook",
            "https://127.0.0.1/hook",
            "https://[::1]/hook",
            "https://10.0.0.1/",
            "https://169.254.169.254/latest/meta-data",
            "https://user:secret@partner.example/",
            "https://partner.example/#part",
            "https://partner.example:99999/",
            "not a url",
        ],
    )
    def test_a_url_that_nobody_could_deliver_to_is_refused(self, api: Any, url: str) -> None:
        refused(api.post("/v1/webhook-endpoints", {"url": url}), 422, "invalid", "url")

    def test_a_subscription_to_nothing_known_names_the_one(self, api: Any) -> None:
        body = {"url": "https://partner.example/", "events": ["session.*", "Session!"]}
        answer = api.post("/v1/webhook-endpoints", body)
        refused(answer, 422, "invalid", "events[1]")

    def test_events_since_long_ago_or_without_a_zone_are_refused(self, api: Any) -> None:
        for since in ("2020-01-01T00:00:00Z", "2026-11-16T08:00:00", "yesterday"):
            refused(api.get(f"/v1/events?since={since}"), 422, "invalid", "since")


def test_a_revoked_key_is_refused(api: Any) -> None:
    listed = api.world.ports.store.query(f"partner#{api.partner_id}", prefix="key#")
    revoke_key(api.world.ports, api.partner_id, listed[0].key.sk.removeprefix("key#"))
    refused(api.get("/v1/sessions"), 401, "unauthenticated", "Authorization")


def test_a_key_without_the_scope_is_told_which_one_it_lacks(api: Any) -> None:
    reader = api.as_partner(PaymentMethod.CARD, Scope.SESSIONS_READ)
    assert reader.get("/v1/sessions").status == 200
    problem = refused(reader.get("/v1/tokens"), 403, "scope_missing")
    assert "tokens:read" in problem["how_to_fix"]


def test_a_bug_of_ours_is_told_in_the_same_form(api: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("chalicelib.handlers.partner_api.balance.balances_of", broken)
    refused(api.get("/v1/balance"), 500, "internal_error")
