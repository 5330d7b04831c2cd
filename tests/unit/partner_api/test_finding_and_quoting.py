"""Does a driver find a charger, learn its price, and get exactly that price promised?"""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chalicelib.domain.agreement.agreement import Agreement, PaymentMethod
from chalicelib.domain.codec import from_plain, instant_text
from chalicelib.domain.network.location import Connector, Evse, EvseStatus, Location
from chalicelib.usecases import keys
from chalicelib.usecases.network.accept_location import accept_location
from chalicelib.usecases.records import create
from sandbox.memory.world import CPO, PEER, ZONE

NEAR = "latitude=50.1109&longitude=8.6821"


@pytest.fixture
def place(api: Any) -> Location:
    """A site in Frankfurt: a fast charger that is free, and a slow one that is taken."""
    ports = api.world.ports
    now = ports.clock.now()
    fast = Connector("1", "IEC_62196_T2_COMBO", "DC", 150_000, ("T1",))
    slow = Connector("1", "IEC_62196_T2", "AC_3_PHASE", 22_000, ("T1",))
    location = Location(
        peer_id=PEER,
        cpo_id=CPO,
        country_code="DE",
        party_id="RHE",
        id="L1",
        name="Hauptbahnhof",
        address="Am Hauptbahnhof 1",
        city="Frankfurt",
        country="DE",
        latitude=Decimal("50.1070001"),
        longitude=Decimal("8.6630000"),
        time_zone=ZONE,
        evses=(
            Evse("E1", "DE*RHE*E1", EvseStatus.AVAILABLE, (fast,), now),
            Evse("E2", "DE*RHE*E2", EvseStatus.CHARGING, (slow,), now),
        ),
        last_updated=now,
    )
    accept_location(ports, api.world.connection, location, "{}")
    return location


def plan(api: Any, **other: Any) -> dict[str, Any]:
    found = api.get(f"/v1/locations?{NEAR}").json["data"][0]
    wanted = {"evse_uid": "E1", "connector_id": "1", "energy_kwh": 30, "duration_s": 3600}
    return {"location_id": found["id"], **wanted, **other}


@pytest.mark.usefixtures("place")
class TestSearch:
    def test_a_location_near_by_is_found_with_its_distance(self, api: Any) -> None:
        (found,) = api.get(f"/v1/locations?{NEAR}").json["data"]
        assert found["id"].startswith("loc_")
        assert 1300 < found["distance_m"] < 1600
        assert (found["latitude"], found["longitude"]) == ("50.1070001", "8.6630000")
        assert [evse["uid"] for evse in found["evses"]] == ["E1", "E2"]

    @pytest.mark.parametrize(
        ("wish", "evses"),
        [
            ("min_power_w=100000", ["E1"]),
            ("connector=IEC_62196_T2", ["E2"]),
            ("available=true", ["E1"]),
            ("available=false", ["E1", "E2"]),
        ],
    )
    def test_a_wish_leaves_what_fits(self, api: Any, wish: str, evses: list[str]) -> None:
        (found,) = api.get(f"/v1/locations?{NEAR}&{wish}").json["data"]
        assert [evse["uid"] for evse in found["evses"]] == evses

    @pytest.mark.parametrize("wish", ["radius_m=1000", "connector=CHADEMO", "min_power_w=200000"])
    def test_what_does_not_fit_is_not_shown(self, api: Any, wish: str) -> None:
        answer = api.get(f"/v1/locations?{NEAR}&{wish}")
        assert answer.json == {"data": [], "has_more": False}

    def test_a_location_is_read_by_its_id(self, api: Any) -> None:
        (found,) = api.get(f"/v1/locations?{NEAR}").json["data"]
        read = api.get(f"/v1/locations/{found['id']}").json
        assert read == {
            name: part for name, part in found.items() if name not in ("distance_m", "reliability")
        }

    def test_a_location_that_becomes_private_is_not_shown_any_more(
        self, api: Any, place: Location
    ) -> None:
        (found,) = api.get(f"/v1/locations?{NEAR}").json["data"]
        hidden = replace(place, publish=False)
        accept_location(api.world.ports, api.world.connection, hidden, "{}")
        assert api.get(f"/v1/locations?{NEAR}").json["data"] == []
        assert api.get(f"/v1/locations/{found['id']}").status == 404

    def test_a_cpo_without_an_agreement_is_not_shown(self, api: Any) -> None:
        store = api.world.ports.store
        (row,) = store.query(keys.agreements(api.partner_id), prefix="agreement#")
        ended = replace(from_plain(Agreement, row.body), ended=date(2026, 2, 1))
        store.write(replace(create(row.key, ended), expects=row.version))
        assert api.get(f"/v1/locations?{NEAR}").json["data"] == []

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("", "latitude"),
            ("latitude=91&longitude=8", "latitude"),
            ("latitude=NaN&longitude=8", "latitude"),
            ("latitude=50&longitude=x", "longitude"),
            (f"{NEAR}&radius_m=50001", "radius_m"),
            (f"{NEAR}&available=perhaps", "available"),
            (f"{NEAR}&connector=A-B", "connector"),
        ],
    )
    def test_a_question_without_sense_is_refused(self, api: Any, query: str, field: str) -> None:
        answer = api.get(f"/v1/locations?{query}")
        assert (answer.status, answer.json["field"]) == (422, field)


@pytest.mark.usefixtures("place")
class TestQuotes:
    @pytest.mark.parametrize("energy", [30, 30.0, "30", "30.000"])
    def test_a_quote_promises_the_published_price(self, api: Any, energy: Any) -> None:
        answer = api.post("/v1/quotes", plan(api, energy_kwh=energy))
        assert answer.status == 201, answer.text
        assert answer.json["expected"] == {"minor": 1749, "currency": "EUR"}
        assert answer.json["hold"]["minor"] >= 1749
        assert Decimal(answer.json["energy_kwh"]) == 30
        assert api.get(answer.headers["Location"]).json == answer.json
        other = api.as_partner(PaymentMethod.PREPAID)
        assert other.get(answer.headers["Location"]).status == 404

    def test_a_quote_starts_a_session_at_its_place(self, api: Any) -> None:
        quote = api.post("/v1/quotes", plan(api)).json
        body = {"quote_id": quote["id"], "token_id": "tok_card"}
        session = api.post("/v1/sessions", body, Idempotency_Key="k").json
        assert session["quote_id"] == quote["id"]
        assert session["location_id"] == quote["location_id"]
        assert api.get(f"/v1/locations/{session['location_id']}").json["name"] == "Hauptbahnhof"
        assert session["payment"]["hold"] == quote["hold"]

    def test_a_repeated_request_gets_the_same_quote(self, api: Any) -> None:
        first = api.post("/v1/quotes", plan(api), Idempotency_Key="k").json
        assert api.post("/v1/quotes", plan(api), Idempotency_Key="k").json == first
        assert api.post("/v1/quotes", plan(api)).json["id"] != first["id"]

    @pytest.mark.parametrize(
        ("wrong", "status", "field"),
        [
            ({"location_id": "loc_0"}, 404, "location_id"),
            ({"evse_uid": "E9"}, 422, "evse_uid"),
            ({"connector_id": "9"}, 422, "connector_id"),
            ({"energy_kwh": 0}, 422, "energy_kwh"),
            ({"energy_kwh": 1001}, 422, "energy_kwh"),
            ({"energy_kwh": True}, 422, "energy_kwh"),
            ({"energy_kwh": "1e3"}, 422, "energy_kwh"),
            ({"duration_s": 60.5}, 422, "duration_s"),
            ({"duration_s": "60"}, 422, "duration_s"),
        ],
    )
    def test_a_plan_that_cannot_be_is_refused_by_field(
        self, api: Any, wrong: dict[str, Any], status: int, field: str
    ) -> None:
        answer = api.post("/v1/quotes", plan(api, **wrong))
        assert (answer.status, answer.json["field"]) == (status, field), answer.text


@pytest.mark.usefixtures("place")
class TestPlans:
    def test_the_worst_case_that_the_hold_suffices_for_is_stated(self, api: Any) -> None:
        quote = api.post("/v1/quotes", plan(api)).json
        worst = quote["worst_case"]
        # 36 kWh at 0.49 and 19 %: 20.9916; from now until it expires, the start and 72 minutes
        assert worst["amount"] == quote["hold"] == {"minor": 2099, "currency": "EUR"}
        assert (worst["energy_kwh"], worst["duration_s"]) == ("36.0", 4320)
        assert worst["earliest"] == quote["made_at"] == quote["arrival_at"]
        lasts = datetime.fromisoformat(worst["latest"]) - datetime.fromisoformat(quote["made_at"])
        assert lasts == timedelta(minutes=30 + 15 + 72)
        assert (quote["hold_reason"], quote["binding"]) == ("worst_case", True)

    def test_the_prices_that_a_driver_must_be_shown_are_in_the_answer(self, api: Any) -> None:
        shown = api.post("/v1/quotes", plan(api)).json["prices"]
        assert shown == {
            "from_50_kw": True,
            "at_arrival": [{"per": "kWh", "of": "energy", "amount": "0.5831"}],
            "later": [],
            "others": [],
            "departures": [],
        }
        slow = api.post("/v1/quotes", plan(api, evse_uid="E2")).json["prices"]
        assert slow["from_50_kw"] is False

    def test_a_power_curve_gives_the_time_that_the_car_needs(self, api: Any) -> None:
        curve = [{"power_kw": 120, "duration_s": 600}, {"power_kw": "50", "duration_s": 3600}]
        wanted = plan(api, power_kw=curve, energy_kwh=30)
        del wanted["duration_s"]
        answer = api.post("/v1/quotes", wanted)
        assert answer.status == 201, answer.text
        assert answer.json["duration_s"] == 600 + 720  # 20 kWh, then 10 more at 50 kW
        assert [step["power_kw"] for step in answer.json["power_kw"]] == ["120", "50"]
        assert api.get(answer.headers["Location"]).json == answer.json

    def test_a_later_arrival_is_planned_from_then_on(self, api: Any) -> None:
        now = api.world.ports.clock.now()
        soon = instant_text(now + timedelta(minutes=20))
        answer = api.post("/v1/quotes", plan(api, arrival_at=soon))
        assert (answer.json["arrival_at"], answer.json["binding"]) == (soon, True)
        assert api.get(answer.headers["Location"]).json == answer.json

    def test_an_arrival_tomorrow_is_priced_for_information_and_starts_nothing(
        self, api: Any
    ) -> None:
        later = instant_text(api.world.ports.clock.now() + timedelta(days=1))
        quote = api.post("/v1/quotes", plan(api, arrival_at=later)).json
        assert (quote["binding"], quote["expires_at"]) == (False, quote["made_at"])
        assert quote["worst_case"]["earliest"] == later
        body = {"quote_id": quote["id"], "token_id": "tok_card"}
        refused = api.post("/v1/sessions", body, Idempotency_Key="k")
        assert (refused.status, refused.json["code"]) == (409, "quote_expired"), refused.text

    @pytest.mark.parametrize(
        ("wrong", "field"),
        [
            ({"arrival_at": "2020-01-01T00:00:00Z"}, "arrival_at"),
            ({"arrival_at": "2126-01-01T00:00:00Z"}, "arrival_at"),
            ({"arrival_at": "tomorrow"}, "arrival_at"),
            ({"power_kw": []}, "power_kw"),
            ({"power_kw": [{"power_kw": -1, "duration_s": 60}]}, "power_kw[0].power_kw"),
            ({"power_kw": [{"power_kw": 10, "duration_s": 60}]}, "power_kw"),
            ({"power_kw": [{"power_kw": 10, "duration_s": 172_800}]}, "duration_s"),
            ({"duration_s": None}, "duration_s"),
        ],
    )
    def test_a_plan_without_sense_is_refused_by_field(
        self, api: Any, wrong: dict[str, Any], field: str
    ) -> None:
        answer = api.post("/v1/quotes", plan(api, **wrong))
        assert (answer.status, answer.json["field"]) == (422, field), answer.text
