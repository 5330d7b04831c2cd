"""Does skipping the idle schedules change a history? Both ways end with the same records."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

import pytest

from sandbox.simulation.faults import NoFaults
from sandbox.simulation.history import History
from sandbox.simulation.play import scenario_named
from sandbox.simulation.runner import quiet_process
from sandbox.simulation.schedules import Schedules

_OF_THE_SWEEPER = ("sweeper", "canary", "due#", "payouts-uncredited")
_GRID = timedelta(minutes=5)


def _every_five_minutes(schedules: Schedules) -> datetime | None:
    """The next schedule, whether there is something to do or not, until all is explained."""
    if schedules._history.explained():
        return None
    floor = schedules._last - timedelta(
        minutes=schedules._last.minute % 5, seconds=schedules._last.second
    )
    return floor + _GRID


def _ended(name: str) -> tuple[dict[str, Any], dict[str, bytes]]:
    history = History(scenario_named(name), NoFaults(), Random(0))
    history.run()
    records = {
        key: body
        for key, body in history.table.dump().items()
        if not key.startswith(_OF_THE_SWEEPER)
    }
    return records, history.ports.files.content


@pytest.mark.parametrize("name", ["card", "CDR is pulled", "charger is mute"])
def test_a_quiet_day_is_the_same_with_every_schedule_and_with_those_that_matter(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with quiet_process():
        skipped = _ended(name)
        monkeypatch.setattr(Schedules, "_next", _every_five_minutes)
        monkeypatch.setattr(Schedules, "_has_work", _all_but_the_pull)
        monkeypatch.setattr(Schedules, "plan", _always)
        whole = _ended(name)
    assert _sessions(whole[0]) == _sessions(skipped[0])
    assert _entries(whole[0]) == _entries(skipped[0])


def _all_but_the_pull(_schedules: Schedules, name: str) -> bool:
    """The hourly pull would find a CDR before its session asks for it: another history."""
    return name != "pull_networks"


_plan = Schedules.plan


def _always(schedules: Schedules) -> None:
    schedules._changed = True
    _plan(schedules)


def _sessions(records: dict[str, Any]) -> dict[str, Any]:
    return {name: body for name, body in records.items() if name.startswith("session#")}


def _entries(records: dict[str, Any]) -> dict[str, Any]:
    return {name: body for name, body in records.items() if name.startswith("entry#")}
