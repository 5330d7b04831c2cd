"""What does Amazon's States Language mean, as far as our two definitions use it?

Task (a function or a child execution, with Retry and Catch), Choice by StringEquals, Wait (told to
who drives, not waited), Map (one after another), Pass, Succeed and Fail; paths are JSONPath without
filters. The same stories are played by this and by the local AWS (tests/contract).
"""

from collections.abc import Callable, Generator, Mapping
from typing import Any

_WAITS_MAX = 200  # a loop that never ends is a bug of the definition
Invoke = Callable[[Mapping[str, Any]], Mapping[str, Any]]


class Failed(Exception):
    """A state of type Fail, or a task whose retries are used up. `error` is its name."""

    def __init__(self, error: str) -> None:
        super().__init__(error)
        self.error = error


class Execution:
    """`run` yields the seconds before each task (0), retry or wait, and returns the output.

    `invoke` runs a function on a task's Parameters, `children` are definitions by their ARN.
    `entered` names the states that were reached.
    """

    def __init__(self, invoke: Invoke, children: Mapping[str, Mapping[str, Any]]) -> None:
        self._invoke, self._children = invoke, children
        self._waits = 0
        self.entered: set[str] = set()

    def run(self, machine: Mapping[str, Any], data: Any) -> Generator[int, None, Any]:  # noqa: ANN401 - JSON
        name: str | None = str(machine["StartAt"])
        while name is not None:
            self.entered.add(name)
            state = machine["States"][name]
            match state["Type"]:
                case "Succeed":
                    return path(state.get("OutputPath", "$"), data)
                case "Fail":
                    raise Failed(state["Error"])
                case "Choice":
                    name = _chosen(state, data)
                    continue
                case "Wait":
                    yield self._wait(state, data)
                case "Task":
                    name, data = yield from self._task(state, data)
                    continue
                case "Pass":
                    pass
                case "Map":
                    for item in path(state["ItemsPath"], data):
                        given = _filled(state["Parameters"], data, item)
                        yield from self.run(state["Iterator"], given)
                case kind:
                    raise AssertionError(f"no {kind} state is known here")
            name = state.get("Next")
        return data

    def _wait(self, state: Mapping[str, Any], data: Any) -> int:  # noqa: ANN401
        self._waits += 1
        assert self._waits <= _WAITS_MAX, "the machine waits for ever"
        return int(path(state["SecondsPath"], data))

    def _task(self, state: Mapping[str, Any], data: Any) -> Generator[int, None, tuple[Any, Any]]:  # noqa: ANN401
        try:
            given = _filled(state["Parameters"], data)
            if "startExecution" in state["Resource"]:
                result = yield from self.run(
                    self._children[given["StateMachineArn"]], given["Input"]
                )
            else:
                result = {"Payload": (yield from self._tried(state, given))}
        except Exception as error:  # noqa: BLE001 - States.ALL means all
            if "Catch" not in state:
                raise Failed(type(error).__name__) from None
            (rule,) = state["Catch"]
            told = {"Error": type(error).__name__, "Cause": str(error)}
            return rule["Next"], _placed(rule["ResultPath"], data, told)
        selected = _filled(state.get("ResultSelector", result), result)
        return state.get("Next"), _placed(state["ResultPath"], data, selected)

    def _tried(
        self, state: Mapping[str, Any], given: Mapping[str, Any]
    ) -> Generator[int, None, Any]:
        pauses = [pause for rule in state.get("Retry", ()) for pause in _pauses(rule)]
        yield 0
        while True:
            try:
                return self._invoke(given)
            except Exception:
                if not pauses:
                    raise
                yield pauses.pop(0)


def path(where: str, data: Any, item: Any = None) -> Any:  # noqa: ANN401
    if where == "$$.Map.Item.Value":
        return item
    if where.startswith("$$."):
        return where
    for name in where.split(".")[1:]:
        data = data[name]
    return data


def _pauses(rule: Mapping[str, Any]) -> list[int]:
    """The seconds before each retry."""
    return [
        int(rule["IntervalSeconds"] * rule["BackoffRate"] ** number)
        for number in range(rule["MaxAttempts"])
    ]


def _chosen(state: Mapping[str, Any], data: Any) -> str:  # noqa: ANN401
    for choice in state["Choices"]:
        if path(choice["Variable"], data) == choice["StringEquals"]:
            return str(choice["Next"])
    return str(state["Default"])


def _placed(where: str | None, data: Any, result: Any) -> Any:  # noqa: ANN401
    """The state's input with a result at `$.name`; null leaves it as it is."""
    return data if where is None else {**data, where.removeprefix("$."): result}


def _filled(template: Any, data: Any, item: Any = None) -> Any:  # noqa: ANN401
    """A template with its `name.$` members filled from the state's data."""
    if not isinstance(template, dict):
        return template
    return {
        name.removesuffix(".$"): path(value, data, item)
        if name.endswith(".$")
        else _filled(value, data, item)
        for name, value in template.items()
    }
