"""The settlement machine in process: runs infra/*.asl.json on the use cases, step by step.

Only what our two definitions use: Task (our functions and child executions, with Retry and Catch),
Choice, Wait (told to who drives, not waited), Map (one after another), Pass, Succeed and Fail.
"""

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping
from functools import cache
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
        wait_s: int = 0,
    ) -> None:
        self._ports, self._wait_s = ports, wait_s
        self._around = around or (lambda _payload, call: call())
        self.status: dict[str, str] = {}
        self.tasks: list[str] = []

    def start(self, name: str, payload: Mapping[str, Any]) -> bool:
        """Run to the end at once. A killed execution counts as failed, as in Step Functions."""
        execution = self.begin(name, payload)
        for _ in execution or ():
            pass
        return execution is not None

    def begin(self, name: str, payload: Mapping[str, Any]) -> Iterator[int] | None:
        """An execution to be driven: it yields the seconds before each task (0), retry or wait.

        None when one of that name was started before.
        """
        if name in self.status:
            return None
        self.status[name] = "RUNNING"
        return self._execution(name, dict(payload))

    def running(self, name: str) -> bool:
        return self.status.get(name) == "RUNNING"

    def _execution(self, name: str, data: Any) -> Iterator[int]:  # noqa: ANN401 - JSON
        waits = Counter[str]()
        try:
            yield from self._run(_definition("settlement"), data, waits)
            self.status[name] = "SUCCEEDED"
        except (Killed, Failed):
            self.status[name] = "FAILED"

    def _run(
        self,
        machine: Mapping[str, Any],
        data: Any,  # noqa: ANN401 - JSON
        waits: Counter[str],
    ) -> Generator[int, None, Any]:
        name = str(machine["StartAt"])
        while True:
            state = machine["States"][name]
            kind = state["Type"]
            if kind == "Succeed":
                return data
            if kind == "Fail":
                raise Failed(state["Error"])
            following = state.get("Next")
            if kind == "Choice":
                following = _chosen(state, data)
            elif kind == "Wait":
                waits["all"] += 1
                assert waits["all"] <= _WAITS_MAX, "the machine waits for ever"
                yield int(_path(state["SecondsPath"], data))
            elif kind == "Task":
                following, data = yield from self._task(state, data, waits)
            elif kind == "Map":
                for item in _path(state["ItemsPath"], data):
                    given = _filled(state["Parameters"], data, item)
                    yield from self._run(state["Iterator"], given, waits)
            if following is None:
                return data
            name = following

    def _task(
        self,
        state: Mapping[str, Any],
        data: Any,  # noqa: ANN401 - JSON
        waits: Counter[str],
    ) -> Generator[int, None, tuple[str | None, Any]]:
        try:
            given = _filled(state["Parameters"], data)
            if "startExecution" in state["Resource"]:
                result = yield from self._run(_definition("counterparty"), given["Input"], waits)
            else:
                result = yield from self._tried(state, given)
        except Exception:  # noqa: BLE001 - States.ALL means all
            if "Catch" not in state:
                raise Failed(state["Resource"]) from None
            return str(state["Catch"][0]["Next"]), data
        if state.get("ResultPath") is not None:
            selected = _filled(state["ResultSelector"], {"Payload": result})
            data = {**data, str(state["ResultPath"]).removeprefix("$."): selected}
        return state.get("Next"), data

    def _tried(
        self,
        state: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> Generator[int, None, Mapping[str, Any]]:
        step = window_step if "SettleWindow" in given["FunctionName"] else counterparty_step
        payload = given["Payload"]
        pauses = [pause for rule in state.get("Retry", ()) for pause in _pauses(rule)]
        yield 0
        while True:
            self.tasks.append(payload["step"])
            try:
                result = self._around(payload, lambda: step(self._ports, payload))
            except Exception:
                if not pauses:
                    raise
                yield pauses.pop(0)
            else:
                return {"reason": "", "wait_s": self._wait_s, **result}


def _pauses(rule: Mapping[str, Any]) -> list[int]:
    """The seconds before each retry."""
    return [
        int(rule["IntervalSeconds"] * rule["BackoffRate"] ** number)
        for number in range(rule["MaxAttempts"])
    ]


@cache
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
