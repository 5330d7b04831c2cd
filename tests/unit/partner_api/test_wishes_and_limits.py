"""What may a partner say of a token's limits and of a driver's wishes?"""

from typing import Any

import pytest

from chalicelib.domain.session.charged import ChargerStatus

BUDGET = {"of": "cost_centre", "every": "month", "amount": {"minor": 20000, "currency": "EUR"}}
LIMITS: dict[str, Any] = {
    "session_amount": {"minor": 5000, "currency": "EUR"},
    "budgets": [BUDGET],
    "hours": [{"begin": "06:00", "end": "22:00", "days": [1, 2, 3, 4, 5]}],
    "countries": ["DE"],
    "cpo_ids": [],
    "location_ids": [],
}
WANTED = {"driver_reference": "d1", "cost_centre": "sales", "limits": LIMITS}


def test_a_tokens_limits_are_kept_and_shown_and_taken_away(api: Any) -> None:
    made = api.post("/v1/tokens", WANTED)
    assert made.status == 201, made.text
    assert made.json["limits"] == LIMITS
    assert api.get(f"/v1/tokens/{made.json['id']}").json["cost_centre"] == "sales"
    again = api.post("/v1/tokens", {"driver_reference": "d1"})
    assert again.json["id"] == made.json["id"]
    assert "limits" not in again.json


@pytest.mark.parametrize(
    "change",
    [
        {"session_amount": {"minor": 0, "currency": "EUR"}},
        {"session_amount": {"minor": 5, "currency": "XXY"}},
        {"hours": [{"begin": "6", "end": "22:00"}]},
        {"hours": [{"begin": "06:00", "end": "22:00", "days": [8]}]},
        {"countries": ["Germany"]},
        {"budgets": [{**BUDGET, "of": "vehicle"}]},  # and it names no vehicle
    ],
)
def test_limits_without_a_reading_are_refused(api: Any, change: dict[str, Any]) -> None:
    answer = api.post("/v1/tokens", {**WANTED, "limits": {**LIMITS, **change}})
    assert answer.status == 422, answer.text
    assert "limits" in answer.text


def test_wishes_are_sent_while_it_charges(api: Any) -> None:
    session = api.world.start()
    path = f"/v1/sessions/{session.id}/preferences"
    body = {"profile": "GREEN", "departure_at": "2026-11-16T18:00:00Z", "energy_need_kwh": "20.5"}
    assert api.post(path, body).status == 409
    api.world.report(session, ChargerStatus.ACTIVE, "1", 5)
    assert api.post(path, {**body, "profile": "LOUD"}).status == 422
    assert api.post(path, body).status == 202
    api.world.settle()
    (told,) = api.world.ports.cpos.preferred.values()
    assert (told.profile, str(told.energy_need_kwh)) == ("GREEN", "20.5")
