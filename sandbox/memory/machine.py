"""The settlement machine in process: runs infra/*.asl.json on the use cases, step by step.

Only what our two definitions use: Task (our functions and child executions, with Retry and Catch),
Choice, Wait (not waited), Map (one after another), Pass, Succeed and Fail.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from chalicelib.ports.bundle import Ports
from chalicelib.usecases.counterparty.steps import counterparty_step
from chalicelib.usecases.window.steps import window_step

_INFRA = Path(__file__).parents[2] / "infra"
_WAITS_MAX = 200  # a loop that never ends is a bug of the definition


class Killed(BaseException):
    """The process that ran the execution is gone. No Catch of the definition sees it."""


class Failed(Exception):
    """A state of type Fail, or a task whose retries are used up."""


class MemoryMachine:
    """`around` is called with each task's payload and its call: it may call, repeat or kill."""

    def __init__(
        self,
        ports: Ports,
        around: Callable[[Mapping[str, Any], Callable[[], Any]], Any] | None = None,
    ) -> None:
        self._ports = ports
        self._around = around or (lambda _payload, call: call())
        self._waits = 0
        self.status: dict[str, str] = {}
        self.tasks: list[str] = []

    def start(self, name: str, payload: Mapping[str, Any]) -> bool:
        """Run to the end at once. A killed execution counts as failed, as in Step Functions."""
        if name in self.status:
            return False
        self.status[name] = "RUNNING"
        self._waits = 0
        try:
            self._run(_definition("settlement"), dict(payload))
            self.status[name] = "SUCCEEDED"
        except (Killed, Failed):
            self.status[name] = "FAILED"
        return True

    def running(self, name: str) -> bool:
        return self.status.get(name) == "RUNNING"

    def _run(self, machine: Mapping[str, Any], data: Any) -> Any:  # noqa: ANN401 - JSON
        name = str(machine["StartAt"])
        while True:
            state = machine["States"][name]
            kind = state["Type"]
            if kind == "Succeed":
                return data
            if kind == "Fail":
                raise Failed(state["Error"])
            following, data = self._state(kind, state, data)
            if following is None:
                return data
            name = following

    def _state(self, kind: str, state: Mapping[str, Any], data: Any) -> tuple[str | None, Any]:  # noqa: ANN401
        if kind == "Choice":
            return _chosen(state, data), data
        if kind == "Wait":
            self._waits += 1
            assert self._waits <= _WAITS_MAX, "the machine waits for ever"
        if kind == "Task":
            return self._task(state, data)
        if kind == "Map":
            for item in _path(state["ItemsPath"], data):
                self._run(state["Iterator"], _filled(state["Parameters"], data, item))
        return state.get("Next"), data

    def _task(self, state: Mapping[str, Any], data: Any) -> tuple[str | None, Any]:  # noqa: ANN401
        try:
            result = self._tried(state, _filled(state["Parameters"], data))
        except Exception:  # noqa: BLE001 - States.ALL means all
            if "Catch" not in state:
                raise Failed(state["Resource"]) from None
            return str(state["Catch"][0]["Next"]), data
        if state.get("ResultPath") is not None:
            selected = _filled(state["ResultSelector"], {"Payload": result})
            data = {**data, str(state["ResultPath"]).removeprefix("$."): selected}
        return state.get("Next"), data

    def _tried(self, state: Mapping[str, Any], given: Mapping[str, Any]) -> Any:  # noqa: ANN401
        if "startExecution" in state["Resource"]:
            return self._run(_definition("counterparty"), dict(given["Input"]))
        step = window_step if "SettleWindow" in given["FunctionName"] else counterparty_step
        payload = given["Payload"]
        tries = 1 + sum(rule["MaxAttempts"] for rule in state.get("Retry", ()))
        for left in reversed(range(tries)):
            self.tasks.append(payload["step"])
            try:
                result = self._around(payload, lambda: step(self._ports, payload))
            except Exception:
                if not left:
                    raise
                continue
            return {"reason": "", "wait_s": 0, **result}
        raise AssertionError("the last try returns or raises")


def _definition(name: str) -> Mapping[str, Any]:
    definition: dict[str, Any] = json.loads((_INFRA / f"{name}.asl.json").read_text())
    return definition


def _chosen(state: Mapping[str, Any], data: Any) -> str:  # noqa: ANN401
    for choice in state["Choices"]:
        if _path(choice["Variable"], data) == choice["StringEquals"]:
            return str(choice["Next"])
    return str(state["Default"])


def _filled(template: Any, data: Any, item: Any = None) -> Any:  # noqa: ANN401
    """A template with its `name.$` members filled from the state's data."""
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): _path(value, data, item)
        if name.endswith(".$")
        else _filled(value, data, item)
        for name, value in template.items()
    }


def _path(path: str, data: Any, item: Any = None) -> Any:  # noqa: ANN401
    if path == "$$.Map.Item.Value":
        return item
    if path.startswith("$$."):
        return path
    for name in path.removeprefix("$.").split("."):
        data = data[name]
    return data
