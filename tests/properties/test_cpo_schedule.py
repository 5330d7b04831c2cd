"""Does the simulated CPO tell one story, whatever the plan, the stop and the faults?"""

from decimal import Decimal
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from sandbox.peers.cpo import objects, visit
from sandbox.peers.cpo.plan import Fault, Plan
from sandbox.peers.cpo.schedule import Kind, Message, cdr_made_at, schedule, updates
from sandbox.peers.cpo.visit import Stop, Visit

_NOW = 1_795_000_000
_TARIFF: dict[str, Any] = {
    "id": "T",
    "currency": "EUR",
    "elements": [
        {
            "price_components": [{"type": "ENERGY", "price": Decimal("0.31"), "vat": 19}],
            "restrictions": {"start_time": "07:30", "end_time": "19:00", "max_kwh": 12},
        },
        {"price_components": [{"type": "ENERGY", "price": Decimal("0.49"), "vat": 19}]},
        {"price_components": [{"type": "PARKING_TIME", "price": 6, "vat": 19, "step_size": 60}]},
    ],
}

plans = st.builds(
    Plan,
    faults=st.frozensets(st.sampled_from(list(Fault)), max_size=2),
    energy_wh=st.integers(0, 80_000),
    duration_s=st.integers(1, 30_000),
    power_w=st.none() | st.integers(3_000, 300_000),
    quiet=st.booleans(),
    until_stopped=st.booleans(),
)


def began(plan: Plan) -> Visit:
    place = {"country_code": "DE", "party_id": "ALF", "id": "L", "evse_uid": "E"}
    return visit.begin(
        1,
        plan,
        22_000,
        5,
        commanded_at=_NOW,
        response_url="http://emsp/r",
        authorization_reference="ses_1",
        token={},
        place={**place, "connector_id": "1"},
        time_zone="Europe/Berlin",
        tariff=_TARIFF,
    )


def volume(periods: list[Any], kind: str) -> Decimal:
    told = (d for period in periods for d in period["dimensions"] if d["type"] == kind)
    return sum((d["volume"] for d in told), Decimal(0))


@given(plans)
def test_parts_add_up_to_the_whole(plan: Plan) -> None:
    told = began(plan)
    if cdr_made_at(told) is None:
        return
    cdr = objects.cdr(told)
    session = objects.session(told, told.charge.end)
    assert session is not None
    for periods in (session["charging_periods"], cdr["charging_periods"]):
        assert volume(periods, "ENERGY") == session["kwh"] == cdr["total_energy"]
        assert volume(periods, "PARKING_TIME") == cdr["total_parking_time"]
        times = volume(periods, "TIME") + volume(periods, "PARKING_TIME")
        assert times == cdr["total_time"]
    if not told.has(Fault.CDR_OVERCHARGED, Fault.CDR_UNDERCHARGED, Fault.CDR_OTHER_TARIFF):
        assert session["total_cost"] == cdr["total_cost"]


@given(plans)
def test_the_meter_never_runs_back(plan: Plan) -> None:
    readings = [told["kwh"] for told in map(_session, *_instants(began(plan)))]
    assert readings == sorted(readings)


def _instants(told: Visit) -> tuple[list[Visit], list[int]]:
    instants = [update.as_of for update in updates(told)]
    return [told] * len(instants), instants


def _session(told: Visit, at: int) -> dict[str, Any]:
    found = objects.session(told, at)
    assert found is not None
    return found


@given(plans, st.integers(6, 30_000))
def test_a_stop_changes_nothing_that_was_sent(plan: Plan, after_s: int) -> None:
    before = began(plan)
    at = _NOW + after_s
    if not before.charge.start <= at < before.charge.end:
        return
    after = before.stopped(Stop(at, "http://emsp/s"), 2)
    sent = [message for message in schedule(before) if message.at <= at]
    assert schedule(after)[: len(sent)] == sent
    for message in sent:
        if message.kind in {Kind.PATCH, Kind.COMPLETED}:
            assert objects.patch(before, message) == objects.patch(after, message)


@given(plans)
def test_a_visit_survives_its_journal(plan: Plan) -> None:
    told = began(plan)
    assert visit.from_json(visit.to_json(told)) == told


@given(plans)
def test_no_message_precedes_the_command_and_none_is_told_after_the_end(plan: Plan) -> None:
    told = began(plan)
    messages: list[Message] = schedule(told)
    assert all(message.at > _NOW for message in messages)
    assert [m.at for m in messages] == sorted(m.at for m in messages)
    assert all(m.as_of <= told.charge.end for m in updates(told))
