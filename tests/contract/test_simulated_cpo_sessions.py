"""Does the simulated CPO charge, tell and bill as a CPO does, and fail as it is told to?"""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from tests.contract.recording_emsp import EMSP, World, start_command

CLEAN = [
    "POST commands",
    "PUT sessions",
    "PATCH sessions",
    "PATCH sessions",
    "PATCH sessions",
    "POST cdrs",
]
QUARTER: dict[str, Any] = {"energy_kwh": "10", "duration_s": 900}  # two PATCHes, then COMPLETED


@pytest.fixture
def world() -> Iterator[World]:
    made = World().register()
    yield made
    made.close()


def run(world: World, fault: Any = (), until: str = "20T12:00", **plan: Any) -> list[str]:
    world.start(fault=fault, **{**QUARTER, **plan})
    world.tick(until)
    return world.emsp.kinds()


def pulled(world: World, module: str, query: str = "date_from=2026-11-20T00:00:00Z") -> list[Any]:
    found: list[Any] = world.ocpi("GET", f"/{module}?{query}").json()["data"]
    return found


def test_a_clean_session_is_told_from_its_start_to_its_cdr(world: World) -> None:
    assert run(world) == CLEAN
    put, cdr = world.emsp.bodies("PUT", "sessions")[0], world.emsp.bodies("POST", "cdrs")[0]
    assert (put["status"], put["kwh"], put["authorization_reference"]) == ("ACTIVE", 0, "ses_1")
    assert world.emsp.bodies("POST", "commands") == [{"result": "ACCEPTED"}]
    last = world.emsp.bodies("PATCH", "sessions")[-1]
    assert (last["status"], last["kwh"]) == ("COMPLETED", 10)
    assert cdr["total_energy"] == 10
    assert cdr["total_cost"] == {"excl_vat": 4.9, "incl_vat": 5.831}
    assert cdr["session_id"] == put["id"]
    assert world.complaints == ["POST cdrs: answered without Location"] or not world.complaints


def test_the_same_told_twice_reads_the_same(world: World) -> None:
    """What GET has is what PUT and the PATCHes carried."""
    run(world)
    session = pulled(world, "sessions")[0]
    told = [p for b in world.emsp.bodies("PATCH", "sessions") for p in b["charging_periods"]]
    assert session["charging_periods"] == told
    assert sum(Decimal(str(p["dimensions"][0]["volume"])) for p in told) == 10
    assert pulled(world, "cdrs", "") == world.emsp.bodies("POST", "cdrs")


def test_nothing_is_sent_before_it_is_due(world: World) -> None:
    world.start(**QUARTER)
    assert world.tick("20T08:00")["next"] == "2026-11-20T08:00:01Z"
    assert world.emsp.kinds() == []
    assert world.tick("20T08:01")["next"] == "2026-11-20T08:05:05Z"
    assert world.emsp.kinds() == CLEAN[:2]


def test_a_recorded_session_is_exact_and_nothing_happens_in_between(world: World) -> None:
    start = "2022-08-11T21:33:00Z"
    told = run(world, start=start, energy_kwh="9.632", duration_s=240, quiet=True)
    assert told == ["POST commands", "PUT sessions", "PATCH sessions", "POST cdrs"]
    cdr = world.emsp.bodies("POST", "cdrs")[0]
    assert (cdr["start_date_time"], cdr["end_date_time"]) == (start, "2022-08-11T21:37:00Z")
    assert (cdr["total_energy"], len(cdr["charging_periods"])) == (9.632, 1)


def test_after_the_energy_is_in_the_car_parks(world: World) -> None:
    run(world, energy_kwh=10, power_kw=60, duration_s=1200)
    cdr = world.emsp.bodies("POST", "cdrs")[0]
    assert cdr["total_parking_time"] == 0.1666
    assert [d["type"] for p in cdr["charging_periods"] for d in p["dimensions"]] == [
        "ENERGY",
        "TIME",
        "PARKING_TIME",
    ]


def test_a_stop_ends_the_session_at_once(world: World) -> None:
    world.start(ends="stop", power_kw=60)
    world.tick("20T08:07")
    name = world.emsp.bodies("PUT", "sessions")[0]["id"]
    stop = {"response_url": f"{EMSP}/commands/STOP_SESSION/ses_1/n", "session_id": name}
    assert world.command("STOP_SESSION", stop)["data"]["result"] == "ACCEPTED"
    world.tick("20T08:10")
    cdr = world.emsp.bodies("POST", "cdrs")[0]
    assert cdr["end_date_time"] == "2026-11-20T08:07:02Z"
    assert cdr["total_energy"] == 6.95
    assert world.command("STOP_SESSION", stop)["data"]["result"] == "REJECTED"
    unknown = {**stop, "session_id": "nobody"}
    assert world.command("STOP_SESSION", unknown)["data"]["result"] == "UNKNOWN_SESSION"


@pytest.mark.parametrize(
    ("fault", "told"),
    [
        ("start_refused", ["POST commands"]),
        ("start_timed_out", ["POST commands"]),
        ("start_timed_out_then_started", CLEAN),
        ("start_result_lost", CLEAN[1:]),
        ("start_without_session", ["POST commands"]),
        ("stuck_pending", CLEAN[:2]),
        ("stuck_active", CLEAN[:4]),
        ("lost", [*CLEAN[:2], *CLEAN[3:]]),
        ("completed_lost", [*CLEAN[:4], CLEAN[-1]]),
        ("session_lost", [CLEAN[0], CLEAN[-1]]),
        ("repeated", [kind for kind in CLEAN for _ in range(2)]),
        ("late", ["POST commands", "POST cdrs", *CLEAN[1:5]]),
        ("reordered", [*CLEAN[:4], "POST cdrs", "PATCH sessions"]),
        ("cdr_not_pushed", CLEAN[:-1]),
        ("cdr_withheld", CLEAN[:-1]),
        ("cdr_overcharged", CLEAN),
    ],
)
def test_each_fault_changes_what_is_sent(world: World, fault: str, told: list[str]) -> None:
    assert run(world, fault) == told


def test_a_refused_start_says_so_in_its_result(world: World) -> None:
    run(world, "start_refused")
    assert world.emsp.bodies("POST", "commands") == [{"result": "REJECTED"}]
    assert pulled(world, "sessions") == []


def test_a_rejected_start_says_so_at_once(world: World) -> None:
    assert world.start(fault="start_rejected")["result"] == "REJECTED"


def test_a_start_whose_answer_is_lost_starts_nevertheless(world: World) -> None:
    world.sim("POST", "plan", {"evse_uid": "L1-1", "fault": "start_answer_lost", **QUARTER})
    answer = world.ocpi("POST", "/commands/START_SESSION", start_command("ses_1"))
    assert answer.status_code == 500
    world.tick("20T12:00")
    assert world.emsp.kinds() == CLEAN


def test_timed_out_means_timed_out_even_if_it_starts_later(world: World) -> None:
    run(world, "start_timed_out_then_started")
    assert world.emsp.bodies("POST", "commands") == [{"result": "TIMEOUT"}]
    assert world.emsp.bodies("PUT", "sessions")[0]["start_date_time"] == "2026-11-20T08:02:00Z"


def test_reordered_messages_arrive_second_first(world: World) -> None:
    run(world, "reordered")
    told = [body["last_updated"][11:16] for body in world.emsp.bodies("PATCH", "sessions")]
    assert told == ["08:10", "08:05", "08:15"]
    assert world.emsp.kinds()[-2:] == ["POST cdrs", "PATCH sessions"]


def test_a_patch_of_what_the_emsp_lacks_is_mended_by_get_and_put(world: World) -> None:
    told = run(world, "put_lost")
    assert told[1:4] == ["PATCH sessions", "GET sessions", "PUT sessions"]
    assert len(world.emsp.bodies("PUT", "sessions")[0]["charging_periods"]) == 1


def test_a_broken_emsp_gets_nothing_again_but_can_pull(world: World) -> None:
    world.emsp.broken = "/cdrs"
    run(world)
    world.emsp.broken = ""
    world.tick("20T20:00")
    assert len(world.emsp.bodies("POST", "cdrs")) == 1
    assert len(pulled(world, "cdrs", "")) == 1


@pytest.mark.parametrize(
    ("fault", "pullable", "cost"),
    [
        ("cdr_not_pushed", 1, 4.9),
        ("cdr_withheld", 0, None),
        ("cdr_late", 1, 4.9),
        ("cdr_overcharged", 1, 5.88),
        ("cdr_undercharged", 1, 3.92),
        ("cdr_other_tariff", 1, 5.88),
        ("stuck_pending", 0, None),
        ("stuck_active", 0, None),
    ],
)
def test_what_a_pull_of_cdrs_finds(
    world: World, fault: str, pullable: int, cost: float | None
) -> None:
    run(world, fault)
    found = pulled(world, "cdrs", "")
    assert len(found) == pullable
    if found:
        assert found[0]["total_cost"]["excl_vat"] == cost
        component = found[0]["tariffs"][0]["elements"][0]["price_components"][0]
        assert component["price"] == (0.588 if fault == "cdr_other_tariff" else 0.49)


def test_a_stuck_session_keeps_its_state_in_a_pull(world: World) -> None:
    run(world, "stuck_active")
    run(world, "stuck_pending", "20T16:00", authorization_reference="ses_1")
    assert sorted(s["status"] for s in pulled(world, "sessions")) == ["ACTIVE", "PENDING"]


def test_an_occupied_charger_says_so(world: World) -> None:
    world.start("ses_1", **QUARTER)
    world.tick("20T08:05")
    world.start("ses_2")
    world.tick("20T08:06")
    assert world.emsp.bodies("POST", "commands")[-1] == {"result": "EVSE_OCCUPIED"}
    statuses = [evse["status"] for evse in pulled(world, "locations", "")[0]["evses"]]
    assert statuses == ["CHARGING", "AVAILABLE"]


def test_lists_come_in_pages_that_keep_their_filter(world: World) -> None:
    first = world.ocpi("GET", "/locations?date_from=2026-01-01T00:00:00Z")
    assert (first.headers["X-Total-Count"], first.headers["X-Limit"]) == ("3", "2")
    link = first.headers["Link"]
    assert link.endswith('rel="next"')
    url = link.partition(">")[0].removeprefix("<")
    assert "date_from" in url
    headers = {"Authorization": first.request.headers["Authorization"]}
    second = world.request("GET", url, headers=headers)
    assert [item["id"] for item in second.json()["data"]] == ["L3"]
    assert "Link" not in second.headers
    assert pulled(world, "locations", "date_to=2026-11-20T08:00:00Z") == []


def test_sessions_cannot_be_pulled_without_a_date(world: World) -> None:
    answer = world.ocpi("GET", "/sessions")
    assert (answer.status_code, answer.json()["status_code"]) == (200, 2001)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"location_id": "nowhere"}, 2003),
        ({"evse_uid": "L1-9"}, 2001),
        ({"connector_id": None}, 2001),
        ({"token": {}}, 2001),
        ({"response_url": ""}, 2001),
        ({"authorization_reference": "x" * 37}, 2001),
    ],
)
def test_a_start_that_makes_no_sense_is_refused(
    world: World, change: dict[str, Any], status: int
) -> None:
    answer = world.command("START_SESSION", {**start_command("ses_1"), **change})
    assert answer["status_code"] == status
    assert world.sim("GET", "state")["sessions"] == []


@pytest.mark.parametrize(
    "plan",
    [{"fault": "haunted"}, {"energy_kwh": -1}, {"duration_s": 0}, {"ends": "never"}, {"start": 1}],
)
def test_a_plan_that_makes_no_sense_is_refused_by_name(world: World, plan: object) -> None:
    answer = world.request("POST", "/sim/plan", json=plan)
    assert answer.status_code == 422
    assert "error" in answer.json()


def test_a_restart_in_the_middle_goes_on_where_it_was(tmp_path: Path) -> None:
    world = World(tmp_path / "state.jsonl").register()
    world.sim("POST", "plan", {"evse_uid": "L2-1", "fault": "start_refused"})
    world.start(**QUARTER)
    world.tick("20T08:11")
    with (tmp_path / "state.jsonl").open("ab") as journal:
        journal.write(b'["visit", {"cut short by a ki')
    world.restart()
    assert world.tick("20T08:11")["sent"] == []
    world.start("ses_2", "L2-1")
    world.tick("20T12:00")
    assert world.emsp.bodies("POST", "commands")[-1] == {"result": "REJECTED"}
    assert [kind for kind in world.emsp.kinds() if kind != "POST commands"] == CLEAN[1:]
    world.close()


def test_sessions_sent_in_parallel_keep_each_ones_order(world: World) -> None:
    for number in range(6):
        start = "2026-11-20T08:00:00Z"
        world.start(f"ses_{number}", start=start, **QUARTER)
    world.tick("20T12:00", parallel=4)
    for number in range(1, 7):
        name = f"ALF-S{number:06d}"
        told = [m for m, path, _ in world.emsp.received if path.endswith(name)]
        assert told == ["PUT", "PATCH", "PATCH", "PATCH"]
    assert len(world.emsp.bodies("POST", "cdrs")) == 6
