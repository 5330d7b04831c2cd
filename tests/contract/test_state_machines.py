"""Does the interpreter of the simulation run our state machines as Step Functions does?

The functions behind our two definitions are replaced by one that answers by a script and writes
down who asked. Each story is played by the interpreter and by the local AWS. What neither tells:
task timeouts (the local AWS does not scale them) and errors by class (everything is States.ALL).
"""

import io
import json
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from sandbox.aws.local import LocalAws
from sandbox.memory.machine import definition
from sandbox.memory.states import Execution, Failed

_FUNCTION = '''
import json

def handler(event, _context=None):
    """Answer by the script that lies beside the log of who asked."""
    place = {folder!r} + "/" + event["window"]
    with open(place + ".log", "a") as log:
        log.write(json.dumps(event, sort_keys=True) + "\\n")
    names = ("step", "page", "payout")
    who = " ".join(event[name] for name in names if name in event)
    with open(place + ".log") as log:
        asked = [json.loads(line) for line in log]
    times = sum(" ".join(e[name] for name in names if name in e) == who for e in asked)
    with open(place + ".json") as script:
        answers = json.load(script)
    own = answers.get(who) or answers[event["step"]]
    answer = own[min(times, len(own)) - 1]
    if answer == "dies":
        raise RuntimeError("the function died")
    said = answer if type(answer) is dict else {{"outcome": answer}}
    return {{"reason": "", "wait_s": 60, **said}}
'''
_ALL_GOES_WELL: dict[str, list[Any]] = {
    "freeze": ["frozen"],
    "pull_missing": ["pulled"],
    "reconcile": ["reconciled"],
    "net": [{"outcome": "netted", "pages": ["p1"]}],
    "list": [{"outcome": "listed", "payouts": ["a", "b"]}],
    "screen": ["clear"],
    "convert": ["converted"],
    "document": ["documented"],
    "fund": ["funded"],
    "pay": ["accepted"],
    "confirm": ["confirmed"],
    "hold": ["held"],
    "prove": ["proved"],
    "close": ["closed"],
}
_HOLD = {"outcome": "hold", "reason": "not_verified"}
STORIES: dict[str, dict[str, list[Any]]] = {
    "all goes well": {},
    "it waits": {
        "freeze": ["wait", "wait", "frozen"],
        "pull_missing": ["wait", "pulled"],
        "fund": ["wait", "funded"],
        "pay": ["wait", "accepted"],
        "prove": ["wait", "wait", "proved"],
    },
    "there is more to read": {
        "freeze": ["more", "frozen"],
        "pull_missing": ["more", "more", "pulled"],
        "reconcile": ["more", "more", "reconciled"],
        "prove": ["more", "proved"],
        "document a": ["more", "more", "documented"],
    },
    "superseded at once": {"freeze": ["superseded"]},
    "superseded while it pulls": {"pull_missing": ["superseded"]},
    "superseded at the end": {"close": ["superseded"]},
    "a page is superseded": {"list": ["superseded"]},
    "nobody is paid": {"net": [{"outcome": "netted", "pages": []}]},
    "two pages": {
        "net": [{"outcome": "netted", "pages": ["p1", "p2"]}],
        "list p2": [{"outcome": "listed", "payouts": ["c", "d"]}],
    },
    "one is held": {"screen a": [_HOLD], "fund b": [_HOLD]},
    "a conversion is held": {"convert b": [_HOLD]},
    "nothing is due": {"screen a": ["nothing"], "convert b": ["nothing"], "document": ["nothing"]},
    "a payout goes on by itself": {"pay": ["approval"], "fund b": ["gone"]},
    "a function dies twice": {"freeze": ["dies", "dies", "frozen"], "pay a": ["dies", "accepted"]},
    "a function dies for ever": {"net": ["dies"]},
    "one counterparty's dies for ever": {"screen a": ["dies"], "hold": ["dies"], "fund b": [_HOLD]},
    "one counterparty's steps die": {"convert a": ["dies"], "document b": ["dies"]},
    "its payout dies": {"pay a": ["dies"], "confirm b": ["dies"], "fund c": ["dies"]},
    "a page dies": {"list": ["dies"]},
    "one is unresolved": {"prove": ["unresolved"]},
}


@dataclass(frozen=True)
class Ran:
    """`calls`: what each asked for, in its order; pages and counterparties go side by side."""

    status: str
    output: Any
    error: str
    calls: Mapping[str, tuple[str, ...]]


def _window(where: str, story: str) -> str:
    return f"{where}-{story}".replace(" ", "-").replace("'", "")


def _script(folder: Path, window: str, story: str) -> None:
    (folder / f"{window}.json").write_text(json.dumps({**_ALL_GOES_WELL, **STORIES[story]}))


def _calls(folder: Path, window: str) -> dict[str, tuple[str, ...]]:
    asked: dict[str, tuple[str, ...]] = {}
    for line in (folder / f"{window}.log").read_text().splitlines():
        event = json.loads(line)
        who = " ".join(event.get(name, "") for name in ("page", "payout"))
        said = json.dumps({name: event[name] for name in sorted(event) if name != "window"})
        asked[who] = (*asked.get(who, ()), said)
    return asked


def _in_memory(folder: Path, story: str) -> tuple[Ran, list[int], set[str]]:
    ended: tuple[str, Any, str]
    window = _window("memory", story)
    _script(folder, window, story)
    made: dict[str, Any] = {}
    exec(_FUNCTION.format(folder=str(folder)), made)  # noqa: S102 - the text above
    execution = Execution(
        lambda given: made["handler"](given["Payload"]),
        {"${CounterpartyMachine}": definition("counterparty")},
    )
    data = {"window": window, "attempt": 1}
    seconds, steps = list[int](), execution.run(definition("settlement"), data)
    try:
        while True:
            seconds.append(next(steps))
    except StopIteration as end:
        ended = ("SUCCEEDED", {**end.value, "window": ""}, "")
    except Failed as failed:
        ended = ("FAILED", None, failed.error)
    status, output, error = ended
    return Ran(status, output, error, _calls(folder, window)), seconds, execution.entered


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scripts")


@pytest.fixture(scope="module")
def machine(folder: Path, local_aws: LocalAws) -> str:
    """Both definitions on the local AWS, with the scripted function; the parent's ARN."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("scripted.py", _FUNCTION.format(folder=str(folder)))
    role = "arn:aws:iam::000000000000:role/scripted"
    function = local_aws.client("lambda").create_function(
        FunctionName="scripted",
        Runtime="python3.11",
        Handler="scripted.handler",
        Role=role,
        Code={"ZipFile": packed.getvalue()},
        Timeout=30,
    )["FunctionArn"]
    names = dict.fromkeys(("${SettleWindow}", "${SettleCounterparty}"), function)
    for name in ("counterparty", "settlement"):
        text = json.dumps(definition(name))
        for placeholder, arn in names.items():
            text = text.replace(f'"{placeholder}"', f'"{arn}"')
        made = local_aws.client("stepfunctions").create_state_machine(
            name=f"scripted-{name}", definition=text, roleArn=role
        )
        names[name] = names["${CounterpartyMachine}"] = str(made["stateMachineArn"])
    return str(names["settlement"])


@pytest.fixture(scope="module")
def on_aws(local_aws: LocalAws, machine: str, folder: Path) -> Callable[[str], Ran]:
    """All stories are begun at once; each test waits for its own."""
    client, begun = local_aws.client("stepfunctions"), dict[str, str]()
    for story in STORIES:
        window = _window("aws", story)
        _script(folder, window, story)
        data = json.dumps({"window": window, "attempt": 1})
        started = client.start_execution(stateMachineArn=machine, name=window, input=data)
        begun[story] = started["executionArn"]

    def ended(story: str) -> Ran:
        end = time.monotonic() + 60
        while (now := client.describe_execution(executionArn=begun[story]))["status"] == "RUNNING":
            assert time.monotonic() < end, f"{story} does not end"
            time.sleep(0.05)
        done = now["status"] == "SUCCEEDED"
        output = {**json.loads(now["output"]), "window": ""} if done else None
        calls = _calls(folder, _window("aws", story))
        return Ran(now["status"], output, now.get("error", ""), calls)

    return ended


@pytest.mark.aws
@pytest.mark.parametrize("story", STORIES)
def test_step_functions_and_the_interpreter_do_the_same(
    story: str, folder: Path, on_aws: Callable[[str], Ran]
) -> None:
    ours, _, _ = _in_memory(folder, story)
    theirs = on_aws(story)
    assert theirs.status == ours.status
    assert theirs.output == ours.output
    assert theirs.calls == ours.calls
    if "die" not in story:
        assert theirs.error == ours.error


def test_the_stories_enter_every_state_of_both_definitions(tmp_path: Path) -> None:
    entered = set[str]().union(*(_in_memory(tmp_path, story)[2] for story in STORIES))
    assert entered == {*_names(definition("settlement")), *_names(definition("counterparty"))}


def _names(machine: Mapping[str, Any]) -> set[str]:
    inner = [state["Iterator"] for state in machine["States"].values() if "Iterator" in state]
    return set(machine["States"]).union(*map(_names, inner))


def test_a_retry_waits_longer_each_time_and_a_wait_as_long_as_it_is_told(tmp_path: Path) -> None:
    dies, seconds, _ = _in_memory(tmp_path, "a function dies for ever")
    assert (dies.status, [each for each in seconds if each]) == ("FAILED", [2, 4, 8, 16])
    waits, seconds, _ = _in_memory(tmp_path, "it waits")
    assert (waits.status, Counter(seconds)[60]) == ("SUCCEEDED", 5)
