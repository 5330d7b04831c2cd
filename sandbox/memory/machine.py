"""The settlement machine in process: runs infra/*.asl.json on the use cases, step by step."""

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from chalicelib.ports.bundle import Ports
from chalicelib.usecases.counterparty.steps import counterparty_step
from chalicelib.usecases.window.steps import window_step
from sandbox.memory.states import Execution, Failed

_INFRA = Path(__file__).parents[2] / "infra"


class Killed(BaseException):
    """The process that ran the execution is gone. No Catch of the definition sees it."""


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
        children = {"${CounterpartyMachine}": definition("counterparty")}
        try:
            yield from Execution(self._invoke, children).run(definition("settlement"), data)
            self.status[name] = "SUCCEEDED"
        except (Killed, Failed):
            self.status[name] = "FAILED"

    def _invoke(self, given: Mapping[str, Any]) -> Mapping[str, Any]:
        step = window_step if "SettleWindow" in given["FunctionName"] else counterparty_step
        payload = given["Payload"]
        self.tasks.append(payload["step"])
        result = self._around(payload, lambda: step(self._ports, payload))
        return {"reason": "", "wait_s": self._wait_s, **result}


@cache
def definition(name: str) -> Mapping[str, Any]:
    """Of one of our state machines, as it is deployed but for the names of its functions."""
    read: dict[str, Any] = json.loads((_INFRA / f"{name}.asl.json").read_text())
    return read
