"""Can an execution outgrow its history? Step Functions ends one with 25,000 events.

Counted from the definitions themselves, with every task tried as often as it may be. The events of
a state are those that the service writes down: a task is entered, scheduled, started (an execution
also submitted), succeeds, or fails and is scheduled again, and is left; others entered and left.
A way through a machine is a way without loops, and each loop as often as its use case lets it.
"""

import json
from collections.abc import Iterator, Mapping
from math import ceil
from typing import Any

from chalicelib.usecases.counterparty.record import POLLS_MAX
from chalicelib.usecases.keys.of_shards import ENTRY_SHARDS
from chalicelib.usecases.statement.parts import LINES_A_PART
from chalicelib.usecases.statement.render import PARTS_A_CALL
from chalicelib.usecases.window.net import PAYEES_A_PAGE
from chalicelib.usecases.window.pull_missing import POLLS_MAX as PULLS_MAX
from chalicelib.usecases.window.sealing import ENTRIES_A_FILE, LOOK_BACK, ROWS_A_CALL
from chalicelib.usecases.window.telling import SESSIONS_A_CALL
from sandbox.aws.package import ROOT

EVENTS_MAX = 25_000
SESSIONS, PAYEES, LINES_OF_A_PAGE = 1_000_000, 8_000, 30_000_000
ENTRIES = 2 * SESSIONS
_Machine = Mapping[str, Any]
_Loops = Mapping[tuple[str, str], int]  # from which state back to which, and how often


def _definition(name: str) -> _Machine:
    read: _Machine = json.loads((ROOT / f"infra/{name}.asl.json").read_text())
    return read


def _leads_to(state: _Machine) -> Iterator[str]:
    yield from (choice["Next"] for choice in state.get("Choices", ()))
    yield from (caught["Next"] for caught in state.get("Catch", ()))
    yield from (state[name] for name in ("Next", "Default") if name in state)


def _backwards(machine: _Machine) -> set[tuple[str, str]]:
    """The steps that close loops: back to a state that is written before, or to itself."""
    order = {name: number for number, name in enumerate(machine["States"])}
    return {
        (name, to)
        for name, state in machine["States"].items()
        for to in _leads_to(state)
        if order[to] <= order[name]
    }


class _Counted:
    """The events of a machine whose Maps run over so many items."""

    def __init__(self, machine: _Machine, items: int) -> None:
        self._states, self._items = machine["States"], items
        self._start, self._back = machine["StartAt"], _backwards(machine)

    def without_loops(self) -> int:
        return self._way(self._start, "")

    def with_loops(self, loops: _Loops) -> int:
        assert set(loops) == self._back, "each loop has its bound"
        turns = (times * self._way(to, name) for (name, to), times in loops.items())
        return 2 + self.without_loops() + sum(turns)

    def _way(self, name: str, end: str) -> int:
        """The most events from a state on: up to and with another one, or to the machine's end."""
        state = self._states[name]
        if name == end:
            return self._of(state)
        ways = [self._way(to, end) for to in _leads_to(state) if (name, to) not in self._back]
        if not any(ways):
            return 0 if end else self._of(state)  # the machine's end, or a way that misses `end`
        return self._of(state) + max(ways)

    def _of(self, state: _Machine) -> int:
        match state["Type"]:
            case "Task":
                tries: int = 1 + sum(rule["MaxAttempts"] for rule in state.get("Retry", ()))
                return 2 + tries * (4 if "startExecution" in state["Resource"] else 3)
            case "Map":
                inner = _Counted(state["Iterator"], 0)
                return 4 + self._items * (2 + inner.without_loops())
            case _:
                return 2


def test_a_page_whose_hundred_payees_each_need_everything_keeps_its_history() -> None:
    """The only loop is that of long statements: so many turns are left to all payees together."""
    machine = _definition("counterparty")
    payee = machine["States"]["EachCounterparty"]["Iterator"]
    most = _Counted(machine, PAYEES_A_PAGE).with_loops({})
    turns = LINES_OF_A_PAGE // (LINES_A_PART * PARTS_A_CALL)
    most += _Counted(payee, 0).with_loops({("Documented?", "Document"): turns})
    assert most < EVENTS_MAX


def test_a_window_of_a_million_sessions_whose_payees_all_wait_keeps_its_history() -> None:
    looks = ceil(ENTRIES * (1 + LOOK_BACK) / ROWS_A_CALL)
    sealing = ceil(ENTRIES / ENTRIES_A_FILE) + 2 * looks  # Freeze's and PullMissingCdrs'
    files = ceil(ENTRIES / ENTRIES_A_FILE) + looks + 1
    loops = {
        ("Frozen?", "Freeze"): sealing - looks,
        ("WaitToFreeze", "Freeze"): 1,
        ("Pulled?", "PullMissingCdrs"): looks,
        ("WaitForCdrs", "PullMissingCdrs"): PULLS_MAX,
        ("Reconciled?", "Reconcile"): files,
        ("WaitForAnswers", "Net"): POLLS_MAX,
        ("Proved?", "Prove"): ceil(SESSIONS / SESSIONS_A_CALL) + 1 + ENTRY_SHARDS,
    }
    pages = ceil(PAYEES / PAYEES_A_PAGE)
    assert _Counted(_definition("settlement"), pages).with_loops(loops) < EVENTS_MAX


def test_with_waits_for_each_payee_a_page_would_outgrow_it() -> None:
    """What the bound is good for: a wait a payee, as often as a payout may be polled."""
    machine = _definition("counterparty")
    states = machine["States"]["EachCounterparty"]["Iterator"]["States"]
    states["Funded?"]["Choices"].append({"Next": "WaitForFunds"})
    states["WaitForFunds"] = {"Type": "Wait", "Next": "Fund"}
    waits = {("Documented?", "Document"): 0, ("WaitForFunds", "Fund"): PAYEES_A_PAGE * POLLS_MAX}
    payees = _Counted(machine["States"]["EachCounterparty"]["Iterator"], 0).with_loops(waits)
    assert payees + _Counted(machine, PAYEES_A_PAGE).with_loops({}) > EVENTS_MAX
