"""Are the state machines sound before AWS sees them? The emulator does not check."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from statelint.linter import Linter

from sandbox.aws.package import ROOT

MACHINES = sorted((ROOT / "infra").glob("*.asl.json"), key=lambda path: path.name)
each_machine = pytest.mark.parametrize("path", MACHINES, ids=lambda path: path.name)


def _read(path: Path) -> dict[str, Any]:
    machine: dict[str, Any] = json.loads(path.read_text())
    return machine


def _states(machine: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for state in machine["States"].values():
        yield state
        for inner in (state.get("Iterator"), state.get("ItemProcessor")):
            if inner:
                yield from _states(inner)
        for branch in state.get("Branches", ()):
            yield from _states(branch)


def test_there_are_two_machines() -> None:
    assert [path.name for path in MACHINES] == ["counterparty.asl.json", "settlement.asl.json"]


@each_machine
def test_statelint_finds_nothing(path: Path) -> None:
    assert Linter.validate(_read(path)) == []


@each_machine
def test_every_function_has_substitutions_for_the_names_that_a_machine_uses(
    path: Path, resources: dict[str, Any]
) -> None:
    logical_id = {"settlement": "SettlementMachine", "counterparty": "CounterpartyMachine"}
    properties = resources[logical_id[path.name.partition(".")[0]]]["Properties"]
    definition = properties["DefinitionString"]
    for name in properties["DefinitionSubstitutions"]:
        definition = definition.replace(f"${{{name}}}", "arn")
    assert "${" not in definition


@each_machine
def test_every_task_has_a_time_limit_and_is_tried_again(path: Path) -> None:
    for state in _states(_read(path)):
        if state["Type"] == "Task":
            assert state["TimeoutSeconds"] > 0
            if "startExecution" in state["Resource"]:
                continue  # its own tasks are tried again, and the next attempt resumes the page
            assert state["Retry"]


@each_machine
def test_no_machine_waits_for_a_timestamp(path: Path) -> None:
    """The emulator compares timestamps with real time: wait seconds, then ask the clock."""
    for state in _states(_read(path)):
        assert not {"Timestamp", "TimestampPath"} & set(state)


def test_a_map_is_bounded() -> None:
    for path in MACHINES:
        for state in _states(_read(path)):
            if state["Type"] == "Map":
                assert 0 < state["MaxConcurrency"] <= 8
